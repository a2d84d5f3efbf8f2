package transform

import (
	"fmt"
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/expr"
	"fondaco/transform/funcs"
)

// Compile returns the mapping as one evaluation whose values are laid out as to, which the mapping must Fit; nil is the
// mapping's own type. Constraints of to are not checked: schema.NeedsCheck reports whether they are to be.
func (t *Typed) Compile(to *schema.Type) expr.Eval {
	if to == nil {
		to = t.Type
	}
	if !t.whole {
		return t.compile(to)
	}
	cond, body := t.condition(), t.compile(to)
	return func(f *expr.Frame) (schema.Value, error) {
		if v, err := cond(f); err != nil || !v.Bool() {
			return schema.Null, err
		}
		return body(f)
	}
}

// compile is Compile of what $if does not leave out: whoever holds the part asks its condition first.
func (t *Typed) compile(to *schema.Type) expr.Eval {
	switch {
	case t.constant != nil:
		v, err := schema.Convert(*t.constant, to)
		return func(*expr.Frame) (schema.Value, error) { return v, err }
	case t.expr != nil:
		return converted(t.expr.Compile(), t.expr.Type(), to, t.expr.Text().Pos)
	case t.text != nil:
		return t.compileText()
	case t.loop != nil:
		return t.compileLoop(to)
	case t.merged != nil:
		return converted(t.compileMerge(), t.Type, to, t.part.node.Pos())
	case t.Type.Kind == schema.KindList:
		return t.compileList(to)
	case t.Type.Kind == schema.KindRecord:
		if to.Kind != schema.KindRecord {
			return converted(t.compileRecord(t.Type), t.Type, to, t.part.node.Pos())
		}
		return t.compileRecord(to)
	}
	v := schema.Null
	if t.constant != nil {
		v = *t.constant
	}
	return func(*expr.Frame) (schema.Value, error) { return v, nil }
}

// converted lays values out anew where their types differ.
func converted(e expr.Eval, from, to *schema.Type, pos diag.Pos) expr.Eval {
	if from == to || !differs(from, to, 0) {
		return e
	}
	return func(f *expr.Frame) (schema.Value, error) {
		v, err := e(f)
		if err != nil {
			return v, err
		}
		if v, err = expr.Convert(f, v, to); err != nil {
			err = &expr.Failure{Pos: pos, Err: err}
		}
		return v, err
	}
}

// differs reports whether values of one type are laid out otherwise as another; constraints and nullability are no
// layout.
func differs(from, to *schema.Type, depth int) bool {
	switch {
	case from == to || to.Kind == schema.KindAny || from.Kind == schema.KindNever || from.Kind == schema.KindNull:
		return false
	case from.Kind != to.Kind || from.Kind == schema.KindUnion || depth > 12:
		return true
	case from.Kind == schema.KindList || from.Kind == schema.KindMap:
		return differs(from.Elem, to.Elem, depth+1)
	case from.Kind == schema.KindRecord:
		return true
	}
	return false
}

// condition returns the closure of $if, nil if there is none.
func (t *Typed) condition() expr.Eval {
	switch len(t.conds) {
	case 0:
		return nil
	case 1:
		return t.conds[0].Compile()
	}
	var all []expr.Eval
	for _, c := range t.conds {
		all = append(all, c.Compile())
	}
	return func(f *expr.Frame) (schema.Value, error) {
		for _, c := range all {
			if v, err := c(f); err != nil || !v.Bool() {
				return v, err
			}
		}
		return schema.Bool(true), nil
	}
}

// condition returns the closure that decides which items of a loop stay, nil if all do: its $if, and that of what they
// become.
func (l *typedLoop) condition() expr.Eval {
	all := &Typed{conds: l.item.conds}
	if l.cond != nil {
		all.conds = append([]*expr.Expr{l.cond}, l.item.conds...)
	}
	return all.condition()
}

