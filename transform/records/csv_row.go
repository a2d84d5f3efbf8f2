package records

import (
	"bytes"
	"io"
)

// row is a row of CSV that was examined and not yet taken; its values are r.spans.
type row struct {
	raw    []byte // without the line end
	length int    // with it
	lines  int64
	blank  bool
	reason string // why it is bad, "" if it is not
	column int
}

// nextLine examines the next line. The error is io.EOF at the end, or a *Bad of a line that is too long and was taken.
func (r *Reader) nextLine(ends string) (row, error) {
	n, ended := r.in.line(0, r.f.limit)
	if err := r.broken(); err != nil {
		return row{}, err
	}
	switch {
	case n == 0:
		return row{}, io.EOF
	case !ended && n == r.f.limit:
		return row{}, r.tooLong()
	}
	return cut(r.in.rest()[:n], ended, ends), nil
}

// row examines the next row, as nextLine does; the error may be a *Disagree too.
func (r *Reader) row() (row, error) {
	out, err := r.nextLine(r.f.csv.ends)
	if err != nil {
		return out, err
	}
	r.spans = r.spans[:0]
	quote := r.f.csv.quote
	if quote != 0 && bytes.IndexByte(out.raw, quote) >= 0 {
		return r.quotedRow(out)
	}
	if r.atDOSEnd(out) {
		r.advance(out.length, 0)
		return row{}, io.EOF
	}
	r.split(out.raw)
	return out, nil
}

// cut removes the line end of a line.
func cut(line []byte, ended bool, ends string) row {
	out := row{raw: line, length: len(line)}
	if ended {
		out.lines = 1
		out.raw = line[:len(line)-1]
		returned := len(out.raw) > 0 && out.raw[len(out.raw)-1] == '\r'
		switch {
		case returned && ends == endsLF:
			out.reason = "expected the line to end with LF alone"
		case !returned && ends == endsCRLF:
			out.reason = "expected the line to end with CRLF"
		}
		if returned {
			out.raw = out.raw[:len(out.raw)-1]
		}
	}
	out.blank = len(out.raw) == 0
	return out
}

const ctrlZ = 0x1A

// atDOSEnd reports whether a row is the mark by which DOS ended a file, where the format admits it.
func (r *Reader) atDOSEnd(out row) bool {
	return r.f.csv.ctrlZ && len(out.raw) == 1 && out.raw[0] == ctrlZ && len(r.in.rest()) == out.length && !r.in.more()
}

// split finds the values of a row without quotes.
func (r *Reader) split(raw []byte) {
	from := 0
	for {
		i := bytes.IndexByte(raw[from:], r.f.csv.separator)
		if i < 0 {
			r.spans = append(r.spans, span{from: from, to: len(raw)})
			return
		}
		r.spans = append(r.spans, span{from: from, to: from + i})
		from += i + 1
	}
}

// quoted is a row that holds quotes, while its values are looked for.
type quoted struct {
	*Reader
	raw    []byte // its lines as far as they were read
	end    row    // what they are if the row ends with them
	ended  bool   // the last of them has a line end
	lines  int64  // how many line ends are within its values
	reason string
	column int
}

// quotedRow finds the values of a row whose first line holds a quote. More lines belong to it if a quote is open at the end of one.
func (r *Reader) quotedRow(first row) (row, error) {
	q := &quoted{Reader: r, raw: r.in.rest()[:first.length], ended: first.lines > 0, end: first}
	for i, more := 0, true; more; {
		start := q.blanks(i)
		if start < len(q.end.raw) && q.raw[start] == r.f.csv.quote {
			s, err := q.value(start + 1)
			if err != nil {
				return row{}, err
			}
			r.spans = append(r.spans, s)
			i, more = q.after(q.blanks(s.to + 1))
			continue
		}
		stop := q.separator(i)
		if bytes.IndexByte(q.raw[i:stop], r.f.csv.quote) >= 0 {
			q.bad("expected no quote within a value that does not begin with one")
		}
		r.spans = append(r.spans, span{from: i, to: stop})
		i, more = stop+1, stop < len(q.end.raw)
	}
	q.end.lines += q.lines
	if q.reason != "" {
		q.end.reason, q.end.column = q.reason, q.column
	}
	return q.end, nil
}

func (q *quoted) bad(reason string) {
	if q.reason == "" {
		q.reason, q.column = reason, len(q.spans)+1
	}
}

// blanks passes over blanks where they do not belong to values.
func (q *quoted) blanks(i int) int {
	for q.f.csv.trim && i < len(q.end.raw) && (q.raw[i] == ' ' || q.raw[i] == '\t') {
		i++
	}
	return i
}

// separator returns where the next separator is, or the end of the row.
func (q *quoted) separator(i int) int {
	if k := bytes.IndexByte(q.end.raw[i:], q.f.csv.separator); k >= 0 {
		return i + k
	}
	return len(q.end.raw)
}

// after goes to the next value behind a closing quote; more is false at the end of the row.
func (q *quoted) after(i int) (next int, more bool) {
	if i >= len(q.end.raw) {
		return i, false
	}
	if q.raw[i] != q.f.csv.separator {
		q.bad("expected a separator after the closing quote")
		i = q.separator(i)
	}
	return i + 1, i < len(q.end.raw)
}

// value finds the end of a value whose opening quote stands before from.
func (q *quoted) value(from int) (span, error) {
	s := span{from: from, quoted: true}
	for j := from; ; {
		k := bytes.IndexByte(q.raw[j:], q.f.csv.quote)
		switch {
		case k >= 0 && j+k+1 < len(q.raw) && q.raw[j+k+1] == q.f.csv.quote:
			s.doubled = true
			j += k + 2
		case k >= 0:
			s.to = j + k
			return s, nil
		default:
			if j = len(q.raw); !q.line() {
				return s, q.unclosed()
			}
		}
	}
}

// line adds the next line to the row. False if there is none, or if the row would be too long with it.
func (q *quoted) line() bool {
	if !q.ended {
		return false
	}
	q.lines++
	n, ended := q.in.line(len(q.raw), q.f.limit)
	if n == len(q.raw) || !ended && n == q.f.limit {
		return false
	}
	q.raw, q.ended = q.in.rest()[:n], ended
	q.end = cut(q.raw, ended, q.f.csv.ends)
	return true
}

// unclosed returns the error of a quote that is never closed.
func (r *Reader) unclosed() error {
	if err := r.broken(); err != nil {
		return err
	}
	if len(r.in.rest()) < r.f.limit {
		return r.disagree("the quote in column %d is not closed before the end of the file", len(r.spans)+1)
	}
	return r.disagree("the quote in column %d is not closed within %s", len(r.spans)+1, bytesOf(r.f.limit))
}
