package compare

import (
	"fmt"
	"slices"
	"strings"

	"fondaco/connectors"
	"fondaco/schema"
)

// ChangeKind is one word for what a change is, for tools.
type ChangeKind string

// The kinds of changes.
const (
	Removed       ChangeKind = "removed"  // an operation, a parameter or a field is no longer there
	Added         ChangeKind = "added"    // it is new, and nobody needs it
	Needed        ChangeKind = "needed"   // it must now be given
	Optional      ChangeKind = "optional" // it may now be left out, or be null
	Retyped       ChangeKind = "retyped"  // it is of another type
	Narrowed      ChangeKind = "narrowed" // fewer values fit
	Widened       ChangeKind = "widened"  // more values fit
	EffectChanged ChangeKind = "effect"   // the operation's effect is another one
	Silenced      ChangeKind = "silenced" // it has no answer any more
	Loosened      ChangeKind = "loosened" // it need no longer be given, or may be null where that breaks nobody
	Certain       ChangeKind = "certain"  // it is now always there, or never null
	Changed       ChangeKind = "changed"  // how it is read
)

// Side says where in an operation a change is.
type Side string

// The sides. The empty one is the operation, or the connector, itself.
const (
	InInput  Side = "input"
	InOutput Side = "output"
)

// Change is one difference between two versions of a connector.
type Change struct {
	Operation string // "" for the connector's parameters
	Side      Side
	Path      string // a JSON Pointer into the type, with * for any item: /verbali/*/importo
	Kind      ChangeKind
	Old, New  string // the types in words, "" for nothing
	Hint      string // what it may be instead, "" for nothing
	Breaks    bool   // whoever sends or reads what stands there is broken by it
}

// String returns the change in one line, without the operation.
func (c Change) String() string {
	where := strings.TrimSpace(string(c.Side) + " " + c.Path)
	if where == "" {
		where = "the operation"
		if c.Operation == "" {
			where = "the connector"
		}
	}
	text := where + ": " + string(c.Kind)
	switch {
	case c.Old != "" && c.New != "":
		text += fmt.Sprintf(", was %s, is %s", c.Old, c.New)
	case c.Old != "":
		text += ", was " + c.Old
	case c.New != "":
		text += ", is " + c.New
	}
	if c.Hint != "" {
		text += "; " + c.Hint
	}
	return text
}

// Connectors reports how a connector differs from an older version of it, seen by who calls it: operations in the old one's
// order, then the new ones. Of inputs everything that was sent must still fit; of outputs everything that comes must
// still be what was expected. It reads types alone and touches nothing.
func Connectors(old, new *connectors.Connector) []Change {
	c := &comparing{}
	c.params(old, new)
	for _, was := range old.Operations {
		is := new.Operation(was.Name)
		if is == nil {
			c.add(Change{Operation: was.Name, Kind: Removed, Breaks: true, Hint: renamed(was, old, new)})
			continue
		}
		c.operation = was.Name
		if was.Effect != is.Effect {
			c.add(Change{
				Operation: was.Name, Kind: EffectChanged, Old: was.Effect.String(), New: is.Effect.String(),
				Breaks: is.Effect < was.Effect,
			})
		}
		c.sides(InInput, was.Input, is.Input)
		if was.Output.Kind != schema.KindNull && is.Output.Kind == schema.KindNull {
			c.add(Change{Operation: was.Name, Side: InOutput, Kind: Silenced, Old: was.Output.String(), Breaks: true})
			continue
		}
		c.sides(InOutput, was.Output, is.Output)
	}
	for _, is := range new.Operations {
		if old.Operation(is.Name) == nil {
			c.add(Change{Operation: is.Name, Kind: Added})
		}
	}
	return c.changes
}

// renamed says which new operation an old one may have become: the only one that takes and returns the same.
func renamed(was *connectors.Operation, old, new *connectors.Connector) string {
	var alike []string
	for _, is := range new.Operations {
		if old.Operation(is.Name) == nil && schema.Same(was.Input, is.Input) && schema.Same(was.Output, is.Output) {
			alike = append(alike, is.Name)
		}
	}
	if len(alike) != 1 {
		return ""
	}
	return alike[0] + " takes and returns the same"
}