// holds reports whether a condition is true; nil always is.
func holds(cond expr.Eval, f *expr.Frame) (bool, error) {
	if cond == nil {
		return true, nil
	}
	v, err := cond(f)
	return err == nil && v.Bool(), err
}

// loopEval goes over a list, for values and for JSON alike.
type loopEval struct {
	list, cond expr.Eval
	slot       int
	rounds     *expr.Rounds
	pos        diag.Pos
}

func (l *typedLoop) compile() *loopEval {
	return &loopEval{list: l.list.Compile(), cond: l.condition(), slot: l.slot, rounds: l.rounds, pos: l.list.Text().Pos}
}

// items returns the items that are gone over.
func (l *loopEval) items(f *expr.Frame) ([]schema.Value, error) {
	v, err := l.list(f)
	if err != nil {
		return nil, err
	}
	items := v.Items()
	if err := f.SpendItems(len(items)); err != nil {
		return nil, &expr.Failure{Pos: l.pos, Err: err}
	}
	return items, nil
}

// stays names the item of a round, and reports whether it stays.
func (l *loopEval) stays(f *expr.Frame, round int, x schema.Value) (bool, error) {
	if err := f.SpendItem(); err != nil {
		return false, &expr.Failure{Pos: l.pos, Err: err}
	}
	f.Slots[l.slot] = x
	l.rounds.Set(f, round)
	return holds(l.cond, f)
}

func (t *Typed) compileText() expr.Eval {
	type piece struct {
		fixed string
		hole  expr.Eval
		any   bool // the hole may give whatever: it is looked at when it comes
		pos   diag.Pos
	}
	parts := make([]piece, len(t.text))
	for i, p := range t.text {
		parts[i].fixed = p.fixed
		if p.hole != nil {
			parts[i].hole = p.hole.Compile()
			parts[i].any, parts[i].pos = p.hole.Type().Kind == schema.KindAny || p.hole.Type().Kind == schema.KindUnion, p.hole.Text().Pos
		}
	}
	pos := t.part.node.Pos()
	return func(f *expr.Frame) (schema.Value, error) {
		var b strings.Builder
		for _, p := range parts {
			if p.hole == nil {
				b.WriteString(p.fixed)
				continue
			}
			v, err := p.hole(f)
			if err != nil {
				return v, err
			}
			if k := v.Kind(); p.any && (v.IsNil() || k == schema.KindList || k == schema.KindRecord || k == schema.KindMap) {
				return v, &expr.Failure{Pos: p.pos, Err: fmt.Errorf("expected text, a number or a date in a text with holes, found %s", k)}
			}
			text := funcs.Print(v)
			if err := f.Take(len(text)); err != nil {
				return v, &expr.Failure{Pos: p.pos, Err: err}
			}
			b.WriteString(text)
		}
		if err := f.Spend(1 + b.Len()/16); err != nil {
			return schema.Value{}, &expr.Failure{Pos: pos, Err: err}
		}
		return schema.Text(b.String()), nil
	}
}

// slotEval is one field of a record: where it goes and how it is computed.
type slotEval struct {
	slot     int
	nullable bool
	cond     expr.Eval
	eval     expr.Eval
}

func (t *Typed) compileRecord(to *schema.Type) expr.Eval {
	var slots []slotEval
	for _, f := range t.fields {
		i := to.Index(f.name.Value)
		if i < 0 {
			continue // an open record lets it fall
		}
		want := to.Fields[i]
		target := want.Type
		if target.Kind != schema.KindAny && f.value.Type.Nullable {
			target = target.OrNull()
		}
		slots = append(slots, slotEval{i + 1, want.Type.Nullable, f.value.condition(), f.value.compile(target)})
	}
	pos := t.part.node.Pos()
	return func(f *expr.Frame) (schema.Value, error) {
		if err := f.TakeValues(len(to.Fields) + 1); err != nil {
			return schema.Value{}, &expr.Failure{Pos: pos, Err: err}
		}
		out := f.Arena.Slots(to)
		for i := range slots {
			s := &slots[i]
			if ok, err := holds(s.cond, f); err != nil {
				return schema.Value{}, err
			} else if !ok {
				continue
			}
			v, err := s.eval(f)
			if err != nil {
				return v, err
			}
			if v.IsNil() {
				if !s.nullable {
					continue
				}
				v = schema.Null
			}
			out[s.slot] = v
		}
		return schema.Record(to, out), nil
	}
}

