package soap

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors/soap/xsd"
)

// TestNeighbours: what is imported from an address, from nowhere, or by the name that it had at its service, is found
// beside, by its namespace; what is not there is told where it is wanted.
func TestNeighbours(t *testing.T) {
	const schema = `<x:schema xmlns:x="` + xsd.Space + `" targetNamespace="urn:t"><x:element name="a" type="x:string"/></x:schema>`
	abstract, concrete, _ := strings.Cut(tiny, "<binding")
	head, rest, _ := strings.Cut(abstract, "<types>")
	_, rest, _ = strings.Cut(rest, "</types>")
	with := func(types string) string { return head + types + rest }
	whole := func(types string) string { return with(types) + "<binding" + concrete }
	imports := func(location string) string {
		return `<types><x:schema><x:import namespace="urn:t" ` + location + `/></x:schema></types>`
	}
	for _, x := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"from an address", map[string]string{"c/s.wsdl": whole(imports(`schemaLocation="http://127.0.0.1:1/s?xsd=1"`)), "c/s1.xsd": schema}, ""},
		{"from nowhere", map[string]string{"c/s.wsdl": whole(imports("")), "c/xsd/s1.xsd": schema}, ""},
		{"empty", map[string]string{"c/s.wsdl": whole(imports(`schemaLocation=""`)), "c/s1.xsd": schema}, ""},
		{"by its old name", map[string]string{"c/s.wsdl": whole(imports(`schemaLocation="s?xsd=1"`)), "c/s1.xsd": schema}, ""},
		{
			"a broken file beside",
			map[string]string{"c/s.wsdl": whole(imports(`schemaLocation="s?xsd=1"`)), "c/a.xsd": "<x", "c/s1.xsd": schema},
			"",
		},
		{
			"of another namespace",
			map[string]string{
				"c/s.wsdl": whole(imports(`schemaLocation="http://127.0.0.1:1/s"`)),
				"c/s1.xsd": strings.Replace(schema, "urn:t", "urn:u", 1),
			},
			"c/s.wsdl:1:206: the schema lies at an address, and addresses are never fetched",
		},
		{"not there", map[string]string{"c/s.wsdl": whole(imports(`schemaLocation="s.xsd"`))}, "c/s.wsdl:1:206: the file c/s.xsd is not there"},
		{
			"in another folder",
			map[string]string{"c/s.wsdl": whole(imports(`schemaLocation="s.xsd"`)), "d/s.xsd": schema},
			"c/s.wsdl:1:206: the file c/s.xsd is not there",
		},
		{"a WSDL from an address", map[string]string{
			"c/s.wsdl": head + `<import namespace="urn:t" location="http://127.0.0.1:1/?wsdl=wsdl0"/><binding` + concrete,
			"c/t.wsdl": with(imports("")) + "</definitions>", "c/s1.xsd": schema,
		}, ""},
		{"a WSDL that is not there", map[string]string{"c/s.wsdl": head + `<import namespace="urn:u" location="u.wsdl"/>` + "<binding" +
			concrete}, "c/s.wsdl:1:189: the file c/u.wsdl is not there"},
	} {
		t.Run(x.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for name, text := range x.files {
				files[name] = &fstest.MapFile{Data: []byte(text)}
			}
			var out diag.List
			_, operations, _ := compileAll(files, "c/s.wsdl", &out)
			got := ""
			if list := out.Sorted(); len(list) > 0 {
				got = list[0].Pos.String() + ": " + list[0].Message
			}
			if got != x.want || got == "" && operations != 1 {
				t.Errorf("got  %s, %d operations\nwant %s", got, operations, x.want)
			}
		})
	}
}
