package database

import (
	"strconv"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// place is where the reading of a table by a column that grows goes on.
type place struct {
	Begun bool    `json:"begun,omitempty"`
	Low   *string `json:"low,omitempty"` // all rows before it are read, but for the overlap; nil before there is any

	// Where the database numbers transactions: rows are read by windows of them.
	From int64   `json:"from,omitempty"` // those below have been read; 0 for none yet
	Now  *window `json:"now,omitempty"`  // the window being read
	Next *bound  `json:"next,omitempty"` // what becomes Low

	// Elsewhere: what was read within the overlap.
	Floor *string           `json:"floor,omitempty"` // nothing before it is read again
	After map[string]string `json:"after,omitempty"` // the last row of a page; nil at the begin of a look
	Seen  [][2]string       `json:"seen,omitempty"`  // the value of the column and the id of a row, in the order in which they were read
}

// window is the transactions below To that were not read yet.
type window struct {
	To    int64             `json:"to"`
	End   bound             `json:"end"`
	After map[string]string `json:"after,omitempty"` // the last row that was read of it
}

// bound is a value of the column: no transaction but those from a number on writes a row up to it.
type bound struct {
	Top    string `json:"top"`
	Number int64  `json:"number"`
}

func readPlace(text string) (*place, error) {
	p := &place{}
	return p, connectors.ReadPlace(text, p)
}

// String is the place as it is kept.
func (p *place) String() string { return connectors.WritePlace(p) }

// mostSeen is how many rows within the overlap are known.
const mostSeen = 5000

// low returns from where on rows are read: the overlap before Low. Nil for from the first.
func (p *place) low(g growing) *string {
	if p.Low == nil {
		return nil
	}
	low := g.before(*p.Low)
	if p.Floor != nil && g.less(low, *p.Floor) {
		low = *p.Floor
	}
	return &low
}

// know notes rows that were read, and forgets those before the overlap.
func (p *place) know(g growing, rows [][2]string) {
	all := append(p.Seen, rows...)
	if low := p.low(g); low != nil {
		kept := all[:0:0]
		for _, s := range all {
			if !g.less(s[0], *low) {
				kept = append(kept, s)
			}
		}
		all = kept
	}
	if len(all) > mostSeen {
		all = all[len(all)-mostSeen:]
		first := all[0][0]
		for _, s := range all {
			if g.less(s[0], first) {
				first = s[0]
			}
		}
		p.Floor = &first
	}
	p.Seen = all
}

// growing knows the values of a column that grows, by its kind.
type growing struct {
	kind schema.Kind
	lag  lag
}

// before returns the value by which the overlap begins before another.
func (g growing) before(v string) string {
	if g.kind == schema.KindInt {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return v
		}
		return strconv.FormatInt(n-g.lag.numbers, 10)
	}
	t, layout, ok := moment(v)
	if !ok {
		return v
	}
	return t.Add(-g.lag.time).Format(layout)
}

func (g growing) less(a, b string) bool {
	if g.kind == schema.KindInt {
		x, err1 := strconv.ParseInt(a, 10, 64)
		y, err2 := strconv.ParseInt(b, 10, 64)
		if err1 == nil && err2 == nil {
			return x < y
		}
		return a < b
	}
	x, _, ok1 := moment(a)
	y, _, ok2 := moment(b)
	if ok1 && ok2 {
		return x.Before(y)
	}
	return a < b
}

// moment reads a date with time, and returns the layout in which it stands; one without an offset as if it were UTC.
func moment(text string) (at time.Time, layout string, ok bool) {
	layout = time.RFC3339Nano
	at, err := time.Parse(layout, text)
	if err != nil {
		layout = strings.TrimSuffix(layout, "Z07:00")
		at, err = time.Parse(layout, text)
	}
	return at, layout, err == nil
}
