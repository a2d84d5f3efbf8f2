package records

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// Writer writes the records of a file. Not for concurrent use.
type Writer struct {
	f       *Format
	out     *bufio.Writer
	row     []byte
	text    []byte
	reader  Reader // the order of the kinds, and their figures
	records int64
	started bool
	failed  error
}

// writeBuffer is how much is written at once.
const writeBuffer = 64 << 10

// Write returns a writer of a file from its beginning. Close ends the file, and does not close w.
func (f *Format) Write(w io.Writer) *Writer {
	out := &Writer{f: f, out: bufio.NewWriterSize(w, writeBuffer), reader: Reader{f: f}}
	out.reader.restore()
	return out
}

// Takes returns the type of what Put takes for a kind: that of Type, but with the figures of a trailer optional, since they are
// computed. Nil if there is no such kind.
func (f *Format) Takes(name string) *schema.Type {
	k := f.kind(name)
	if k == nil || len(k.figures) == 0 {
		return f.Type(name)
	}
	var fields []schema.Field
	for i, field := range k.t.Fields {
		if k.columns[i].figure != nil {
			field.Required = false
		}
		fields = append(fields, field)
	}
	return schema.RecordType(fields...)
}

// Refused says why a value cannot be written: it does not fit its place. It shows no value.
type Refused struct {
	Kind, Field string
	Record      int64 // its place in the file, from 1
	Reason      string
}

// Error returns the place and the reason in one line.
func (r *Refused) Error() string {
	name := r.Kind
	if r.Field != "" {
		name += "." + r.Field
	}
	if r.Kind == "" {
		name = r.Field
	}
	if name == "" {
		return fmt.Sprintf("record %d: %s", r.Record, r.Reason)
	}
	return fmt.Sprintf("record %d, %s: %s", r.Record, name, r.Reason)
}

// Put writes a record of a kind ("" of a format with one kind). Figures that v leaves out are computed. The error is a *Refused if
// the record cannot be written as it is, or may not stand where it would: nothing of it is written then, and others may be. Any
// other error is that of the io.Writer, and is returned again.
func (w *Writer) Put(kind string, v schema.Value) error {
	if w.failed != nil {
		return w.failed
	}
	k := w.f.kind(kind)
	refused := func(field, reason string) error {
		return &Refused{Kind: kind, Field: field, Record: w.records + 1, Reason: reason}
	}
	if k == nil {
		return refused("", "expected a record of the kind "+w.f.kindNames())
	}
	if v.Kind() != schema.KindRecord && v.Kind() != schema.KindMap {
		return refused("", "expected a record, found "+v.Kind().String())
	}
	w.row = w.row[:0]
	if w.f.json != nil {
		return w.putJSON(k, v)
	}
	values := make([]schema.Value, len(k.columns)+1)
	for i, c := range k.columns {
		if values[i+1] = v.Get(c.name); values[i+1].IsAbsent() && c.figure == nil {
			values[i+1] = schema.Null
		}
	}
	before := w.reader.snapshot()
	if err := w.count(k, values); err != nil {
		w.reader.back(before)
		return refused("", err.Error())
	}
	field, reason := w.f.appendRecord(w, k, values)
	if reason != "" {
		w.reader.back(before)
		return refused(field, reason)
	}
	return w.flush()
}

// count counts a record in the order and the figures, and fills in the figures that it leaves out.
func (w *Writer) count(k *kind, values []schema.Value) error {
	if len(w.f.kinds) == 1 {
		return nil
	}
	err := w.reader.take(k, nil, values)
	if err == nil {
		for _, f := range k.figures {
			if slot := &values[f.slot+1]; slot.IsAbsent() {
				*slot = w.reader.sums[f.at].total
			}
		}
		err = w.reader.agree(k, values, "")
	}
	var wrong *Disagree
	if errors.As(err, &wrong) {
		c := *wrong
		c.Line, c.Record = 0, 0
		return &c
	}
	return err
}

// flush writes the row.
func (w *Writer) flush() error {
	if !w.started {
		w.started = true
		if err := w.begin(); err != nil {
			w.failed = err
			return err
		}
	}
	if _, err := w.out.Write(w.row); err != nil {
		w.failed = err
		return err
	}
	w.records++
	return nil
}

// begin writes what stands before the first record.
func (w *Writer) begin() error {
	if w.f.csv == nil || !w.f.csv.header {
		return nil
	}
	head, reason := w.f.csvHeader()
	if reason != "" {
		return &Refused{Reason: reason, Record: 1}
	}
	_, err := w.out.Write(head)
	return err
}

// Close ends the file: it writes a trailer that is missing where all its fields are figures or may be null, and passes what is
// buffered to the io.Writer. A *Refused says that the file is not whole; the io.Writer then holds a file that is not to be used.
func (w *Writer) Close() error {
	if w.failed != nil {
		return w.failed
	}
	if !w.started {
		w.started = true
		if err := w.begin(); err != nil {
			return err
		}
	}
	for k := w.reader.lacks(); k != nil; k = w.reader.lacks() {
		if !k.computed() {
			return &Refused{Record: w.records + 1, Reason: "the file ends, expected a record of the kind " + k.name}
		}
		if err := w.Put(k.name, schema.RecordOf(schema.RecordType())); err != nil {
			return err
		}
	}
	if err := w.out.Flush(); err != nil {
		w.failed = err
		return err
	}
	w.failed = errors.New("the file is closed")
	return nil
}

// computed reports whether a record can be written without any value being given.
func (k *kind) computed() bool {
	for _, c := range k.columns {
		if c.figure == nil && !c.t.Nullable {
			return false
		}
	}
	return len(k.figures) > 0
}

// lacks returns the kind of record that a file needs next and lacks; nil if it is whole.
func (r *Reader) lacks() *kind {
	if len(r.f.kinds) == 1 {
		return nil
	}
	for i := len(r.stands) - 1; i >= 0; i-- {
		if k := r.stands[i].missing(len(r.stands[i].level.kinds)); k != nil {
			return k
		}
	}
	return nil
}

// snapshot and back return to the order and the figures before a record that was refused.
func (r *Reader) snapshot() Position {
	var p Position
	r.place(&p)
	return p
}

func (r *Reader) back(to Position) {
	r.at.Place, r.at.Sums, r.stands = to.Place, to.Sums, r.stands[:0]
	r.restore()
}

// putJSON writes a record as a line of JSON.
func (w *Writer) putJSON(k *kind, v schema.Value) error {
	for _, wrong := range schema.Check(v, k.t) {
		c := *wrong
		c.Path = ""
		return &Refused{Field: fieldOf(wrong.Path), Record: w.records + 1, Reason: c.Error()}
	}
	w.row = append(codec.AppendJSON(w.row, v), '\n')
	if len(w.row) > w.f.limit {
		return &Refused{Record: w.records + 1, Reason: "expected at most " + bytesOf(w.f.limit)}
	}
	return w.flush()
}
