package schema

// Type says which values fit. Types are built once, at load, and never changed after Seal; they may refer to
// themselves. Two types are the same when Same says so; pointers tell nothing.
type Type struct {
	Kind     Kind
	Name     string // the name of a component in the OpenAPI document; "" if it is written in place
	Hint     string // what its source calls it: the component's name, where one without a Name has to be one
	Doc      string // a sentence for people, in the project's language
	Nullable bool   // null fits too
	Personal bool   // personal data: masked wherever people look, and followed through mappings
	Secret   bool   // a secret: it may go to a system and nowhere else

	// Constraints on the values, all optional. Limits of a number are inclusive unless said.
	Format    string  // a JSON Schema format, as uri, email, uuid; or ours, as codice-fiscale, partita-iva
	Claimed   bool    // values need not have the Format: it is what a system says of its answers
	Enum      []Value // only these
	Pattern   string  // RE2, as ECMA-262 and XML Schema patterns are translated; matched as written, anchored by ^ and $
	MinLength *int    // characters of a text, octets of bytes, items of a list, entries of a map
	MaxLength *int
	Minimum   *Value // a number, or a date by its text
	Maximum   *Value
	ExclMin   bool
	ExclMax   bool
	Digits    *int  // significant digits at most, of a decimal
	Fraction  *int  // digits after the point at most, of a decimal
	Unique    bool  // items of a list differ
	Zone      *Zone // of a datetime or time: what a missing offset means; nil where none may be missing
	Default   Value // for a parameter or field that is absent; absent if there is none
	Example   Value

	Elem     *Type      // of a list or map
	Fields   []Field    // of a record, in their order
	Open     bool       // a record that lets fields pass that it does not list; they are not kept
	Choices  []Choice   // of a record: which fields exclude each other
	Present  []Presence // of a record or map: which fields are there together
	Variants []*Type    // of a union
	Tag      string     // of a union of records: the field whose constant says which (an OpenAPI discriminator)

	Unchecked string // what its source asks of values that nothing here checks, for messages; "" for nothing. Same does not look at it

	index map[string]int
}

// Field is one named part of a record.
type Field struct {
	Name      string
	Type      *Type
	Required  bool // it must be there; with Type.Nullable it may be there and null
	Doc       string
	ReadOnly  bool // only in answers
	WriteOnly bool // only in requests
}

// The types without constraints. They are shared: copy before changing.
var (
	TypeBool          = &Type{Kind: KindBool}
	TypeInt           = &Type{Kind: KindInt}
	TypeDecimal       = &Type{Kind: KindDecimal}
	TypeText          = &Type{Kind: KindText}
	TypeBytes         = &Type{Kind: KindBytes}
	TypeDate          = &Type{Kind: KindDate}
	TypeTime          = &Type{Kind: KindTime}
	TypeDateTime      = &Type{Kind: KindDateTime}
	TypeDuration      = &Type{Kind: KindDuration}
	TypeDateTimeLocal = &Type{Kind: KindDateTimeLocal}
	TypeTimeLocal     = &Type{Kind: KindTimeLocal}
	TypeNull          = &Type{Kind: KindNull, Nullable: true}
	TypeAny           = &Type{Kind: KindAny, Nullable: true}
	TypeUnknown       = &Type{Kind: KindUnknown, Nullable: true}
	TypeNever         = &Type{Kind: KindNever}
)

// ListOf returns the type of lists of elem.
func ListOf(elem *Type) *Type { return &Type{Kind: KindList, Elem: elem} }

// MapTo returns the type of maps to elem.
func MapTo(elem *Type) *Type { return &Type{Kind: KindMap, Elem: elem} }

// RecordType returns the type of records with these fields.
func RecordType(fields ...Field) *Type { return (&Type{Kind: KindRecord, Fields: fields}).Seal() }

// smallRecord is the number of fields up to which a search beats a map.
const smallRecord = 8

// Seal prepares a record type for use, once its fields are complete, and returns it. A type that is not sealed works,
// slower. Not for concurrent use with anything else on t.
func (t *Type) Seal() *Type {
	if len(t.Fields) > smallRecord {
		t.index = make(map[string]int, len(t.Fields))
		for i := range t.Fields {
			t.index[t.Fields[i].Name] = i
		}
	}
	return t
}

// Add appends a field to a record type that is still being built. Unlike an append to Fields it keeps Index fast while
// fields are added. Not for concurrent use with anything else on t.
func (t *Type) Add(f Field) {
	t.Fields = append(t.Fields, f)
	switch n := len(t.Fields); {
	case t.index != nil:
		t.index[f.Name] = n - 1
	case n > smallRecord:
		t.Seal()
	}
}

// Index returns the position of the field called name, -1 if there is none.
func (t *Type) Index(name string) int {
	if t.index != nil {
		if i, ok := t.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// OrNull returns t with null admitted: t itself if it is already.
func (t *Type) OrNull() *Type {
	if t.Kind == KindNever {
		return TypeNull // nothing, or null
	}
	if t.Nullable {
		return t
	}
	c := *t
	c.Nullable = true
	return &c
}

// NotNull returns t without null: t itself if it never was.
func (t *Type) NotNull() *Type {
	if !t.Nullable || t.Kind == KindUnknown || t.Kind == KindNull {
		return t
	}
	c := *t
	c.Nullable = false
	return &c
}

// AsPersonal returns t marked as personal data: t itself if it is already.
func (t *Type) AsPersonal() *Type {
	if t.Personal {
		return t
	}
	c := *t
	c.Personal = true
	return &c
}
