package rest

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"fondaco/schema"
	"fondaco/transform/codec"
)

var (
	textKind   = schema.TypeText
	listKind   = schema.ListOf(schema.TypeText)
	colourType = schema.RecordType(
		schema.Field{Name: "R", Type: schema.TypeInt}, schema.Field{Name: "G", Type: schema.TypeInt},
		schema.Field{Name: "B", Type: schema.TypeInt})
	mapType = schema.MapTo(schema.TypeText)
)

// expansions are the tables "Style Examples" of OpenAPI 3.1.1 (§4.8.12.4) and of RFC 6570 (§3.2.4 to §3.2.9), with what is
// n/a there refused.
var expansions = []struct {
	in, style string
	explode   bool
	t         *schema.Type
	value     string
	want      string // the expansion of color; an error where it begins with !
}{
	{"path", "matrix", false, textKind, `""`, ";color"},
	{"path", "matrix", false, textKind, `"blue"`, ";color=blue"},
	{"path", "matrix", false, listKind, `["blue","black","brown"]`, ";color=blue,black,brown"},
	{"path", "matrix", false, colourType, `{"R":100,"G":200,"B":150}`, ";color=R,100,G,200,B,150"},
	{"path", "matrix", true, textKind, `""`, ";color"},
	{"path", "matrix", true, textKind, `"blue"`, ";color=blue"},
	{"path", "matrix", true, listKind, `["blue","black","brown"]`, ";color=blue;color=black;color=brown"},
	{"path", "matrix", true, colourType, `{"R":100,"G":200,"B":150}`, ";R=100;G=200;B=150"},
	{"path", "label", false, textKind, `""`, "."},
	{"path", "label", false, textKind, `"blue"`, ".blue"},
	{"path", "label", false, listKind, `["blue","black","brown"]`, ".blue,black,brown"},
	{"path", "label", false, colourType, `{"R":100,"G":200,"B":150}`, ".R,100,G,200,B,150"},
	{"path", "label", true, textKind, `"blue"`, ".blue"},
	{"path", "label", true, listKind, `["blue","black","brown"]`, ".blue.black.brown"},
	{"path", "label", true, colourType, `{"R":100,"G":200,"B":150}`, ".R=100.G=200.B=150"},
	{"path", "simple", false, textKind, `""`, ""},
	{"path", "simple", false, textKind, `"blue"`, "blue"},
	{"path", "simple", false, listKind, `["blue","black","brown"]`, "blue,black,brown"},
	{"path", "simple", false, colourType, `{"R":100,"G":200,"B":150}`, "R,100,G,200,B,150"},
	{"path", "simple", true, textKind, `"blue"`, "blue"},
	{"path", "simple", true, listKind, `["blue","black","brown"]`, "blue,black,brown"},
	{"path", "simple", true, colourType, `{"R":100,"G":200,"B":150}`, "R=100,G=200,B=150"},
	{"query", "form", false, textKind, `""`, "&color="},
	{"query", "form", false, textKind, `"blue"`, "&color=blue"},
	{"query", "form", false, listKind, `["blue","black","brown"]`, "&color=blue,black,brown"},
	{"query", "form", false, colourType, `{"R":100,"G":200,"B":150}`, "&color=R,100,G,200,B,150"},
	{"query", "form", true, textKind, `""`, "&color="},
	{"query", "form", true, textKind, `"blue"`, "&color=blue"},
	{"query", "form", true, listKind, `["blue","black","brown"]`, "&color=blue&color=black&color=brown"},
	{"query", "form", true, colourType, `{"R":100,"G":200,"B":150}`, "&R=100&G=200&B=150"},
	{"query", "spaceDelimited", false, listKind, `["blue","black","brown"]`, "&color=blue%20black%20brown"},
	{"query", "spaceDelimited", false, colourType, `{"R":100,"G":200,"B":150}`, "&color=R%20100%20G%20200%20B%20150"},
	{"query", "spaceDelimited", true, listKind, `["blue"]`, "!style spaceDelimited has no explode: true"},
	{"query", "pipeDelimited", false, listKind, `["blue","black","brown"]`, "&color=blue%7Cblack%7Cbrown"},
	{"query", "pipeDelimited", false, colourType, `{"R":100,"G":200,"B":150}`, "&color=R%7C100%7CG%7C200%7CB%7C150"},
	{"query", "pipeDelimited", true, colourType, `{"R":1}`, "!style pipeDelimited has no explode: true"},
	{"query", "deepObject", true, colourType, `{"R":100,"G":200,"B":150}`, "&color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"},
	{"query", "deepObject", false, colourType, `{"R":100,"G":200,"B":150}`, "&color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"},
	{"query", "deepObject", true, textKind, `"blue"`, "!style deepObject writes objects"},
	{"query", "deepObject", true, listKind, `["blue"]`, "!style deepObject writes objects"},
	{"header", "simple", false, textKind, `"blue"`, "blue"},
	{"header", "simple", false, listKind, `["blue","black","brown"]`, "blue,black,brown"},
	{"header", "simple", false, colourType, `{"R":100,"G":200,"B":150}`, "R,100,G,200,B,150"},
	{"header", "simple", true, colourType, `{"R":100,"G":200,"B":150}`, "R=100,G=200,B=150"},
	{"cookie", "form", false, textKind, `"blue"`, "; color=blue"},
	{"cookie", "form", false, listKind, `["blue","black","brown"]`, "; color=blue,black,brown"},
	{"cookie", "form", true, listKind, `["blue"]`, "!a cookie holds one value"},
	{"header", "form", false, textKind, `"blue"`, "!style form is not supported there, expected simple"},

	// Objects without a fixed shape are written like others.
	{"query", "form", true, mapType, `{"stato":"aperta","anno":"2026"}`, "&stato=aperta&anno=2026"},
	{"query", "deepObject", true, mapType, `{"stato":"aperta"}`, "&color%5Bstato%5D=aperta"},
	// What is absent or null within is left out, and what then holds nothing is not there.
	{"query", "form", false, colourType, `{"R":100}`, "&color=R,100"},
	{"query", "form", true, listKind, `[]`, ""},
	{"query", "deepObject", true, colourType, `{}`, ""},
	// What separates is never mistaken for what a value holds.
	{"query", "form", false, listKind, `["a,b","c"]`, "&color=a%2Cb,c"},
	{"path", "matrix", false, listKind, `["a;b","c,d"]`, ";color=a%3Bb,c%2Cd"},
	{"query", "spaceDelimited", false, listKind, `["a b"]`, "!a value of a list or an object holds the character that separates them"},
	{"query", "pipeDelimited", false, listKind, `["a|b"]`, "!a value of a list or an object holds the character that separates them"},
	{"path", "label", true, listKind, `["a.b"]`, "!a value of a list or an object holds the character that separates them"},
	{"header", "simple", false, listKind, `["a,b"]`, "!a value of a list or an object holds the character that separates them"},
	{"query", "deepObject", true, mapType, `{"a][b":"x"}`, "!a value of a list or an object holds the character that separates them"},
	// What no style has a rule for is refused when the connector is read.
	{"query", "form", true, schema.ListOf(colourType), `[]`, "!its schema is of a list of objects or lists"},
	{
		"query", "deepObject", true, schema.RecordType(schema.Field{Name: "in", Type: listKind}), `{}`,
		"!its field in is itself an object or a list",
	},
	{"query", "form", true, schema.MapTo(colourType), `{}`, "!its schema is of an object of objects or lists"},
	{"query", "tsv", false, listKind, `[]`, "!style tsv is not supported there"},
	// A list within an object of which each field is a parameter of its own, as servers read it.
	{"query", "form", true, pageKind, `{"page":0,"size":20,"sort":["nome,asc","id"]}`, "&page=0&size=20&sort=nome%2Casc&sort=id"},
	{"query", "form", true, pageKind, `{"sort":["a"]}`, "&sort=a"},
	{"query", "form", true, pageKind, `{"sort":[]}`, ""},
	{"query", "form", false, pageKind, `{}`, "!its field sort is itself an object or a list"},
	{"query", "deepObject", true, pageKind, `{}`, "!its field sort is itself an object or a list"},
	{"cookie", "form", true, pageKind, `{}`, "!its field sort is itself an object or a list"},
	// Of a schema that admits anything, when the value is there.
	{"query", "form", true, schema.TypeAny, `{"a":{"b":1}}`, "!a value within a parameter is itself a list or an object"},
	{"query", "deepObject", true, schema.TypeAny, `"x"`, "!deepObject writes objects alone"},
}

