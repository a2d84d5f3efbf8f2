package xsd

import (
	"strconv"
	"strings"

	"fondaco/schema"
)

// array is an array of SOAP encoding (SOAP 1.1, 5.4.2): its elements may have any name, their number is said beside it.
type array struct {
	item     *Plan
	element  Name // of the elements that we write
	itemType Name // as arrayType says it
	ranks    int  // arrays of arrays: how many dimensions item stands below
}

// isEncoding reports whether a namespace is that of SOAP encoding.
func isEncoding(space string) bool { return space == EncodingSpace || space == Encoding12Space }

// arrayType returns the plan of a complex type that restricts soapenc:Array, nil if it is another.
func (c *Compiler) arrayType(n Name, g global, key planKey) *Plan {
	content := g.el.First(Space, "complexContent")
	if content == nil {
		return nil
	}
	how := content.First(Space, "restriction")
	if how == nil {
		how = content.First(Space, "extension")
	}
	if how == nil || !isEncoding(how.QName("base").Space) || how.QName("base").Local != "Array" {
		return nil
	}
	p := &Plan{t: &schema.Type{Kind: schema.KindList, Name: n.Local, Doc: doc(g.el), Elem: schema.TypeText}, name: n, value: -1}
	p.array = &array{element: Name{"", "item"}, item: Raw, itemType: Name{Space, "anyType"}}
	c.plans[key] = p
	if el := how.descendant("element"); el != nil {
		c.arrayElement(p.array, el, g.doc)
	}
	for _, a := range how.Kids {
		if a.Space != Space || a.Local != "attribute" || a.QName("arrayType").Local == "" {
			continue
		}
		said := ""
		for _, x := range a.Attrs {
			if x.Space == definitionsSpace && x.Local == "arrayType" {
				said = x.Value
			}
		}
		p.array.itemType = a.QName("arrayType")
		p.array.item = c.Typed(p.array.itemType, a)
		p.array.ranks = max(strings.Count(said, "[")-1, 0)
	}
	item := p.array.item
	for range p.array.ranks {
		item = &Plan{t: schema.ListOf(item.t), value: -1, array: &array{item: item, element: Name{"", "item"}, itemType: p.array.itemType}}
	}
	p.array.item = item
	p.t.Elem = item.t
	return p
}

// arrayElement takes over what the one element says that the array's content model has.
func (c *Compiler) arrayElement(a *array, el *Element, d *document) {
	part := c.elementPart(el, d)
	if part == nil || part.decl == nil {
		return
	}
	a.element = part.decl.name
	a.item = c.element(part.decl)
	if n := el.QName("type"); n.Local != "" {
		a.itemType = d.name(n)
	}
}

// descendant returns the first xs:element at any depth, nil if there is none.
func (e *Element) descendant(local string) *Element {
	for _, k := range e.Kids {
		if k.Space == Space && k.Local == local {
			return k
		}
		if x := k.descendant(local); x != nil {
			return x
		}
	}
	return nil
}

// plainArray is soapenc:Array itself, of whatever.
func plainArray() *Plan {
	return &Plan{
		t: schema.ListOf(schema.TypeText), value: -1, name: Name{EncodingSpace, "Array"},
		array: &array{item: Raw, element: Name{"", "item"}, itemType: Name{Space, "anyType"}},
	}
}

// items reads the elements of an array, whatever they are called.
func (d *Decoder) items(r *Reading) (schema.Value, error) {
	var list []schema.Value
	for {
		ok, err := Child(r.Scanner)
		if err != nil {
			return schema.Value{}, err
		}
		if !ok {
			return schema.List(list), nil
		}
		v, err := d.item.element(r, true, nil)
		if err != nil {
			return v, Within(err, strconv.Itoa(len(list)))
		}
		list = append(list, v)
	}
}

// items appends the elements of an array.
func (e *Encoder) items(w *Writing, dst []byte, v schema.Value) ([]byte, error) {
	for i, x := range v.Items() {
		var err error
		if dst, err = e.kids[0].element(w, dst, x, nil); err != nil {
			return dst, Within(err, strconv.Itoa(i))
		}
	}
	return dst, nil
}
