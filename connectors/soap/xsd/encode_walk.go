package xsd

import (
	"errors"
	"slices"
	"strconv"

	"fondaco/schema"
)

var errPlace = errors.New("nothing here: the schema has no place for it beside the rest")

// walk is the writing of a content in which places repeat together or exclude each other.
type walk struct {
	to   *Writing
	e    *Encoder
	v    schema.Value
	next []int // by field, how many of its values are written
	at   int   // the last place
	dst  []byte
}

// unordered appends a content by its model: each place takes the next value of its field.
func (e *Encoder) unordered(to *Writing, dst []byte, v schema.Value) ([]byte, error) {
	w := &walk{to: to, e: e, v: v, next: make([]int, len(e.plan.t.Fields)), at: -1, dst: dst}
	if _, err := w.part(e.plan.model); err != nil {
		return w.dst, err
	}
	for i := range e.plan.kids {
		if f := e.plan.kids[i].field; w.next[f] < w.count(f) {
			return w.dst, Within(Violation("unknown", errPlace.Error(), ""), e.plan.t.Fields[f].Name)
		}
	}
	if err := e.plan.complete(w.at, nil); err != nil {
		return w.dst, err
	}
	return w.dst, nil
}

// count returns how many values a field has.
func (w *walk) count(field int) int {
	switch x := w.e.field(w.v, field); x.Kind() {
	case schema.KindAbsent:
		if !w.filled(field).IsAbsent() {
			return 1
		}
		return 0
	case schema.KindNull:
		for i := range w.e.plan.kids {
			if k := &w.e.plan.kids[i]; k.field == field && k.nillable && !k.list {
				return 1
			}
		}
		return 0
	case schema.KindList:
		if t := w.e.plan.t.Fields[field].Type; t.Kind == schema.KindList && w.listed(field) {
			return x.Len()
		}
	}
	return 1
}

// filled returns the fixed value of a field that is not given and must be there, absent for any other.
func (w *walk) filled(field int) schema.Value {
	for i := range w.e.plan.kids {
		if k := &w.e.plan.kids[i]; k.field == field {
			return k.filled()
		}
	}
	return schema.Value{}
}

func (w *walk) listed(field int) bool {
	for i := range w.e.plan.kids {
		if k := &w.e.plan.kids[i]; k.field == field {
			return k.list
		}
	}
	return false
}

// part writes a part as often as there are values; wrote reports whether there were any.
func (w *walk) part(p *particle) (wrote bool, err error) {
	for n := 0; p.max < 0 || n < p.max; n++ {
		some, err := w.occurrence(p)
		if err != nil {
			return wrote, err
		}
		if !some {
			break
		}
		wrote = true
	}
	return wrote, nil
}

// occurrence writes a part once.
func (w *walk) occurrence(p *particle) (wrote bool, err error) {
	switch p.kind {
	case oneElement:
		return w.place(p.kid)
	case inChoice:
		for _, part := range p.parts {
			if some, err := w.part(part); some || err != nil {
				return some, err
			}
		}
		return false, nil
	}
	for _, part := range p.parts {
		some, err := w.part(part)
		if err != nil {
			return wrote, err
		}
		wrote = wrote || some
	}
	return wrote, nil
}

// place writes the next value of a place's field.
func (w *walk) place(i int) (wrote bool, err error) {
	k := &w.e.plan.kids[i]
	n := w.next[k.field]
	if n >= w.count(k.field) {
		return false, nil
	}
	x := w.e.field(w.v, k.field)
	if x.IsAbsent() {
		x = w.filled(k.field)
	}
	listed := w.listed(k.field) && x.Kind() == schema.KindList
	if listed {
		x = x.Items()[n]
	}
	w.next[k.field]++
	if !w.may(i) {
		if want := w.e.plan.complete(w.at, nil); want != nil {
			return false, want
		}
		return false, Within(Violation("unknown", errPlace.Error(), ""), w.e.plan.t.Fields[k.field].Name)
	}
	w.at = i
	if w.dst, err = w.e.one(w.to, w.dst, i, x); err != nil {
		if listed {
			err = Within(err, strconv.Itoa(n))
		}
		return false, Within(err, w.e.plan.t.Fields[k.field].Name)
	}
	return true, nil
}

// may reports whether a place may follow the last one.
func (w *walk) may(i int) bool {
	for _, follow := range w.e.plan.after(w.at) {
		if slices.Contains(follow, i) {
			return true
		}
	}
	return false
}
