package records

import (
	"bytes"
	"encoding/binary"
	"io"
	"strconv"
	"unicode/utf8"

	"fondaco/schema"
)

// fixedFormat is a compiled layout of fixed width.
type fixedFormat struct {
	fixedWords
	block int // how long every record is where none has a line end
}

// fixedRecord reads the next record of fixed width.
func (r *Reader) fixedRecord() (Record, error) {
	if r.at.Offset == 0 {
		r.passMark()
	}
	next, err := r.nextFixed()
	if err != nil {
		return Record{}, err
	}
	record := Record{Offset: r.at.Offset, Number: r.at.Number + 1}
	if r.f.Separate() {
		record.Line = r.at.Line + 1
	}
	k := r.f.kindOf(next.raw)
	reason, bad := next.reason, &column{}
	var slots []schema.Value
	switch {
	case k == nil && reason == "":
		reason = "expected a record of the kind " + r.f.kindNames()
	case k != nil:
		record.Kind = k.name
		if reason == "" {
			next.raw, reason = r.sized(k, next.raw)
		}
	}
	if k != nil && reason == "" {
		slots = r.arena.Slots(k.t)
		for i, c := range k.columns {
			if slots[i+1], reason = c.fixedValue(next.raw, r.f.chars, &r.room); reason != "" {
				bad = c
				break
			}
		}
	}
	if k != nil {
		if err := r.enter(k, next.raw, slots, reason); err != nil {
			return Record{}, err
		}
	}
	r.at.Number++
	record.Raw = r.advance(next.length, next.lines)
	if reason == "" {
		record.Value = schema.Record(k.t, slots)
		return record, nil
	}
	wrong := &Bad{
		Kind: record.Kind, Number: record.Number, Line: record.Line, Offset: record.Offset, Raw: record.Raw, Reason: reason, Field: bad.name,
	}
	if bad.name != "" {
		wrong.Column = bad.at + 1
	}
	return Record{}, wrong
}

// nextFixed examines the octets of the next record.
func (r *Reader) nextFixed() (row, error) {
	w := r.f.fixed
	if w.ends == endsNone {
		for len(r.in.rest()) < w.block && r.in.more() {
		}
		if err := r.broken(); err != nil {
			return row{}, err
		}
		rest := r.in.rest()
		switch {
		case len(rest) == 0:
			return row{}, io.EOF
		case len(rest) >= w.block:
			return row{raw: rest[:w.block], length: w.block}, nil
		case w.ctrlZ && len(rest) == 1 && rest[0] == ctrlZ:
			r.advance(1, 0)
			return row{}, io.EOF
		}
		return row{raw: rest, length: len(rest), reason: "expected " + bytesOf(w.block) + ", found " + strconv.Itoa(len(rest))}, nil
	}
	out, err := r.nextLine(w.ends)
	if err != nil {
		return out, err
	}
	last := len(r.in.rest()) == out.length && !r.in.more()
	switch {
	case last && out.blank, last && w.ctrlZ && len(out.raw) == 1 && out.raw[0] == ctrlZ:
		r.advance(out.length, out.lines)
		return row{}, io.EOF
	case last && out.reason == "" && len(out.raw) == 1 && out.raw[0] == ctrlZ:
		out.reason = "expected a record, found the byte 0x1A; ctrl_z: true lets a file end with it"
	}
	return out, nil
}

// sized returns a record with the length of its kind: a trimmed one is filled with blanks.
func (r *Reader) sized(k *kind, raw []byte) (sized []byte, reason string) {
	switch {
	case len(raw) == k.length:
		return raw, ""
	case len(raw) < k.length && r.f.fixed.trimmed:
		b := r.room.open(k.length)
		b = append(b, raw...)
		for len(b) < k.length {
			b = append(b, r.f.chars.octet(' '))
		}
		return r.room.keep(b), ""
	}
	reason = "expected " + bytesOf(k.length) + ", found " + strconv.Itoa(len(raw))
	if r.f.chars.page == nil && utf8.RuneCount(raw) == k.length {
		reason += ": some characters have several bytes in utf-8"
	}
	return raw, reason
}

// kindOf returns the kind whose mark a record has; nil if there is none.
func (f *Format) kindOf(raw []byte) *kind {
	var other *kind
	for _, k := range f.kinds {
		if k.marks == nil {
			other = k
			continue
		}
		for _, m := range k.marks {
			if end := k.markAt + len(m); end <= len(raw) && bytes.Equal(raw[k.markAt:end], m) {
				return k
			}
		}
	}
	return other
}

// fixedValue reads a field of a record that has its whole length.
func (f *column) fixedValue(record []byte, chars *charset, room *room) (schema.Value, string) {
	raw := record[f.at : f.at+f.length]
	if f.packed {
		return f.packedValue(raw, chars)
	}
	blank := chars.octet(' ')
	if raw[0] == blank && onlyOf(raw, blank) || chars.ebcdic && raw[0] == 0 && onlyOf(raw, 0) {
		return f.value(nil, chars, room)
	}
	switch {
	case f.numeric() && f.fill == chars.octet('0'): // zeros before a number are digits of it
	case f.right:
		for len(raw) > 0 && raw[0] == f.fill {
			raw = raw[1:]
		}
	default:
		raw = trimRight(raw, f.fill)
	}
	return f.value(raw, chars, room)
}

// trimRight removes the fill at the end of a field, eight octets at a time where there are so many.
func trimRight(raw []byte, fill byte) []byte {
	eight := uint64(fill) * 0x0101010101010101
	for len(raw) >= 8 && binary.LittleEndian.Uint64(raw[len(raw)-8:]) == eight {
		raw = raw[:len(raw)-8]
	}
	for len(raw) > 0 && raw[len(raw)-1] == fill {
		raw = raw[:len(raw)-1]
	}
	return raw
}

func onlyOf(raw []byte, b byte) bool {
	for _, x := range raw {
		if x != b {
			return false
		}
	}
	return true
}

// passMark passes over a byte order mark at the beginning of a file in UTF-8.
func (r *Reader) passMark() {
	for len(r.in.rest()) < len(mark) && r.in.more() {
	}
	if r.f.chars.page == nil && bytes.HasPrefix(r.in.rest(), mark) {
		r.advance(len(mark), 0)
	}
}
