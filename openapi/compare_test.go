package openapi

import (
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/schema"
)

func compared(t *testing.T, change func(ops []Operation) []Operation) string {
	t.Helper()
	info, ops := rich()
	src, err := Write(info, ops, "3.0.3")
	if err != nil {
		t.Fatal(err)
	}
	var out diag.List
	given := Read(src, "agreed.json", &out, diag.Pos{})
	if given == nil || out.Failed() {
		t.Fatal(out.Sorted())
	}
	for i := range given.Operations {
		given.Operations[i].Pos.Line, given.Operations[i].Pos.Col = 1, 1 // the places are Read's
	}
	Compare(given, change(ops), func(id string) diag.Pos { return diag.Pos{File: id + ".yaml", Line: 1, Col: 1} }, &out)
	var lines []string
	for _, p := range out.Sorted() {
		lines = append(lines, p.Pos.File+": "+string(p.Code)+" "+p.Message)
	}
	return strings.Join(lines, "\n")
}

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		change func(ops []Operation) []Operation
		want   string
	}{
		"same": {func(ops []Operation) []Operation { return ops }, ""},
		"missing": {
			func(ops []Operation) []Operation { return append(ops[:3], ops[4:]...) },
			"agreed.json: E406 the agreed document has PATCH /multe/{numero}, no route serves it",
		},
		"extra": {func(ops []Operation) []Operation {
			return append(ops, Operation{ID: "altro", Method: "DELETE", Path: "/multe/{numero}/pagamenti"})
		}, `altro.yaml: E406 DELETE /multe/{numero}/pagamenti is not in the agreed document agreed.json` +
			diag.DidYouMean("DELETE /multe/{numero}/pagamenti",
				[]string{"GET /multe", "GET /multe/{numero}", "PATCH /multe/{numero}", "POST /multe/{numero}/pagamenti", "GET /status"})},
		"security": {
			func(ops []Operation) []Operation { ops[0].Security = nil; return ops },
			"elenco-multe.yaml: E406 the agreed document protects GET /multe, the route is open to everybody",
		},
		"parameter missing": {
			func(ops []Operation) []Operation { ops[0].Parameters = ops[0].Parameters[1:]; return ops },
			`elenco-multe.yaml: E406 the agreed document has query parameter "stato", the route takes none`,
		},
		"parameter required": {
			func(ops []Operation) []Operation { ops[0].Parameters[1].Required = true; return ops },
			`elenco-multe.yaml: E406 query parameter "pagina" is required by the route, optional in the agreed document`,
		},
		"parameter narrower": {
			func(ops []Operation) []Operation { ops[0].Parameters[2].Type = schema.TypeInt; return ops },
			`elenco-multe.yaml: E406 header parameter "Accept-Language", as the agreed document has it, does not fit the route's: the whole is text here, integer there`,
		},
		"body": {
			func(ops []Operation) []Operation { ops[2].Body = nil; return ops },
			"paga-multa.yaml: E406 the agreed document has a body, the route takes none",
		},
		"answer": {func(ops []Operation) []Operation {
			multa := *ops[1].Responses[0].Body
			multa.Fields = append([]schema.Field{{Name: "nuovo", Type: schema.TypeText}}, multa.Fields[1:]...)
			multa.Fields[1].Type = schema.TypeText
			ops[1].Responses[0].Body = (&multa).Seal()
			return ops
		}, "dettaglio-multa.yaml: E406 the answer 200 does not fit the agreed document's: /importo is text here, decimal there\n" +
			"dettaglio-multa.yaml: E406 the answer 200 does not fit the agreed document's: /numero is missing here, required there\n" +
			"dettaglio-multa.yaml: E406 the answer 200 does not fit the agreed document's: /nuovo is here, unknown there"},
		"status": {
			func(ops []Operation) []Operation { ops[3].Responses[0].Status = 205; return ops },
			"modifica-multa.yaml: E406 the agreed document has the answer 204, the route never returns it\n" +
				"modifica-multa.yaml: E406 the route answers 205, which the agreed document does not have",
		},
	} {
		if got := compared(t, c.change); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}
