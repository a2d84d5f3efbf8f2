package config_test

import (
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
)

// TestSaid puts constants into texts, and has the places of what follows them be those of the file.
func TestSaid(t *testing.T) {
	const file = `values: { a: uno, n: 8080, deep: { "x-y": "$${z} ${z}" } }
text: "http://${project.a}:${project.n}/${evn.X}"
deep: ${project.deep.x-y}
none: $${project.a}
`
	var out diag.List
	n := config.Parse("fondaco.yaml", []byte(file), &out)
	n.Constants(n.Get("values"))
	for key, want := range map[string]string{
		"text": "http://uno:8080/${evn.X}", "deep": "$${z} $${z}", "none": "$${project.a}",
	} {
		if got := n.Get(key).Said(&out).Value; got != want {
			t.Errorf("%s: found %q, expected %q", key, got, want)
		}
	}
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	config.ParseRefs(n.Get("text").Said(&out), []string{"env"}, &out)
	found := out.Sorted()
	if len(found) != 1 || found[0].Pos.Line != 2 || found[0].Pos.Col != 41 {
		t.Errorf("found %v, expected one problem at 2:41", found)
	}
	if got := n.Get("text").Said(&out); got.At(10).Col != 27 || got.At(8).Col != 15 || got.At(3).Col != 11 {
		t.Errorf("found columns %d, %d and %d, expected 27, 15 and 11", got.At(10).Col, got.At(8).Col, got.At(3).Col)
	}
}
