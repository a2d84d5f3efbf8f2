package schema

import (
	"fmt"
	"strings"
)

// maxSample is how many values one sample holds at most, and how deep it goes: types of large vendors branch widely.
const (
	maxSample      = 2000
	maxSampleDepth = 24
)

// Sample makes up a value that fits t, the same at every call: the type's example or default, the first of an
// enumeration, else the plainest value that pattern, format, lengths and limits admit. Text says the name of the field
// that it stands in. Lists have one item where they may; fields that may be left out are there if choose says so (nil
// leaves them out), and never where a type comes back to itself. The error names, by its path, the type that no value was
// found for.
func Sample(t *Type, choose Choose) (Value, error) {
	m := &sampling{choose: choose, scalars: map[scalarKey]Value{}}
	if choose == nil {
		m.choose = func(string, *Field) (bool, Value) { return false, Value{} }
	}
	return m.value(t, "", "text")
}

// Choose says of a field, at a JSON Pointer, whether it is there, where it may be left out, and what it is: a value of its
// type, absent for one that is made up.
type Choose func(path string, f *Field) (keep bool, given Value)

// Every keeps all fields and makes all of them up.
func Every(string, *Field) (bool, Value) { return true, Value{} }

// sampling is one value in the making.
type sampling struct {
	choose  Choose
	within  []*Type
	count   int
	scalars map[scalarKey]Value // that were made up before
	seeded  bool
	seed    uint64
}

// scalarKey is what a made-up scalar hangs on.
type scalarKey struct {
	t    *Type
	name string
}

// SampleError says that no value of a type could be made up.
type SampleError struct {
	Path string // a JSON Pointer, "" for the whole
	Why  string
}

func (e *SampleError) Error() string {
	if e.Path == "" {
		return "no sample: " + e.Why
	}
	return "no sample of " + e.Path + ": " + e.Why
}

func (m *sampling) value(t *Type, path, name string) (Value, error) {
	if m.count++; m.count > maxSample || len(m.within) > maxSampleDepth {
		return Value{}, &SampleError{path, "the type is too large"}
	}
	for _, given := range []Value{t.Example, t.Default} {
		if !given.IsAbsent() && Check(given, t) == nil {
			return given, nil
		}
	}
	if len(t.Enum) > 0 {
		first := m.pick(path, "enum", len(t.Enum))
		for i := range t.Enum {
			if v := t.Enum[(first+i)%len(t.Enum)]; Check(v, t) == nil {
				return v, nil
			}
		}
		return Value{}, &SampleError{path, "no value of the enumeration fits"}
	}
	switch t.Kind {
	case KindAny, KindUnknown:
		return Text(name), nil
	case KindNull:
		return Null, nil
	case KindBool:
		return Bool(m.pick(path, "bool", 2) == 0), nil
	case KindList, KindRecord, KindMap, KindUnion:
		return m.compound(t, path, name)
	case KindNever:
		return Value{}, &SampleError{path, "nothing fits"}
	}
	if v := m.varied(t, path, name); !v.IsAbsent() {
		return v, nil
	}
	key := scalarKey{t, name}
	v, known := m.scalars[key]
	if !known {
		v, _ = sampleScalar(t, name) // absent if there is none
		m.scalars[key] = v
	}
	if !v.IsAbsent() {
		return v, nil
	}
	return Value{}, &SampleError{path, fmt.Sprintf("no %s fits its pattern, format and limits", t.Kind)}
}

func (m *sampling) compound(t *Type, path, name string) (Value, error) {
	for _, outer := range m.within {
		if outer == t && t.Kind != KindList {
			return Value{}, &SampleError{path, "the type holds itself"}
		}
	}
	m.within = append(m.within, t)
	defer func() { m.within = m.within[:len(m.within)-1] }()
	switch t.Kind {
	case KindList:
		return m.list(t, path, name)
	case KindMap:
		if len(t.Present) > 0 {
			return m.entries(t, path)
		}
		v, err := m.value(t.Elem, path+"/"+pointer(name), name)
		if err != nil {
			if t.MinLength == nil || *t.MinLength == 0 {
				return MapOf(&Map{}), nil //nolint:nilerr // an empty map fits as well
			}
			return Value{}, err
		}
		return MapOf(&Map{Keys: []string{name}, Values: []Value{v}}), nil
	case KindUnion:
		var first error = &SampleError{path, "the union has no variant"}
		for i, variant := range t.Variants {
			v, err := m.value(variant, path, name)
			if err == nil {
				return v, nil
			}
			if i == 0 {
				first = err
			}
		}
		return Value{}, first
	}
	slots := Slots(t)
	for i := range t.Fields {
		f := &t.Fields[i]
		at := path + "/" + pointer(f.Name)
		keep, given := m.choose(at, f)
		switch {
		case !given.IsAbsent():
			slots[i+1] = given
			continue
		case !f.Required && !keep:
			continue
		}
		v, err := m.value(f.Type, at, f.Name)
		switch {
		case err == nil:
			slots[i+1] = v
		case !f.Required:
		case f.Type.Nullable:
			slots[i+1] = Null
		default:
			return Value{}, err
		}
	}
	if len(t.Present) > 0 && !m.present(t, slots, path) {
		return Value{}, &SampleError{path, "nothing holds " + t.Present[0].String()}
	}
	return Record(t, slots), nil
}

func (m *sampling) list(t *Type, path, name string) (Value, error) {
	n := 1 + m.pick(path, "items", 3)
	if t.MinLength != nil {
		n = max(n, *t.MinLength)
	}
	if t.MaxLength != nil {
		n = min(n, *t.MaxLength)
	}
	items := make([]Value, 0, min(n, maxSample))
	for i := range n {
		v, err := m.value(t.Elem, item(path, i), strings.TrimSuffix(name, "[]"))
		if err != nil {
			if t.MinLength == nil || *t.MinLength == 0 {
				return List(nil), nil //nolint:nilerr // an empty list fits as well
			}
			return Value{}, err
		}
		items = append(items, v)
	}
	list := List(items)
	if t.Unique && Repeated(items) {
		return Value{}, &SampleError{path, "its items must differ"}
	}
	return list, nil
}
