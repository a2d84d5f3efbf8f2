package records

import (
	"bytes"
	"strings"

	"fondaco/schema"
)

// appendRecord writes a record into w.row; field and reason say why it cannot be.
func (f *Format) appendRecord(w *Writer, k *kind, values []schema.Value) (field, reason string) {
	if f.csv == nil {
		field, reason = f.fixedRow(w, k, values)
	} else {
		field, reason = f.csvRow(w, k, values)
	}
	if reason == "" && len(w.row) > f.limit {
		return "", "expected at most " + bytesOf(f.limit)
	}
	return field, reason
}

func (f *Format) csvRow(w *Writer, k *kind, values []schema.Value) (field, reason string) {
	for i, c := range k.columns {
		if i > 0 {
			w.row = append(w.row, f.csv.separator)
		}
		if w.text, reason = c.append(w.text[:0], values[i+1], f.chars); reason != "" {
			return c.name, reason
		}
		if c.t.Kind == schema.KindText && formula(w.text) {
			switch f.csv.formulas {
			case formulasRefuse:
				return c.name, "expected a text that a spreadsheet does not take for a formula"
			case formulasGuard:
				w.text = append([]byte{'\''}, w.text...)
			}
		}
		if w.row, reason = f.csv.value(w.row, w.text, len(k.columns) == 1); reason != "" {
			return c.name, reason
		}
	}
	w.row = f.end(w.row)
	return "", ""
}

// formula reports whether a spreadsheet would compute a text.
func formula(text []byte) bool { return len(text) > 0 && strings.IndexByte("=+-@\t\r", text[0]) >= 0 }

// value writes one value with the quotes that it needs. only: it is alone in its row, which must not look like no row.
func (w *csvFormat) value(dst, text []byte, only bool) (out []byte, reason string) {
	special := len(text) == 0 && only || len(text) > 0 && w.trim && strings.IndexByte(" \t", text[0]) >= 0 ||
		len(text) > 0 && w.trim && strings.IndexByte(" \t", text[len(text)-1]) >= 0
	special = special || bytes.HasPrefix(text, mark)
	for _, b := range text {
		if b == w.separator || b == w.quote && w.quote != 0 || b == '\n' || b == '\r' || b == ctrlZ {
			special = true
		}
	}
	switch {
	case w.quote == 0 && special && len(text) > 0:
		return dst, "expected a text without separators and line ends: the format has no quotes"
	case w.quote == 0 || !special && w.quoting != "all":
		return append(dst, text...), ""
	}
	dst = append(dst, w.quote)
	for {
		i := bytes.IndexByte(text, w.quote)
		if i < 0 {
			break
		}
		dst = append(append(dst, text[:i+1]...), w.quote)
		text = text[i+1:]
	}
	return append(append(dst, text...), w.quote), ""
}

// csvHeader returns the line of the columns' names.
func (f *Format) csvHeader() (head []byte, reason string) {
	for i, c := range f.kinds[0].columns {
		if i > 0 {
			head = append(head, f.csv.separator)
		}
		name, ok := f.chars.append(nil, c.header)
		if !ok {
			return nil, "the column " + c.header + " has characters that " + f.chars.name + " has not"
		}
		if head, reason = f.csv.value(head, name, false); reason != "" {
			return nil, reason
		}
	}
	return f.end(head), ""
}

// end writes the end of a record.
func (f *Format) end(dst []byte) []byte {
	ends := endsAny
	switch {
	case f.csv != nil:
		ends = f.csv.ends
	case f.fixed != nil:
		ends = f.fixed.ends
	}
	switch ends {
	case endsNone:
		return dst
	case endsLF:
		return append(dst, '\n')
	}
	return append(dst, '\r', '\n')
}
