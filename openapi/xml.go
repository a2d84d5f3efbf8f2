package openapi

import (
	"fondaco/config"
)

// XML says how the values of a schema stand in XML, by the xml words of the document (OpenAPI, XML Object). A schema that
// holds itself has an XML that holds itself.
type XML struct {
	Name      string // of the element or attribute; "" for the name of its property
	Component string // the name of the component that the schema is, "" if it is none
	Namespace string
	Prefix    string
	Attribute bool
	Wrapped   bool            // of a list: its elements stand within one of its own
	Fields    map[string]*XML // of an object, by the name of the property
	Elem      *XML            // of a list
}

// xml reads how a schema stands in XML, nil for no schema.
func (r *reader) xml(n *config.Node) *XML {
	if r.xmls == nil {
		r.xmls = map[*config.Node]*XML{}
	}
	return r.xmlWithin(n, r.xmls, 0)
}

func (r *reader) xmlWithin(n *config.Node, made map[*config.Node]*XML, depth int) *XML {
	if n == nil || depth > maxDeep {
		return nil
	}
	target, component := r.follow(n)
	if target == nil {
		return nil
	}
	x := made[target]
	if x == nil {
		x = &XML{Component: component, Fields: map[string]*XML{}}
		made[target] = x
		for _, part := range items(target.Get("allOf")) {
			if p := r.xmlWithin(part, made, depth+1); p != nil {
				for name, f := range p.Fields {
					x.Fields[name] = f
				}
				if p.Elem != nil {
					x.Elem = p.Elem
				}
			}
		}
		for _, e := range entries(target.Get("properties")) {
			if f := r.xmlWithin(e.Value, made, depth+1); f != nil {
				x.Fields[e.Key.Value] = f
			}
		}
		if item := r.xmlWithin(target.Get("items"), made, depth+1); item != nil {
			x.Elem = item
		}
		x.words(target.Get("xml"))
	}
	if beside := n.Get("xml"); n != target && beside != nil { // of OpenAPI 3.1, beside $ref
		own := *x
		own.words(beside)
		return &own
	}
	return x
}

// words reads an XML Object.
func (x *XML) words(n *config.Node) {
	if n == nil {
		return
	}
	x.Name, x.Namespace, x.Prefix = said(n, "name"), said(n, "namespace"), said(n, "prefix")
	x.Attribute, x.Wrapped = said(n, "attribute") == "true", said(n, "wrapped") == "true"
}

// maxDeep is how deep schemas are looked into.
const maxDeep = 200

// isXML reports whether a media type is XML.
func isXML(media string) bool {
	media = plain(media)
	return media == "application/xml" || media == "text/xml" || len(media) > 4 && media[len(media)-4:] == "+xml"
}