// comparing is one comparison.
type comparing struct {
	operation string
	side      Side
	open      map[[2]*schema.Type]bool // what is being compared around
	alike     map[[2]*schema.Type]bool // on this side, what was found without a change
	changes   []Change
}

// maxChanges is how many changes of one connector are told.
const maxChanges = 10_000

func (c *comparing) add(x Change) { c.changes = append(c.changes, x) }

// tell adds a change at a path. breaks says on which side it breaks somebody.
func (c *comparing) tell(at *spot, kind ChangeKind, was, is string, breaks ...Side) {
	c.add(Change{
		Operation: c.operation, Side: c.side, Path: at.String(), Kind: kind, Old: was, New: is,
		Breaks: slices.Contains(breaks, c.side),
	})
}

func (c *comparing) params(old, new *connectors.Connector) {
	for _, was := range old.Params {
		is := new.Param(was.Name)
		switch {
		case is == nil:
			c.add(Change{Path: "/params/" + was.Name, Kind: Removed, Old: was.Type.String(), Breaks: true})
		case is.Required && !was.Required:
			c.add(Change{Path: "/params/" + was.Name, Kind: Needed, New: is.Type.String(), Breaks: true})
		case is.Secret && !was.Secret:
			c.add(Change{Path: "/params/" + was.Name, Kind: Narrowed, New: "a secret", Breaks: true})
		}
	}
	for _, is := range new.Params {
		if old.Param(is.Name) == nil {
			kind := Added
			if is.Required {
				kind = Needed
			}
			c.add(Change{Path: "/params/" + is.Name, Kind: kind, New: is.Type.String(), Breaks: is.Required})
		}
	}
}

// sides compares the whole input or output of an operation.
func (c *comparing) sides(side Side, was, is *schema.Type) {
	if schema.Same(was, is) {
		return
	}
	c.side, c.open, c.alike = side, map[[2]*schema.Type]bool{}, map[[2]*schema.Type]bool{}
	c.types(was, is, nil)
}

// types compares what stands at a path. A type that stands at several places is told at each.
func (c *comparing) types(was, is *schema.Type, at *spot) {
	pair := [2]*schema.Type{was, is}
	if was == is || was == nil || is == nil || c.open[pair] || c.alike[pair] || len(c.changes) >= maxChanges ||
		was.Kind == schema.KindUnknown || is.Kind == schema.KindUnknown {
		return
	}
	c.open[pair] = true
	before := len(c.changes)
	c.within(was, is, at)
	delete(c.open, pair)
	if len(c.changes) == before {
		c.alike[pair] = true
	}
}

func (c *comparing) within(was, is *schema.Type, at *spot) {
	switch {
	case is.Nullable && !was.Nullable && was.Kind != schema.KindAny && is.Kind != schema.KindAny:
		kind := Optional
		if c.side == InInput {
			kind = Loosened
		}
		c.tell(at, kind, was.String(), is.String(), InOutput)
	case was.Nullable && !is.Nullable && was.Kind != schema.KindAny && is.Kind != schema.KindAny:
		kind := Narrowed
		if c.side == InOutput {
			kind = Certain
		}
		c.tell(at, kind, was.String(), is.String(), InInput)
	}
	if was.Kind != is.Kind {
		c.kinds(was, is, at)
		return
	}
	switch was.Kind {
	case schema.KindList, schema.KindMap:
		c.limits(was, is, at)
		c.types(was.Elem, is.Elem, at.in("*"))
	case schema.KindRecord:
		c.limits(was, is, at)
		c.records(was, is, at)
	case schema.KindUnion:
		c.unions(was, is, at)
	default:
		c.limits(was, is, at)
	}
}

// kinds reports a change of kind. A whole number stands for a decimal, dates and the like for text, everything for any.
func (c *comparing) kinds(was, is *schema.Type, at *spot) {
	stands := func(from, to *schema.Type) bool {
		return to.Kind == schema.KindAny || from.Kind == schema.KindNever || len(schema.Fits(from.NotNull(), to.OrNull())) == 0
	}
	switch {
	case c.side == InInput && stands(was, is):
		c.tell(at, Widened, was.String(), is.String())
	case c.side == InOutput && stands(is, was):
		c.tell(at, Narrowed, was.String(), is.String())
	default:
		c.tell(at, Retyped, was.String(), is.String(), InInput, InOutput)
	}
}

