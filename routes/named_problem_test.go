package routes_test

import (
	"encoding/json"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/openapi"
	"fondaco/routes"
)

const namedProject = `
project: prova
title: Prova
language: it
problems:
  non-pagabile:
    type: https://api.comune.example/problemi/non-pagabile
    status: 409
    title: { en: Fine not payable, it: Multa non pagabile }
    with:
      stato: { type: string, enum: [pagata, ricorso], required: true }
      importo: { type: number }
  mai-usato: { type: "urn:problema:mai-usato", status: 410, title: Mai usato }
`

const namedRoutes = `
routes:
  paga:
    http: POST /multe/{n}/pagamento
    auth: none
    path: { n: { type: integer } }
    steps:
      - fail: { problem: non-pagabile, with: { stato: pagata } }
        when: path.n == 1
      - fail: { status: 409, title: Altro, with: { altro: 1 } }
        when: path.n == 2
  chiede:
    http: POST /multe/{n}/ricorso
    accept: async
    reply_to: { allow: ["https://enti.example/esiti/"] }
    auth: none
    path: { n: { type: integer } }
    steps:
      - fail: { problem: non-pagabile, with: { stato: ricorso } }
        when: path.n == 1
`

func checkedNamed(t *testing.T, files ...File) (*routes.Typed, *diag.List) {
	t.Helper()
	a := Archive{Files: append([]File{{Name: "fondaco.yaml", Text: namedProject}, {Name: "routes/r.yaml", Text: namedRoutes}}, files...)}
	var out diag.List
	return routes.Check(routes.Load(config.Source{FS: a.FS(Archive{})}, all.Protocols, &out), &out), &out
}

// TestNamedProblemInTheDocument: each named problem that a route may answer is a component of its own, which the answers of its status, the
// results of accepted requests included, may be; the example is one. The document is fulfilled by the routes that it was written of.
func TestNamedProblemInTheDocument(t *testing.T) {
	typed, out := checkedNamed(t)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	for _, version := range []string{"3.0.3", "3.1.0"} {
		b, err := openapi.Write(typed.Info(nil), typed.Operations(), version)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Paths map[string]map[string]struct {
				Responses map[string]struct {
					Content map[string]struct {
						Schema struct {
							AnyOf []struct {
								Ref string `json:"$ref"`
							}
						}
						Example map[string]any
					}
				}
			}
			Components struct {
				Schemas map[string]struct {
					Required   []string
					Properties map[string]json.RawMessage
				}
			}
		}
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		kind := doc.Components.Schemas["NonPagabile"]
		if got := strings.Join(kind.Required, " "); got != "type title status stato" {
			t.Errorf("%s: required are %s", version, got)
		}
		if got := string(kind.Properties["type"]); !strings.Contains(got, `"https://api.comune.example/problemi/non-pagabile"`) {
			t.Errorf("%s: the type is %s", version, got)
		}
		if _, has := doc.Components.Schemas["MaiUsato"]; has {
			t.Errorf("%s: a problem that no route answers is described", version)
		}
		for path, method := range map[string]string{"/multe/{n}/pagamento": "post", "/operations/{id}/result": "get"} {
			content := doc.Paths[path][method].Responses["409"].Content["application/problem+json"]
			if any := content.Schema.AnyOf; len(any) != 2 || any[0].Ref != "#/components/schemas/NonPagabile" {
				t.Errorf("%s: %s: the problem is one of %v", version, path, any)
			}
			e := content.Example
			if e["type"] != "https://api.comune.example/problemi/non-pagabile" || e["title"] != "Multa non pagabile" || e["status"] != 409.0 ||
				e["stato"] != "pagata" || e["importo"] == nil {
				t.Errorf("%s: %s: the example is %v", version, path, e)
			}
		}
		_, problems := checkedNamed(t, File{Name: "contract.json", Text: string(b)},
			File{Name: "fondaco.yaml", Text: namedProject + "contract: contract.json\n"})
		if problems.Failed() {
			t.Errorf("%s: the document is not fulfilled by what it was written of: %v", version, problems.Sorted())
		}
	}
}