// pageKind is Pageable of Spring.
var pageKind = schema.RecordType(schema.Field{Name: "page", Type: schema.TypeInt}, schema.Field{Name: "size", Type: schema.TypeInt},
	schema.Field{Name: "sort", Type: schema.ListOf(schema.TypeText)})

// TestStyles holds every expansion to the tables of OpenAPI and RFC 6570, and reads it back as the simulator does.
func TestStyles(t *testing.T) {
	for _, c := range expansions {
		x := parameter{name: "color", in: c.in, t: c.t, style: c.style, explode: c.explode}
		p, err := x.laidOut()
		v, decodeErr := codec.CompileJSON(c.t, codec.JSONOptions{}).Decode([]byte(c.value))
		if decodeErr != nil {
			t.Fatal(c.value, decodeErr)
		}
		var got []byte
		if err == nil {
			got, err = p.expand(nil, v, maxTarget)
		}
		if refused, ok := strings.CutPrefix(c.want, "!"); ok {
			if err == nil || !strings.HasPrefix(err.Error(), refused) {
				t.Errorf("%s %s explode=%v %s: found %s %v, expected %q", c.in, c.style, c.explode, c.value, got, err, refused)
			}
			continue
		}
		if err != nil || string(got) != c.want {
			t.Errorf("%s %s explode=%v %s: found %s %v, expected %s", c.in, c.style, c.explode, c.value, got, err, c.want)
			continue
		}
		if len(got) == 0 {
			continue
		}
		back, err := readBack(&p, string(got))
		if err != nil || !schema.Equal(back, v) {
			t.Errorf("%s %s explode=%v: %s is read as %s %v, expected %s", c.in, c.style, c.explode, got, codec.AppendJSON(nil, back), err, c.value)
		}
	}
}

