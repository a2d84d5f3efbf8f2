package records

import (
	"fmt"
	"strconv"

	"fondaco/schema"
)

// Record is one record of a file.
type Record struct {
	Kind   string       // its name in the format; "" of a format with one kind
	Value  schema.Value // of the type that the format declares for the kind
	Number int64        // its place among all records of the file, from 1; bad ones count, a header of CSV does not
	Line   int64        // the line on which it begins, from 1; 0 in a file without lines
	Offset int64        // the byte at which it begins
	Raw    []byte       // its octets as they stand in the file, with its line end; nobody writes to them again
}

// Bad says why one record cannot be taken. Reading may go on with the next one. Neither the reason nor Error shows a value of the record.
type Bad struct {
	Kind   string // "" if it is not known, or if the format has one kind
	Number int64
	Line   int64
	Offset int64
	Column int    // of CSV its column, of fixed width its first byte, both from 1; 0 if the reason is not about one field
	Field  string // the field's name; "" if the reason is not about one field
	Reason string // what was expected
	Raw    []byte // the octets as they stand in the file, with the line end; a copy of its own
	Cut    bool   // the record is longer than the limit of the format, and Raw is only its beginning
}

// Error returns the place and the reason in one line.
func (b *Bad) Error() string {
	place := "record " + strconv.FormatInt(b.Number, 10)
	if b.Line > 0 {
		place = "line " + strconv.FormatInt(b.Line, 10)
	}
	if b.Column > 0 {
		place += ", column " + strconv.Itoa(b.Column)
	}
	if b.Field != "" {
		place += " (" + b.Field + ")"
	}
	return place + ": " + b.Reason
}

// Disagree says why a file as a whole cannot be taken: a header with other columns, a trailer whose figures are not those of the
// records, a record where none of its kind may stand, a quote that is never closed. No record after it can be trusted; the reader
// returns it again.
type Disagree struct {
	Line   int64  // 0 if it is about no line
	Record int64  // 0 if it is about no record
	What   string // "coda.totale", "the header"
	Says   string // the figure that the trailer says, or what was found; "" if Reason says it all
	Makes  string // the figure that the records make
	Reason string // in place of Says and Makes
}

// Error returns the place and both figures in one line.
func (d *Disagree) Error() string {
	place := ""
	switch {
	case d.Line > 0:
		place = fmt.Sprintf("line %d: ", d.Line)
	case d.Record > 0:
		place = fmt.Sprintf("record %d: ", d.Record)
	}
	if d.Reason != "" {
		return place + d.Reason
	}
	return fmt.Sprintf("%s%s says %s, and the records make %s", place, d.What, d.Says, d.Makes)
}

// Position is a place between two records of a file, with what was counted before it. It is small, and JSON keeps it; the zero
// Position is the beginning of a file. It belongs to the format, and to the very content, that it was made for.
type Position struct {
	Layout  string   `json:"layout,omitempty"`  // of the format that it was made for: its columns, kinds and figures
	Offset  int64    `json:"offset"`            // of the first byte of the next record
	Line    int64    `json:"line,omitempty"`    // lines before it
	Number  int64    `json:"number,omitempty"`  // records before it, bad ones included
	Bad     int64    `json:"bad,omitempty"`     // bad records before it
	Columns []int    `json:"columns,omitempty"` // of CSV with a header: the field of each column, -1 for one that is passed over
	Place   []int    `json:"place,omitempty"`   // where in the order of kinds the file is, a number for each level of groups
	Sums    []string `json:"sums,omitempty"`    // the figures that a trailer is going to be held against
}
