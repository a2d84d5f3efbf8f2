package trigger

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/schema"
)

// Param is a parameter that a route declares.
type Param struct {
	Name     string
	In       string // path, query, header or cookie
	Type     *schema.Type
	Required bool // a path's are always
	Doc      string
	Pos      diag.Pos

	EncodedSlash bool // a parameter of the path: the value may hold slashes, which come as %2F
}

// Params are the parameters of one place, compiled: texts in, a record out.
type Params struct {
	In     string
	Record *schema.Type // what the names path, query, header and cookie stand for
	list   []param
}

type param struct {
	Param
	item    *schema.Type // what one text is read as: the type, or a list's element
	list    bool
	commas  bool // several values may stand in one text, separated by commas
	checker *schema.Checker
}

// NewParams compiles the parameters of one place. A parameter that is required or has a default is always there.
func NewParams(in string, list []Param) *Params {
	p := &Params{In: in}
	var fields []schema.Field
	for _, d := range list {
		d.In = in
		c := param{Param: d, item: d.Type, checker: schema.NewChecker(d.Type)}
		if d.Type.Kind == schema.KindList {
			c.list, c.item = true, d.Type.Elem
			c.commas = in != "query" || c.item.Kind != schema.KindText
		}
		p.list = append(p.list, c)
		fields = append(fields, schema.Field{Name: d.Name, Type: d.Type, Doc: d.Doc, Required: d.Required || !d.Type.Default.IsAbsent()})
	}
	p.Record = schema.RecordType(fields...)
	return p
}

// Decode reads the parameters of a request into a record. What cannot be read as what is declared (unknown, repeated,
// broken encoding) is a problem at once; values that do not fit are added to bad, all of them.
func (p *Params) Decode(req *Request, arena *schema.Arena, bad *[]Invalid) (schema.Value, *Problem) {
	if len(p.list) == 0 {
		if p.In == "query" {
			return schema.Value{}, p.query(req.Query, nil, bad)
		}
		return schema.Value{}, nil
	}
	slots := arena.Slots(p.Record)
	values := slots[1:]
	var wrong *Problem
	switch p.In {
	case "path":
		for i := range p.list {
			if i < len(req.Path) {
				p.list[i].put(&values[i], req.Path[i], bad)
			}
		}
	case "query":
		wrong = p.query(req.Query, values, bad)
	case "header":
		for i := range p.list {
			lines := req.Header.Values(p.list[i].Name)
			if len(lines) > 1 && !p.list[i].list {
				return schema.Value{}, badRequest("the header " + p.list[i].Name + " is there more than once")
			}
			for _, line := range lines {
				if !utf8.ValidString(line) {
					return schema.Value{}, badRequest("the header " + p.list[i].Name + " is not UTF-8")
				}
				p.list[i].put(&values[i], strings.Trim(line, " \t"), bad)
			}
		}
	case "cookie":
		wrong = p.cookies(req.Header["Cookie"], values, bad)
	}
	if wrong != nil {
		return schema.Value{}, wrong
	}
	for i := range p.list {
		p.list[i].finish(&values[i], bad)
	}
	return schema.Record(p.Record, slots), nil
}

// find returns the place of the parameter called name, -1 if none is declared.
func (p *Params) find(name string) int {
	for i := range p.list {
		if p.list[i].Name == name {
			return i
		}
	}
	return -1
}

func (p *Params) query(raw string, values []schema.Value, bad *[]Invalid) *Problem {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			return badRequest("the query has an empty part")
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, ok := unescape(rawKey)
		value, fine := unescape(rawValue)
		if !ok || !fine {
			return badRequest("the query is not well-formed: a percent sign must be followed by two hexadecimal digits of UTF-8")
		}
		i := p.find(key)
		if i < 0 {
			return badRequest("the query has a parameter that this operation does not know; it knows " + p.names())
		}
		if !values[i].IsAbsent() && !p.list[i].list {
			return badRequest("the query parameter " + p.list[i].Name + " is there more than once")
		}
		p.list[i].put(&values[i], value, bad)
	}
	return nil
}

func (p *Params) cookies(lines []string, values []schema.Value, bad *[]Invalid) *Problem {
	for _, line := range lines {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, value, _ := strings.Cut(strings.Trim(pair, " "), "=")
			i := p.find(name)
			if i < 0 {
				continue
			}
			if !values[i].IsAbsent() {
				return badRequest("the cookie " + p.list[i].Name + " is there more than once")
			}
			if !utf8.ValidString(value) {
				return badRequest("the cookie " + p.list[i].Name + " is not UTF-8")
			}
			p.list[i].put(&values[i], strings.Trim(value, `"`), bad)
		}
	}
	return nil
}

func (p *Params) names() string {
	if len(p.list) == 0 {
		return "none"
	}
	names := make([]string, len(p.list))
	for i := range p.list {
		names[i] = p.list[i].Name
	}
	return strings.Join(names, ", ")
}

func badRequest(detail string) *Problem { return NewProblem(400, detail) }

// put reads text as a value of the parameter. A text that cannot be read is kept as text, which the check then finds.
func (c *param) put(to *schema.Value, text string, bad *[]Invalid) {
	if !c.list {
		*to = read(text, c.item)
		return
	}
	var items []schema.Value
	if !to.IsAbsent() {
		items = to.Items()
	}
	if c.commas {
		for part := range strings.SplitSeq(text, ",") {
			if c.In == "header" { // blanks around them say nothing, and neither do empty ones (RFC 9110 §5.6.1)
				if part = strings.Trim(part, " \t"); part == "" {
					continue
				}
			}
			items = append(items, read(part, c.item))
		}
	} else {
		items = append(items, read(text, c.item))
	}
	if len(items) > maxItems {
		items = items[:maxItems]
		*bad = append(*bad, Invalid{Parameter: c.Name, Detail: "too many values"})
	}
	*to = schema.List(items)
}

// maxItems bounds the values of one parameter.
const maxItems = 1000

func (c *param) finish(v *schema.Value, bad *[]Invalid) {
	if v.IsAbsent() {
		*v = c.Type.Default
		if v.IsAbsent() && c.Required {
			*bad = append(*bad, Invalid{Parameter: c.Name, Detail: "is required"})
		}
		return
	}
	for _, violation := range c.checker.Check(*v) {
		*bad = append(*bad, Invalid{Parameter: c.Name, Detail: "expected " + violation.Expected})
	}
}

// Describe returns the parameters for an OpenAPI document in the language.
func (p *Params) Describe(l texts.Language) []openapi.Parameter {
	var list []openapi.Parameter
	for _, c := range p.list {
		doc := cmp.Or(c.Doc, c.Type.Doc)
		if c.EncodedSlash {
			doc = strings.TrimPrefix(doc+". "+l.Text(texts.SlashInValue), ". ")
		}
		list = append(list, openapi.Parameter{Name: c.Name, In: c.In, Type: c.Type, Required: c.Required, Doc: doc})
	}
	return list
}

// Refuses reports whether some text, or none, is not what the parameters take.
func (p *Params) Refuses() bool {
	for _, c := range p.list {
		if c.Required && c.In != "path" || schema.NeedsCheck(schema.TypeText, c.Type) || c.Type.Kind != schema.KindText {
			return true
		}
	}
	return false
}