func (c *comparing) records(was, is *schema.Type, at *spot) {
	for i := range was.Fields {
		f := &was.Fields[i]
		at := at.in(f.Name)
		j := is.Index(f.Name)
		if j < 0 {
			c.tell(at, Removed, f.Type.String(), "", InInput, InOutput)
			c.changes[len(c.changes)-1].Hint = becomes(f, was, is)
			continue
		}
		g := &is.Fields[j]
		switch {
		case g.Required && !f.Required && c.side == InInput:
			c.tell(at, Needed, f.Type.String()+" or nothing", g.Type.String(), InInput)
		case g.Required && !f.Required:
			c.tell(at, Certain, f.Type.String()+" or nothing", g.Type.String())
		case f.Required && !g.Required && c.side == InOutput:
			c.tell(at, Optional, f.Type.String(), g.Type.String()+" or nothing", InOutput)
		case f.Required && !g.Required:
			c.tell(at, Loosened, f.Type.String(), g.Type.String()+" or nothing")
		}
		c.types(f.Type, g.Type, at)
	}
	for i := range is.Fields {
		g := &is.Fields[i]
		if was.Index(g.Name) >= 0 {
			continue
		}
		kind := Added
		if g.Required && c.side == InInput && g.Type.Default.IsAbsent() {
			kind = Needed
		}
		at := at.in(g.Name)
		c.tell(at, kind, "", g.Type.String())
		c.changes[len(c.changes)-1].Breaks = kind == Needed
	}
}

// becomes says which new field an old one may have become: the one that stands in a list of records now, as elements that repeat
// together do, the only one of its type, or the one called most alike.
func becomes(f *schema.Field, was, is *schema.Type) string {
	var alike []string
	for i := range is.Fields {
		g := &is.Fields[i]
		if was.Index(g.Name) < 0 && g.Type.Kind == schema.KindList && g.Type.Elem.Kind == schema.KindRecord && g.Type.Elem.Index(f.Name) >= 0 {
			return "it stands in the records of " + g.Name + " now, beside what came with it"
		}
	}
	for i := range is.Fields {
		g := &is.Fields[i]
		if was.Index(g.Name) >= 0 || f.Type.Kind != g.Type.Kind || len(schema.Fits(f.Type, g.Type)) > 0 || len(schema.Fits(g.Type, f.Type)) > 0 {
			continue
		}
		if strings.EqualFold(plainField(f.Name), plainField(g.Name)) {
			return "it may be called " + g.Name + " now"
		}
		alike = append(alike, g.Name)
	}
	if len(alike) != 1 {
		return ""
	}
	return "it may be called " + alike[0] + " now"
}

func plainField(name string) string { return strings.NewReplacer("_", "", "-", "").Replace(name) }

func (c *comparing) unions(was, is *schema.Type, at *spot) {
	in := func(t *schema.Type, list []*schema.Type) bool {
		return slices.ContainsFunc(list, func(x *schema.Type) bool { return schema.Same(t, x) })
	}
	lost := slices.ContainsFunc(was.Variants, func(t *schema.Type) bool { return !in(t, is.Variants) })
	won := slices.ContainsFunc(is.Variants, func(t *schema.Type) bool { return !in(t, was.Variants) })
	switch {
	case lost && won:
		c.tell(at, Retyped, was.String(), is.String(), InInput, InOutput)
	case lost:
		c.tell(at, Narrowed, was.String(), is.String(), InInput)
	case won:
		c.tell(at, Widened, was.String(), is.String(), InOutput)
	}
}

// spot is a place within a type: a step from the place around it, nil at the whole.
type spot struct {
	around *spot
	name   string
}

func (s *spot) in(name string) *spot { return &spot{s, name} }

// String returns the place as a JSON Pointer (RFC 6901).
func (s *spot) String() string {
	var names []string
	for ; s != nil; s = s.around {
		names = append(names, "/"+escapes.Replace(s.name))
	}
	slices.Reverse(names)
	return strings.Join(names, "")
}

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

// Inputs reports how what is taken differs from what was, seen by those who sent it before: everything that fitted must
// still fit.
func Inputs(was, is *schema.Type) []Change {
	c := &comparing{}
	c.sides(InInput, was, is)
	return c.changes
}
