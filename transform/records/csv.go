package records

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"fondaco/config/diag"
	"fondaco/schema"
)

// csvFormat is a compiled dialect of CSV.
type csvFormat struct {
	csvWords
	separator, quote byte
}

// span is a value of a row: the octets from from up to to of it.
type span struct {
	from, to int
	quoted   bool
	doubled  bool // it holds doubled quotes
}

var mark = []byte("\xEF\xBB\xBF")

// csvRecord reads the next row as a record.
func (r *Reader) csvRecord() (Record, error) {
	if r.at.Offset == 0 {
		if err := r.csvStart(); err != nil {
			return Record{}, err
		}
	}
	for {
		row, err := r.row()
		switch {
		case err != nil:
			return Record{}, err
		case row.blank && len(r.f.kinds[0].columns) > 1:
			r.advance(row.length, row.lines)
			continue
		}
		return r.csvTake(row)
	}
}

// csvStart passes over what stands before the first record, and reads the header.
func (r *Reader) csvStart() error {
	for len(r.in.rest()) < len(mark) && r.in.more() {
	}
	if bytes.HasPrefix(r.in.rest(), mark) {
		if r.f.chars.page != nil {
			return r.disagree("the file begins with a byte order mark of UTF-8, and its charset is said to be %s", r.f.chars.name)
		}
		r.advance(len(mark), 0)
	}
	for range r.f.csv.skip {
		n, ended := r.in.line(0, r.f.limit)
		if !ended {
			return r.disagree("expected %d lines before the records", r.f.csv.skip)
		}
		r.advance(n, 1)
	}
	if !r.f.csv.header {
		return nil
	}
	row, err := r.row()
	if errors.Is(err, io.EOF) {
		return r.disagree("the file is empty, expected a header with the columns %s", headers(r.f.kinds[0].columns))
	}
	var bad *Bad
	if errors.As(err, &bad) {
		return r.disagree("the header cannot be read: %s", bad.Reason)
	}
	if err != nil {
		return err
	}
	if err := r.header(row); err != nil {
		return err
	}
	r.advance(row.length, row.lines)
	return nil
}

func (r *Reader) disagree(format string, args ...any) *Disagree {
	return &Disagree{Line: r.at.Line + 1, Reason: fmt.Sprintf(format, args...)}
}

// maxColumns is how many columns a header may have.
const maxColumns = 10_000

// header finds the field of each column. Names that were found are shown only where one of them is known: otherwise the row may be a
// record.
func (r *Reader) header(row row) error {
	k := r.f.kinds[0]
	found := map[string]bool{}
	unknown, known := []string(nil), 0
	if len(r.spans) > maxColumns {
		return r.disagree("the header has %d columns, expected at most %d", len(r.spans), maxColumns)
	}
	r.at.Columns = nil
	var all []string
	for _, c := range k.columns {
		all = append(all, c.header)
	}
	for _, s := range r.spans {
		raw := r.content(row, s)
		text, ok := r.f.chars.text(raw, &r.room)
		if !ok {
			return r.disagree("the header is not text in %s", r.f.chars.name)
		}
		at := -1
		for i, c := range k.columns {
			if c.header == string(text) {
				at = i
			}
		}
		if at >= 0 && found[string(text)] {
			return r.disagree("the header has the column %q twice", text)
		}
		found[string(text)] = true
		if at < 0 {
			unknown = append(unknown, string(text))
		} else {
			known++
		}
		r.at.Columns = append(r.at.Columns, at)
	}
	for _, c := range k.columns {
		if c.need && !found[c.header] {
			hint := ""
			if known > 0 {
				hint = diag.DidYouMean(c.header, unknown)
			}
			return r.disagree("the header has no column %q%s", c.header, hint)
		}
	}
	if len(unknown) > 0 && r.f.csv.others == othersRefuse {
		return r.disagree("the header has the column %q, and no field is of it%s", unknown[0], diag.DidYouMean(unknown[0], all))
	}
	return nil
}

// csvTake takes a row that was read, as a record or a bad one.
func (r *Reader) csvTake(row row) (Record, error) {
	k := r.f.kinds[0]
	record := Record{Line: r.at.Line + 1, Offset: r.at.Offset}
	slots := r.arena.Slots(k.t)
	columns := len(k.columns)
	if r.at.Columns != nil {
		columns = len(r.at.Columns)
	}
	reason, column, field := row.reason, row.column, ""
	if reason == "" && len(r.spans) != columns {
		reason = "expected " + plural(columns, "column") + ", found " + strconv.Itoa(len(r.spans))
	}
	if reason == "" {
		for i, s := range r.spans {
			at := i
			if r.at.Columns != nil {
				at = r.at.Columns[i]
			}
			if at < 0 {
				continue
			}
			c := k.columns[at]
			if slots[at+1], reason = c.value(r.content(row, s), r.f.chars, &r.room); reason != "" {
				column, field = i+1, c.name
				break
			}
		}
	}
	r.at.Number++
	record.Number = r.at.Number
	record.Raw = r.advance(row.length, row.lines)
	if reason != "" {
		return Record{}, &Bad{
			Number: record.Number, Line: record.Line, Offset: record.Offset, Raw: record.Raw, Column: column, Field: field, Reason: reason,
		}
	}
	record.Value = schema.Record(k.t, slots)
	return record, nil
}

// content returns the octets of a value of a row, without its quotes.
func (r *Reader) content(row row, s span) []byte {
	raw := row.raw[s.from:s.to]
	if s.doubled {
		quote := r.f.csv.quote
		b := r.room.open(len(raw))
		for i := 0; i < len(raw); i++ {
			if b = append(b, raw[i]); raw[i] == quote {
				i++
			}
		}
		return r.room.keep(b)
	}
	if r.f.csv.trim && !s.quoted {
		return bytes.Trim(raw, " \t")
	}
	return raw
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func bytesOf(n int) string { return plural(n, "byte") }
