package connectors_test

import (
	"context"
	"fmt"
	"testing"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// TestFailRules: the rules on answers, whole and pruned to what a route reads.
func TestFailRules(t *testing.T) {
	c, wrong := load(t, good)
	if wrong != "" {
		t.Fatal(wrong)
	}
	op := c.Operation("leggi")
	var use schema.Use
	op.Reads(&use)
	for _, want := range []*schema.Type{op.Output, schema.Prune(op.Output, &use)} {
		rules := op.FailRules(want, schema.Value{})
		if rules == nil {
			t.Fatalf("no rules over %s", want)
		}
		for answer, told := range map[string]string{
			`{"esito":{"codice":"0"}}`:                         "<nil>",
			`{"esito":{"codice":"7","descrizione":"segreto"}}`: "refused 200 Errore 7",
		} {
			v, err := codec.CompileJSON(want, codec.JSONOptions{Unknown: codec.Ignore}).Decode([]byte(answer))
			if err != nil {
				t.Fatal(err)
			}
			got := "<nil>"
			if f := rules(context.Background(), v, 200); f != nil {
				got = fmt.Sprintf("%s %d %s", f.Kind, f.Status, f.Detail)
				if !f.Sent {
					t.Error("an answer without a call")
				}
			}
			if got != told {
				t.Errorf("%s: found %s, expected %s", answer, got, told)
			}
		}
	}
	if rules := (&connectors.Operation{}).FailRules(op.Output, schema.Value{}); rules != nil {
		t.Error("rules of an operation that has none")
	}
}

func TestFaultWords(t *testing.T) {
	for _, word := range connectors.FaultKinds() {
		if k := connectors.FaultKindOf(word); k == 0 || k.String() != word {
			t.Errorf("%s is %s", word, k)
		}
	}
	if connectors.FaultKindOf("") != 0 || connectors.FaultKindOf("broken") != 0 {
		t.Error("found an unknown kind")
	}
	f := &connectors.Fault{System: "s", Operation: "o", Kind: connectors.Invalid, Path: "/a/0"}
	if got := connectors.AsFault(fmt.Errorf("step 3: %w", f)); got != f || f.Error() != "s.o: invalid at /a/0" {
		t.Error(got)
	}
}
