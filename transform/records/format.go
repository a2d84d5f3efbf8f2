package records

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"fondaco/schema"
)

// Format reads and writes the files of one declaration. It is safe for concurrent use; its readers and writers are not.
type Format struct {
	name  string
	sum   string // of what a position depends on
	limit int
	chars *charset
	kinds []*kind
	root  *level

	figures []*figure

	csv   *csvFormat
	fixed *fixedFormat
	json  *jsonFormat
}

// kind is one kind of record.
type kind struct {
	name     string
	at       int // its place among the kinds of the format
	t        *schema.Type
	columns  []*column
	level    *level // the kinds among which it stands
	below    *level // those that follow each record of it; nil for none
	many     bool
	optional bool
	length   int       // of fixed width, without the line end
	feeds    []feed    // the figures that each record of it adds to
	figures  []*figure // those that it states
	markAt   int
	marks    [][]byte // as they stand in the file; nil if every other record is of this kind
}

// Name returns the name under which the format is declared.
func (f *Format) Name() string { return f.name }

// Kinds returns the names of the kinds of records, in the order of the declaration; a single "" of a format with one kind.
func (f *Format) Kinds() []string {
	var names []string
	for _, k := range f.kinds {
		names = append(names, k.name)
	}
	return names
}

// Type returns the type of a record of a kind, nil if there is no such kind.
func (f *Format) Type(kind string) *schema.Type {
	if k := f.kind(kind); k != nil {
		return k.t
	}
	return nil
}

func (f *Format) kind(name string) *kind {
	for _, k := range f.kinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

// Separate reports whether the file's records stand on lines, so that a place in it has a line.
func (f *Format) Separate() bool { return f.fixed == nil || f.fixed.ends != endsNone }

// fingerprint tells formats apart by what a position depends on: a position of one is of no use to another.
func (f *Format) fingerprint() string {
	h := sha256.New()
	for _, k := range f.kinds {
		fmt.Fprintf(h, "%q %d %t %t %q %d\n", k.name, k.level.depth, k.many, k.optional, k.marks, k.length)
		for _, c := range k.columns {
			fmt.Fprintf(h, " %q %q %d %d\n", c.name, c.header, c.at, c.length)
		}
	}
	for _, x := range f.figures {
		fmt.Fprintf(h, "%q\n", x.what)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