func (t *Typed) compileList(to *schema.Type) expr.Eval {
	elem := t.Type.Elem
	if to.Kind == schema.KindList {
		elem = to.Elem
	}
	evals, conds := make([]expr.Eval, len(t.items)), make([]expr.Eval, len(t.items))
	for i, item := range t.items {
		evals[i], conds[i] = item.compile(elem), item.condition()
	}
	pos := t.part.node.Pos()
	return func(f *expr.Frame) (schema.Value, error) {
		if err := f.TakeValues(len(evals)); err != nil {
			return schema.Value{}, &expr.Failure{Pos: pos, Err: err}
		}
		items := f.Arena.Values(len(evals))[:0]
		for i, e := range evals {
			if ok, err := holds(conds[i], f); err != nil {
				return schema.Value{}, err
			} else if !ok {
				continue
			}
			v, err := e(f)
			if err != nil {
				return v, err
			}
			items = append(items, v)
		}
		return schema.List(items), nil
	}
}

func (t *Typed) compileLoop(to *schema.Type) expr.Eval {
	elem := t.Type.Elem
	if to.Kind == schema.KindList {
		elem = to.Elem
	}
	loop, item := t.loop.compile(), t.loop.item.compile(elem)
	return func(f *expr.Frame) (schema.Value, error) {
		items, err := loop.items(f)
		if err != nil {
			return schema.Value{}, err
		}
		if err := f.TakeValues(len(items)); err != nil {
			return schema.Value{}, &expr.Failure{Pos: loop.pos, Err: err}
		}
		out := f.Arena.Values(len(items))[:0]
		for i, x := range items {
			if ok, err := loop.stays(f, i, x); err != nil {
				return schema.Value{}, err
			} else if !ok {
				continue
			}
			v, err := item(f)
			if err != nil {
				return v, err
			}
			out = append(out, v)
		}
		return schema.List(out), nil
	}
}

func (t *Typed) compileMerge() expr.Eval {
	parts, conds := make([]expr.Eval, len(t.merged.parts)), make([]expr.Eval, len(t.merged.parts))
	for i, p := range t.merged.parts {
		parts[i], conds[i] = p.compile(p.Type), p.condition()
	}
	from, typ, pos := t.merged.from, t.Type.NotNull(), t.part.node.Pos()
	return func(f *expr.Frame) (schema.Value, error) {
		values := make([]schema.Value, len(parts))
		for i, p := range parts {
			if ok, err := holds(conds[i], f); err != nil {
				return schema.Value{}, err
			} else if !ok {
				continue
			}
			v, err := p(f)
			if err != nil {
				return v, err
			}
			values[i] = v
		}
		if err := f.TakeValues(len(typ.Fields) + 1); err != nil {
			return schema.Value{}, &expr.Failure{Pos: pos, Err: err}
		}
		slots := f.Arena.Slots(typ)
		for i, sources := range from {
			for _, part := range sources {
				if v := values[part].Get(typ.Fields[i].Name); !v.IsAbsent() {
					if len(sources) > 1 { // the field is what both parts give, and laid out so
						var err error
						if v, err = expr.Convert(f, v, typ.Fields[i].Type); err != nil {
							return v, &expr.Failure{Pos: pos, Err: err}
						}
					}
					slots[i+1] = v
					break
				}
			}
		}
		return schema.Record(typ, slots), nil
	}
}
