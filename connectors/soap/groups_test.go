package soap

import (
	"strings"
	"testing"

	"fondaco/schema"
)

// TestGroups: what stands in a group that repeats stays together and in its order, over a socket, as a client reads it and as a
// service reads and writes it.
func TestGroups(t *testing.T) {
	const k, v, w = `<x:element name="k" type="x:string"/>`, `<x:element name="v" type="x:int" minOccurs="0"/>`,
		`<x:element name="w" type="x:int"/>`
	group := func(kind, occurs, inside string) string {
		return `<x:` + kind + ` ` + occurs + `>` + inside + `</x:` + kind + `>`
	}
	many := func(kind, inside string) string { return group(kind, `maxOccurs="unbounded"`, inside) }
	heads := `<x:element name="h" type="x:string" abstract="true"/><x:element name="uno" type="x:string" substitutionGroup="t:h"/><x:element name="due" type="x:string" substitutionGroup="t:h"/>`
	for _, x := range []struct{ name, types, xml, json string }{
		{
			"pairs", complexA(many("sequence", k+v)), `<k>A</k><k>B</k><v>2</v><k>C</k><v>3</v>`,
			`{"items":[{"k":"A"},{"k":"B","v":2},{"k":"C","v":3}]}`,
		},
		{"none", complexA(group("sequence", `minOccurs="0" maxOccurs="unbounded"`, k+v)), ``, `{"items":[]}`},
		{"choice", complexA(many("choice", k+w)), `<w>1</w><k>A</k><w>2</w><w>3</w>`, `{"items":[{"w":1},{"k":"A"},{"w":2},{"w":3}]}`},
		{
			"choice that repeats within", complexA(many("choice", `<x:element name="k" type="x:string" minOccurs="0" maxOccurs="unbounded"/>`+w)),
			`<k>A</k><k>B</k><w>2</w>`, `{"items":[{"k":"A"},{"k":"B"},{"w":2}]}`,
		},
		{
			"choice of a choice", complexA(many("choice", many("choice", k+v)+w)), `<v>1</v><w>2</w><k>A</k>`,
			`{"items":[{"v":1},{"w":2},{"k":"A"}]}`,
		},
		{
			"beside other elements", complexA(group("sequence", "", `<x:element name="n" type="x:int"/>`+many("sequence", k+v)+w)),
			`<n>7</n><k>A</k><v>1</v><k>B</k><w>9</w>`, `{"n":7,"items":[{"k":"A","v":1},{"k":"B"}],"w":9}`,
		},
		{
			"two groups", complexA(group("sequence", "", many("sequence", k+v)+many("choice", w+`<x:element name="z" type="x:int"/>`))),
			`<k>A</k><v>1</v><z>1</z><w>2</w>`, `{"items":[{"k":"A","v":1}],"items_2":[{"z":1},{"w":2}]}`,
		},
		{
			"an element of that name", complexA(group("sequence", "", many("sequence", k+v)+`<x:element name="items" type="x:int"/>`)),
			`<k>A</k><items>5</items>`, `{"items_2":[{"k":"A"}],"items":5}`,
		},
		{
			"groups in groups", complexA(many("sequence", k+group("sequence", `minOccurs="0" maxOccurs="unbounded"`, w+v))),
			`<k>A</k><w>1</w><v>1</v><w>2</w><k>B</k><k>C</k><w>3</w>`,
			`{"items":[{"k":"A","items":[{"w":1,"v":1},{"w":2}]},{"k":"B","items":[]},{"k":"C","items":[{"w":3}]}]}`,
		},
		{"a group alone in a group", complexA(many("sequence", many("choice", k+w))), `<w>1</w><k>A</k>`, `{"items":[{"w":1},{"k":"A"}]}`},
		{"a group by its name", complexA(`<x:group ref="t:g" maxOccurs="unbounded"/>`) + `<x:group name="g">` + group("sequence", "", k+v) +
			`</x:group>`, `<k>A</k><k>B</k><v>2</v>`, `{"items":[{"k":"A"},{"k":"B","v":2}]}`},
		{"one element alone", complexA(many("sequence", k)), `<k>A</k><k>B</k>`, `{"k":["A","B"]}`},
		{
			"a head", complexA(group("sequence", "", `<x:element ref="t:h" maxOccurs="unbounded"/>`)) + heads,
			`<due>2</due><uno>1</uno><due>3</due>`, `{"items":[{"due":"2"},{"uno":"1"},{"due":"3"}]}`,
		},
		{
			"an extension", complexA(`<x:complexContent><x:extension base="t:B">`+group("sequence", "", w)+`</x:extension></x:complexContent>`) +
				`<x:complexType name="B">` + many("sequence", k+v) + `</x:complexType>`, `<k>A</k><k>B</k><v>2</v><w>1</w>`,
			`{"items":[{"k":"A"},{"k":"B","v":2}],"w":1}`,
		},
		{
			"anything between", complexA(many("choice", k+`<x:any namespace="##other" processContents="lax"/>`)),
			`<k>A</k><q xmlns="urn:q">1</q><k>B</k>`, `{"items":[{"k":"A"},{"any":"<q xmlns=\"urn:q\">1</q>"},{"k":"B"}]}`,
		},
		{
			"all may be missing", complexA(many("sequence", `<x:element name="k" type="x:string" minOccurs="0"/>`+v)),
			`<k>A</k><v>1</v><v>2</v><k>B</k>`, `{"items":[{"k":"A","v":1},{"v":2},{"k":"B"}]}`,
		},
		{"ended too early", complexA(many("sequence", k+w)), `<k>A</k><w>1</w><k>B</k>`, `!/items/1/w: expected an integer, found nothing`},
		{"another order", complexA(many("sequence", k+w)), `<k>A</k><w>1</w><w>2</w>`, `!/items/w: expected the element elsewhere: here comes k`},
		{"wrong in one", complexA(many("sequence", k+w)), `<k>A</k><w>1</w><k>A</k><w>x</w>`, `!/items/1/w: expected a whole number`},
		{"none of what must be there", complexA(many("sequence", k+w)), ``, `!/items: expected a list, found nothing`},
		{"too many", complexA(group("sequence", `maxOccurs="2"`, k+v)), `<k>A</k><k>B</k><k>C</k>`, `!/items: expected at most 2 items`},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := wired(t, x.types, "")
			want, served := x.json, x.xml
			if reason, refused := strings.CutPrefix(x.json, "!"); refused {
				at, _, _ := strings.Cut(reason, ":")
				want, served = "invalid at "+at+": "+reason, reason
			}
			good, ok := sample(c.Operation("op"))
			if !ok {
				t.Fatal("no sample")
			}
			if got, _ := read(t, c, asJSON(good), text(200, "text/xml", bodied(x.xml))); got != want {
				t.Errorf("called: found %s, expected %s", got, want)
			}
			if got := echoed(t, c, "text/xml", bodied(x.xml)); got != served {
				t.Errorf("served: found %s, expected %s", got, served)
			}
		})
	}
}

