package openapi

import (
	"strings"
	"testing"

	"fondaco/schema"
)

// bodyOf reads the schema of a request's body.
func bodyOf(t *testing.T, body, schemas string) (*schema.Type, string) {
	t.Helper()
	doc, said := told(t, head+"paths: {/a: {post: {requestBody: {content: {application/json: {schema: "+body+
		"}}}, responses: {204: {description: ok}}}}}\n"+schemas)
	if doc == nil || len(doc.Operations) != 1 {
		t.Fatalf("no operation: %s", said)
	}
	return doc.Operations[0].Body, said
}

func TestReadPresence(t *testing.T) {
	ab := "type: object, properties: {a: {type: string}, b: {type: string}, c: {type: string}}"
	for name, c := range map[string]struct{ src, want, said string }{
		"any":   {"{" + ab + ", anyOf: [{required: [a]}, {required: [b, c]}]}", "at least one of a, b + c", ""},
		"one":   {"{" + ab + ", oneOf: [{required: [a]}, {required: [b], title: B}]}", "exactly one of a, b", ""},
		"not":   {"{" + ab + ", oneOf: [{required: [a]}, {not: {required: [a]}}]}", "exactly one of a, without a", ""},
		"none":  {"{" + ab + ", oneOf: [{required: [a]}, {not: {anyOf: [{required: [a]}, {required: [b]}]}}]}", "exactly one of a, without a or b", ""},
		"both":  {"{" + ab + ", anyOf: [{required: [a]}, {required: [b]}], oneOf: [{required: [b]}, {required: [c]}]}", "at least one of a, b; exactly one of b, c", ""},
		"parts": {"{allOf: [{" + ab + "}, {anyOf: [{required: [a]}, {required: [b]}]}, {anyOf: [{required: [b]}, {required: [c]}]}]}", "at least one of a, b; at least one of b, c", ""},
		"true":  {"{" + ab + ", anyOf: [{required: [a]}, {}]}", "", ""},
		"words": {"{" + ab + ", oneOf: [{title: A}, {title: B}]}", "", ""},
		"other": {"{" + ab + ", anyOf: [{required: [a]}, {required: [d]}]}", "at least one of a, d", ""},
		"closed": {
			"{" + ab + ", additionalProperties: false, oneOf: [{required: [a]}, {required: [b], not: {required: [d]}}, {required: [e]}]}",
			"exactly one of a, b", "",
		},
		"map":    {"{type: object, anyOf: [{required: [a]}, {required: [b]}]}", "at least one of a, b", ""},
		"untold": {"{anyOf: [{required: [a]}, {required: [b]}]}", "at least one of a, b", ""},
		"hard": {
			"{" + ab + ", anyOf: [{required: [a]}, {not: {required: [a, b]}}]}", "",
			`anyOf over "not" of this kind is not supported`,
		},
	} {
		typ, said := bodyOf(t, c.src, "")
		var words []string
		for i := range typ.Present {
			words = append(words, typ.Present[i].String())
		}
		if got := strings.Join(words, "; "); got != c.want || c.said == "" && said != "" || !strings.Contains(said, c.said) {
			t.Errorf("%s: found %q, told %q", name, got, said)
		}
		if typ.Kind == schema.KindAny {
			t.Errorf("%s: anything fits", name)
		}
	}
}

// TestReadPresenceBesideUnion: variants that are types and conditions hold together, whichever stands last.
func TestReadPresenceBesideUnion(t *testing.T) {
	variants := "{oneOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: integer}}, required: [b]}]}"
	condition := "{oneOf: [{required: [x]}, {required: [y]}]}"
	for _, src := range []string{"{allOf: [" + variants + ", " + condition + "]}", "{allOf: [" + condition + ", " + variants + "]}"} {
		typ, said := bodyOf(t, src, "")
		if said != "" || typ.Kind != schema.KindUnion || len(typ.Variants) != 2 {
			t.Fatalf("%s: %s, told %q", src, typ, said)
		}
		for _, v := range typ.Variants {
			if len(v.Present) != 1 || v.Index("x") < 0 {
				t.Errorf("%s: the variant %s lacks the condition", src, v)
			}
		}
	}
}

// TestPresenceRoundTrip: what is read is written in our document, and read from it again as the same type.
func TestPresenceRoundTrip(t *testing.T) {
	ab := "{type: object, properties: {a: {type: string}, b: {type: string}, c: {type: string}}, "
	for _, src := range []string{
		ab + "anyOf: [{required: [a]}, {required: [b, c]}]}",
		ab + "oneOf: [{required: [a], not: {required: [c]}}, {not: {anyOf: [{required: [a]}, {required: [b]}]}}]}",
		ab + "anyOf: [{required: [a]}, {required: [b]}], oneOf: [{required: [b]}, {required: [c]}]}",
		"{type: object, anyOf: [{required: [a]}, {required: [b]}]}",
	} {
		typ, _ := bodyOf(t, src, "")
		again, said := bodyOf(t, string(JSONSchema(typ)), "")
		if said != "" || !schema.Same(typ, again) {
			t.Errorf("%s: %s became %s, told %q", src, typ, again, said)
		}
	}
}

func TestComparePresence(t *testing.T) {
	ab := "{type: object, properties: {a: {type: string}, b: {type: string}}"
	plain, _ := bodyOf(t, ab+"}", "")
	some, _ := bodyOf(t, ab+", anyOf: [{required: [a]}, {required: [b]}]}", "")
	one, _ := bodyOf(t, ab+", oneOf: [{required: [a]}, {required: [b]}]}", "")
	sure, _ := bodyOf(t, ab+", required: [a]}", "")
	for _, c := range []struct {
		from, to *schema.Type
		want     string
	}{
		{plain, some, "the whole may break here what is required there: at least one of a, b"},
		{some, plain, ""},
		{one, some, ""},
		{some, one, "the whole may break here what is required there: exactly one of a, b"},
		{sure, some, ""},
	} {
		f := &fit{seen: map[[2]*schema.Type]bool{}}
		f.check("", c.from, c.to)
		if got := strings.Join(f.misfits, "; "); got != c.want {
			t.Errorf("%s to %s: found %q, expected %q", c.from, c.to, got, c.want)
		}
	}
}
