package transform

import (
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// JSONWriter appends a mapping's value to dst as JSON, without making the value in between.
type JSONWriter func(f *expr.Frame, dst []byte) ([]byte, error)

// CompileJSON returns the mapping as a writer. Keys are escaped beforehand; lists are written item by item.
func (t *Typed) CompileJSON() JSONWriter {
	if !t.whole {
		return t.writer()
	}
	cond, body := t.condition(), t.writer()
	return func(f *expr.Frame, dst []byte) ([]byte, error) {
		v, err := cond(f)
		switch {
		case err != nil:
			return dst, err
		case !v.Bool():
			return append(dst, "null"...), nil
		}
		return body(f, dst)
	}
}

// writer is CompileJSON of what $if does not leave out.
func (t *Typed) writer() JSONWriter {
	switch {
	case t.constant != nil:
		fixed := codec.AppendJSON(nil, *t.constant)
		return func(_ *expr.Frame, dst []byte) ([]byte, error) { return append(dst, fixed...), nil }
	case t.text != nil:
		return t.writeText()
	case t.loop != nil:
		return t.writeLoop()
	case t.merged == nil && t.expr == nil && t.Type.Kind == schema.KindRecord:
		return t.writeRecord()
	}
	pos, _ := t.place()
	return written(t.compile(t.Type), pos)
}

func written(e expr.Eval, pos diag.Pos) JSONWriter {
	return func(f *expr.Frame, dst []byte) ([]byte, error) {
		v, err := e(f)
		if err != nil {
			return dst, err
		}
		if dst, err = codec.AppendJSONWithin(dst, v, f.Most()); err != nil {
			return dst, &expr.Failure{Pos: pos, Err: err}
		}
		if !f.Fits(len(dst)) {
			return dst, within(f, len(dst), pos)
		}
		return dst, nil
	}
}

// within returns the error of a writing that has come to n bytes; nil if it may go on.
func within(f *expr.Frame, n int, pos diag.Pos) error {
	if err := f.MayWrite(n); err != nil {
		return &expr.Failure{Pos: pos, Err: err}
	}
	return nil
}

func (t *Typed) writeText() JSONWriter {
	e := t.compileText()
	pos := t.part.node.Pos()
	return func(f *expr.Frame, dst []byte) ([]byte, error) {
		v, err := e(f)
		if err != nil {
			return dst, err
		}
		if n := len(dst) + v.Len(); !f.Fits(n) {
			if err := within(f, n, pos); err != nil {
				return dst, err
			}
		}
		dst = codec.Reserve(dst, v.Len()+2, f.Most())
		if dst = codec.AppendText(dst, v.Str()); !f.Fits(len(dst)) {
			return dst, within(f, len(dst), pos)
		}
		return dst, nil
	}
}

func (t *Typed) writeRecord() JSONWriter {
	type field struct {
		key   string // with the colon, and without a comma
		cond  expr.Eval
		write JSONWriter
		pos   diag.Pos
	}
	fields := make([]field, len(t.fields))
	for i, f := range t.fields {
		fields[i] = field{
			key: string(append(codec.AppendText(nil, f.name.Value), ':')), write: f.value.writer(), cond: f.value.condition(),
			pos: f.name.Pos,
		}
	}
	return func(f *expr.Frame, dst []byte) ([]byte, error) {
		dst = append(dst, '{')
		first := true
		for i := range fields {
			x := &fields[i]
			if ok, err := holds(x.cond, f); err != nil {
				return dst, err
			} else if !ok {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = append(dst, x.key...)
			var err error
			if dst, err = x.write(f, dst); err != nil {
				return dst, err
			}
			if !f.Fits(len(dst)) {
				if err := within(f, len(dst), x.pos); err != nil {
					return dst, err
				}
			}
		}
		return append(dst, '}'), nil
	}
}

func (t *Typed) writeLoop() JSONWriter {
	loop, item := t.loop.compile(), t.loop.item.writer()
	return func(f *expr.Frame, dst []byte) ([]byte, error) {
		items, err := loop.items(f)
		if err != nil {
			return dst, err
		}
		dst = append(dst, '[')
		first := true
		for i, x := range items {
			if ok, err := loop.stays(f, i, x); err != nil {
				return dst, err
			} else if !ok {
				continue
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if dst, err = item(f, dst); err != nil {
				return dst, err
			}
			if !f.Fits(len(dst)) {
				if err := within(f, len(dst), loop.pos); err != nil {
					return dst, err
				}
			}
		}
		return append(dst, ']'), nil
	}
}