// TestGroups_passed: an element that the schema does not know parts no occurrence, and what a route does not want of a group is
// passed over in its right order.
func TestGroups_passed(t *testing.T) {
	c := wired(t, complexA(`<x:sequence><x:sequence maxOccurs="unbounded"><x:element name="k" type="x:string"/><x:element name="v" type="x:int" minOccurs="0"/></x:sequence><x:element name="w" type="x:int"/></x:sequence>`), "")
	const in = `{"items":[{"k":"A"}],"w":1}`
	body := bodied(`<k>A</k><nuovo/><v>1</v><k>B</k><w>7</w>`)
	if got, _ := read(t, c, in, text(200, "text/xml", body)); got != `{"items":[{"k":"A","v":1},{"k":"B"}],"w":7}` {
		t.Errorf("found %s", got)
	}
	o := c.Operation("op")
	use := &schema.Use{}
	o.Reads(use)
	use.Field("w").All()
	caller, _ := against(t, c, text(200, "text/xml", body))
	f, err := caller.Call(o, schema.Prune(o.Output, use))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f(t.Context(), input(t, o, in)); err != nil || asJSON(got) != `{"w":7}` {
		t.Errorf("found %s, %v", asJSON(got), err)
	}
	caller, _ = against(t, c, text(200, "text/xml", bodied(`<k>A</k><w>7</w><k>B</k>`)))
	if f, err = caller.Call(o, schema.Prune(o.Output, use)); err != nil {
		t.Fatal(err)
	}
	if got, err := f(t.Context(), input(t, o, in)); err == nil {
		t.Errorf("an element behind its group was read: %s", asJSON(got))
	}
}

// TestGroups_written: a record of a group says one of its elements at least, and of a choice one alone.
func TestGroups_written(t *testing.T) {
	choice := shape(t, complexA(`<x:choice maxOccurs="unbounded"><x:element name="k" type="x:string"/><x:element name="w" type="x:int"/></x:choice>`), "")
	hollow := shape(t, complexA(`<x:sequence maxOccurs="unbounded"><x:element name="k" type="x:string" minOccurs="0"/><x:element name="w" type="x:int" minOccurs="0"/></x:sequence>`), "")
	for _, x := range []struct {
		p      *op
		record []schema.Value
		want   string
	}{
		{
			choice,
			[]schema.Value{schema.Text("x"), schema.Int(1)},
			"/items/0/w: expected nothing here: the schema has no place for it beside the rest",
		},
		{choice, []schema.Value{{}, {}}, "/items/0: expected one of k, w, found nothing"},
		{hollow, []schema.Value{{}, {}}, "/items/0: expected a field of the record, found none"},
	} {
		items := x.p.in.Type.Fields[0].Type
		in := schema.RecordOf(x.p.in.Type, schema.List([]schema.Value{schema.RecordOf(items.Elem, x.record...)}))
		if _, err := versions["1.1"].writes(x.p.in).append(nil, in, nil); err == nil || err.Error() != x.want {
			t.Errorf("found %v, expected %s", err, x.want)
		}
	}
	if c := choice.in.Type.Fields[0].Type.Elem.Choices; len(c) != 1 || len(c[0].Branches) != 2 {
		t.Errorf("the record's choice is %v", c)
	}
}

// TestGroups_tolerant: in an answer that is taken as it comes, a name that the record has already begins the next one.
func TestGroups_tolerant(t *testing.T) {
	c := wired(t, complexA(`<x:sequence><x:sequence maxOccurs="unbounded"><x:element name="k" type="x:string"/><x:element name="v" type="x:int" minOccurs="0"/></x:sequence><x:element name="w" type="x:int"/></x:sequence>`), "  tolerant: true\n")
	got, n := read(t, c, `{"items":[{"k":"A"}],"w":1}`, text(200, "text/xml", bodied(`<w>7</w><v>1</v><k>A</k><altro/><k>B</k><v>x</v>`)))
	if want := `{"items":[{"k":"A","v":1},{"k":"B"}],"w":7}`; got != want || n == 0 {
		t.Errorf("found %s, counted %d; expected %s", got, n, want)
	}
}
