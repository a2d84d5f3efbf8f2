package soap

import (
	"strings"

	"fondaco/schema"
)

// array is an array of SOAP encoding (SOAP 1.1, 5.4.2): its elements may have any name, their number is said beside it.
type array struct {
	item     *plan
	element  name // of the elements that we write
	itemType name // as arrayType says it
	ranks    int  // arrays of arrays: how many dimensions item stands below
}

// isEncoding reports whether a namespace is that of SOAP encoding.
func isEncoding(space string) bool { return space == soapEncoded || space == soap12Encoded }

// arrayType returns the plan of a complex type that restricts soapenc:Array, nil if it is another.
func (c *compiler) arrayType(n name, g global, key planKey) *plan {
	content := g.el.first(xsdSpace, "complexContent")
	if content == nil {
		return nil
	}
	how := content.first(xsdSpace, "restriction")
	if how == nil {
		how = content.first(xsdSpace, "extension")
	}
	if how == nil || !isEncoding(how.qname("base").space) || how.qname("base").local != "Array" {
		return nil
	}
	p := &plan{t: &schema.Type{Kind: schema.KindList, Name: n.local, Doc: doc(g.el), Elem: schema.TypeText}, name: n, value: -1}
	p.array = &array{element: name{"", "item"}, item: rawPlan, itemType: name{xsdSpace, "anyType"}}
	c.plans[key] = p
	if el := how.descendant("element"); el != nil {
		c.arrayElement(p.array, el, g.doc)
	}
	for _, a := range how.kids {
		if a.space != xsdSpace || a.local != "attribute" || a.qname("arrayType").local == "" {
			continue
		}
		said := ""
		for _, x := range a.attrs {
			if x.Space == wsdlSpace && x.Local == "arrayType" {
				said = x.Value
			}
		}
		p.array.itemType = a.qname("arrayType")
		p.array.item = c.typed(p.array.itemType, a)
		p.array.ranks = max(strings.Count(said, "[")-1, 0)
	}
	item := p.array.item
	for range p.array.ranks {
		item = &plan{t: schema.ListOf(item.t), value: -1, array: &array{item: item, element: name{"", "item"}, itemType: p.array.itemType}}
	}
	p.array.item = item
	p.t.Elem = item.t
	return p
}

// arrayElement takes over what the one element says that the array's content model has.
func (c *compiler) arrayElement(a *array, el *element, d *document) {
	part := c.elementPart(el, d)
	if part == nil || part.decl == nil {
		return
	}
	a.element = part.decl.name
	a.item = c.element(part.decl)
	if n := el.qname("type"); n.local != "" {
		a.itemType = d.name(n)
	}
}

// descendant returns the first xs:element at any depth, nil if there is none.
func (e *element) descendant(local string) *element {
	for _, k := range e.kids {
		if k.space == xsdSpace && k.local == local {
			return k
		}
		if x := k.descendant(local); x != nil {
			return x
		}
	}
	return nil
}

// plainArray is soapenc:Array itself, of whatever.
func plainArray() *plan {
	return &plan{
		t: schema.ListOf(schema.TypeText), value: -1, name: name{soapEncoded, "Array"},
		array: &array{item: rawPlan, element: name{"", "item"}, itemType: name{xsdSpace, "anyType"}},
	}
}

// items reads the elements of an array, whatever they are called.
func (d *decoder) items(r *reading) (schema.Value, error) {
	var list []schema.Value
	for {
		ok, err := start(r.s)
		if err != nil {
			return schema.Value{}, err
		}
		if !ok {
			return schema.List(list), nil
		}
		v, err := d.item.element(r, true, nil)
		if err != nil {
			return v, within(err, itoa(len(list)))
		}
		list = append(list, v)
	}
}

// items appends the elements of an array.
func (e *encoder) items(w *writing, dst []byte, v schema.Value) ([]byte, error) {
	for i, x := range v.Items() {
		var err error
		if dst, err = e.kids[0].element(w, dst, x, nil); err != nil {
			return dst, within(err, itoa(i))
		}
	}
	return dst, nil
}