func readBack(p *param, wire string) (schema.Value, error) {
	switch p.in {
	case "query":
		ps, err := pairsOf(wire[1:], "&", url.QueryUnescape)
		if err != nil {
			return schema.Value{}, err
		}
		return p.fromPairs(ps)
	case "cookie":
		ps, err := pairsOf(wire[2:], ";", url.PathUnescape)
		if err != nil {
			return schema.Value{}, err
		}
		return p.fromPairs(ps)
	}
	return p.fromText(wire)
}

// TestContent: a parameter described under content is JSON in its place.
func TestContent(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"query", "&filtro=%7B%22R%22%3A1%7D"},
		{"path", "%7B%22R%22%3A1%7D"},
		{"header", `{"R":1}`},
		{"cookie", "; filtro=%7B%22R%22%3A1%7D"},
	} {
		x := parameter{name: "filtro", in: c.in, t: colourType, content: "application/json"}
		p, err := x.laidOut()
		if err != nil {
			t.Fatal(err)
		}
		v := schema.RecordOf(colourType, schema.Int(1))
		got, err := p.expand(nil, v, maxTarget)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: found %s %v, expected %s", c.in, got, err, c.want)
		}
		if back, err := readBack(&p, string(got)); err != nil || !schema.Equal(back, v) {
			t.Errorf("%s: read as %s %v", c.in, codec.AppendJSON(nil, back), err)
		}
	}
	for content, want := range map[string]string{
		"application/xml": "content application/xml is not supported, expected application/json or text/plain",
		"text/plain":      "content text/plain holds a single value, and its schema is of an object",
	} {
		x := parameter{name: "filtro", in: "query", t: colourType, content: content}
		if _, err := x.laidOut(); err == nil || err.Error() != want {
			t.Errorf("%s: found %v, expected %s", content, err, want)
		}
	}
}

// TestReserved: with allowReserved reserved characters stay, and what would end the query or begin another parameter
// does not.
func TestReserved(t *testing.T) {
	x := parameter{name: "q", in: "query", t: schema.TypeText, explode: true, reserved: true}
	p, err := x.laidOut()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"a/b?c:d@e!$'()*,;": "&q=a/b?c:d@e!$'()*,;",
		"x&y=z#w[1]+2":      "&q=x%26y%3Dz%23w%5B1%5D%2B2",
		"50% è %41":         "&q=50%25%20%C3%A8%20%41", // a triplet stays (RFC 6570 §3.2.3)
	} {
		got, err := p.expand(nil, schema.Text(in), maxTarget)
		if err != nil || string(got) != want {
			t.Errorf("%s: found %s %v, expected %s", in, got, err, want)
		}
	}
}

// TestTaken: a field of an object never stands for another parameter.
func TestTaken(t *testing.T) {
	x := parameter{name: "altro", in: "query", t: mapType, style: "form", explode: true}
	p, err := x.laidOut()
	if err != nil {
		t.Fatal(err)
	}
	p.taken = []string{"anno"}
	v := schema.MapOf(&schema.Map{Keys: []string{"anno"}, Values: []schema.Value{schema.Text("1999")}})
	if got, err := p.expand(nil, v, maxTarget); !errors.Is(err, errTaken) {
		t.Errorf("found %s %v", got, err)
	}
}
