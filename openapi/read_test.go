package openapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fondaco/config/diag"
	"fondaco/schema"
)

// told returns the problems of reading src, one a line.
func told(t *testing.T, src string) (*Document, string) {
	t.Helper()
	var out diag.List
	doc := Read([]byte(src), "api.yaml", &out, diag.Pos{File: "connector.yaml", Line: 3, Col: 9})
	return doc, linesOf(&out)
}

// toldTo is told for those who call the API.
func toldTo(t *testing.T, src string) (*Document, string) {
	t.Helper()
	var out diag.List
	doc := ReadClient([]byte(src), "api.yaml", nil, &out, diag.Pos{File: "connector.yaml", Line: 3, Col: 9})
	return doc, linesOf(&out)
}

func linesOf(out *diag.List) string {
	var lines []string
	for _, p := range out.Sorted() {
		lines = append(lines, p.Pos.String()+": "+string(p.Code)+" "+p.Message)
	}
	return strings.Join(lines, "\n")
}

const head = "openapi: 3.0.3\ninfo: {title: t, version: 1.0.0}\n"

func TestReadTellsWhatIsWrong(t *testing.T) {
	answer := "responses: {200: {description: ok, content: {application/json: {schema: "
	for name, c := range map[string]struct{ src, want string }{
		"neither":  {"a: 1", `connector.yaml:3:9: E304 api.yaml is not an OpenAPI document: it says neither openapi nor swagger`},
		"not yaml": {"a: [", `api.yaml:1:1: E001 the document is neither JSON nor YAML: did not find expected node content`},
		"version":  {"openapi: 2.5.0", `api.yaml:1:10: E304 found version "2.5.0", expected OpenAPI 3.0 or 3.1 or Swagger 2.0`},
		"O01 http": {
			head + "paths: {/a: {get: {" + answer + "{$ref: 'http://x.example/y.yaml#/A'}}}}}}}}",
			`api.yaml:3:99: E304 $ref "http://x.example/y.yaml#/A" leads out of the document, only its own parts (#/...) are read`,
		},
		"O01 file": {
			head + "paths: {/a: {get: {" + answer + "{$ref: '../y.yaml'}}}}}}}}",
			`api.yaml:3:99: E304 $ref "../y.yaml" leads out of the document, only its own parts (#/...) are read`,
		},
		"nowhere": {
			head + "paths: {/a: {get: {" + answer + "{$ref: '#/components/schemas/A'}}}}}}}}",
			`api.yaml:3:99: E304 $ref "#/components/schemas/A" leads nowhere`,
		},
		"O02 ref": {
			head + "paths: {/a: {get: {" + answer + "{$ref: '#/components/schemas/A'}}}}}}}}\ncomponents: {schemas: {A: {$ref: " +
				"'#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}",
			`api.yaml:4:64: E304 $ref leads from reference to reference without an end`,
		},
		"O02 allOf": {
			head + "paths: {/a: {get: {" + answer + "{$ref: '#/components/schemas/A'}}}}}}}}\ncomponents: {schemas: {A: {allOf: [{$ref: " +
				"'#/components/schemas/A'}]}}}",
			`api.yaml:4:27: E304 the schema's allOf contains the schema itself`,
		},
		"O03 parameter": {head + "paths: {/a: {get: {parameters: [{name: q, in: query, content: {}}, {name: r, in: query, content: " +
			"{application/json: {}}}], responses: {}}}}", ""},
		"O04 array": {
			"openapi: 3.1.0\ninfo: {title: t, version: 1.0.0}\npaths: {/a: {get: {" + answer + "{type: [array, 'null']}}}}}}}}",
			"",
		},
		"O05 scheme": {
			head + "security: [{spid: []}]\npaths: {/a: {get: {responses: {}}}, /b: {get: {responses: {}, security: []}}}",
			`api.yaml:3:13: E304 security scheme "spid" is not declared by the document`,
		},
		"O06 id": {
			head + "paths: {/a: {get: {operationId: x, responses: {}}, put: {operationId: x, responses: {}}}}",
			`api.yaml:3:71: E304 operationId "x" is there twice, first at api.yaml:3:33`,
		},
		"O06 paths": {head + "paths: {'/a/{x}': {}, '/a/{y}': {}}", `api.yaml:3:23: E304 paths /a/{x} and /a/{y} are one: a request fits both`},
		"type": {
			head + "paths: {/a: {get: {" + answer + "{type: strnig}}}}}}}}",
			`api.yaml:3:99: E304 found type "strnig", expected string, integer, number, boolean, object, array or null`,
		},
		"pattern": {
			head + "paths: {/a: {get: {" + answer + "{type: string, pattern: '(?=a)'}}}}}}}}",
			`api.yaml:3:116: E304 the pattern "(?=a)" cannot be checked and is left out`,
		},
	} {
		if _, got := told(t, c.src); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestReadSchemas(t *testing.T) {
	doc, problems := told(t, head+`
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, format: int64}}]
    post:
      operationId: crea
      tags: [Uno]
      requestBody: {required: true, content: {application/xml: {schema: {type: string}}, application/json; charset=utf-8: {schema: {$ref: '#/components/schemas/Figlio'}}}}
      responses:
        '201': {description: fatto, headers: {Location: {schema: {type: string, format: uri}}}, content: {application/json: {schema: {$ref: '#/components/schemas/Albero'}}}}
        default: {$ref: '#/components/responses/Errore'}
components:
  responses: {Errore: {description: errore, content: {application/problem+json: {schema: {type: object}}}}}
  schemas:
    Padre:
      type: object
      required: [tipo]
      properties: {tipo: {type: string}, importo: {type: number, multipleOf: 0.01, minimum: 0, exclusiveMinimum: true}}
      oneOf: [{$ref: '#/components/schemas/Figlio'}]
    Figlio:
      allOf:
        - $ref: '#/components/schemas/Padre'
        - {type: object, required: [nome, extra], properties: {nome: {type: string, nullable: true, description: Il nome}, tipo: {type: string, enum: [figlio]}}, additionalProperties: false}
    Albero: {type: object, properties: {rami: {type: array, items: {$ref: '#/components/schemas/Albero'}}, quando: {type: string, format: date-time}, libero: {}, mappa: {type: object, additionalProperties: {type: integer}}}}
`)
	if problems != "" {
		t.Fatal(problems)
	}
	op := doc.Operation("crea")
	if op == nil || op.Method != "POST" || op.Tag != "Uno" || !op.BodyRequired || op.BodyType != "application/json; charset=utf-8" ||
		len(op.Parameters) != 1 || op.Parameters[0].Type.Kind != schema.KindInt {
		t.Fatalf("operation is %+v", op)
	}
	figlio := op.Body
	var names []string
	for _, f := range figlio.Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "tipo importo nome extra" || figlio.Name != "Figlio" || figlio.Open {
		t.Errorf("Figlio has %s, open %v, name %s", got, figlio.Open, figlio.Name)
	}
	if f := figlio.Fields[0]; len(f.Type.Enum) != 1 || !f.Required {
		t.Errorf("tipo is %+v", f.Type)
	}
	if f := figlio.Fields[1].Type; f.Kind != schema.KindDecimal || *f.Fraction != 2 || !f.ExclMin || valueJSON(*f.Minimum) != "0" {
		t.Errorf("importo is %+v", f)
	}
	if f := figlio.Fields[2]; !f.Type.Nullable || !f.Required || f.Doc != "Il nome" {
		t.Errorf("nome is %+v", f)
	}
	albero := op.Responses[0].Body
	if albero.Fields[0].Type.Elem != albero || albero.Fields[1].Type.Kind != schema.KindDateTime ||
		albero.Fields[2].Type.Kind != schema.KindAny || albero.Fields[3].Type.Elem.Kind != schema.KindInt {
		t.Error("Albero is not what it says")
	}
	if op.Responses[1].Status != 0 || op.Responses[1].ContentType != "application/problem+json" ||
		op.Responses[0].Headers[0].Name != "Location" {
		t.Errorf("responses are %+v", op.Responses)
	}
}

func TestReadSwagger(t *testing.T) {
	doc, problems := told(t, `{
	"swagger": "2.0", "info": {"title": "t", "version": "1"}, "host": "api.example", "basePath": "/v1", "schemes": ["https"],
	"securityDefinitions": {"K": {"type": "apiKey", "in": "header", "name": "Ocp-Apim-Subscription-Key"}}, "security": [{"K": []}],
	"paths": {"/m": {"post": {"operationId": "invia", "parameters": [
		{"name": "m", "in": "body", "required": true, "schema": {"$ref": "#/definitions/M"}},
		{"name": "ids", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"}],
		"responses": {"201": {"description": "ok", "schema": {"$ref": "#/definitions/M"}}}}}},
	"definitions": {"M": {"type": "object", "properties": {"amount": {"type": "integer", "maximum": 9999999999}}}}}`)
	if problems != "" {
		t.Fatal(problems)
	}
	op := doc.Operation("invia")
	if op.Body != op.Responses[0].Body || op.Body.Name != "M" || op.BodyType != "application/json" || !op.BodyRequired ||
		op.Body.Fields[0].Type.Maximum.Int() != 9999999999 {
		t.Errorf("body is %+v", op.Body)
	}
	if p := op.Parameters[0]; p.Style != "form" || !p.Explode || p.Type.Kind != schema.KindList {
		t.Errorf("parameter is %+v", p)
	}
	if doc.Info.Servers[0].URL != "https://api.example/v1" || op.Security[0][0].Scheme != "K" ||
		doc.Info.Schemes[0].Key != "Ocp-Apim-Subscription-Key" {
		t.Errorf("%+v", doc.Info)
	}
}

// What Write writes, Read reads as it was.
func TestReadWhatWasWritten(t *testing.T) {
	for _, version := range Versions {
		var out diag.List
		doc := Read(write(t, version), "openapi.json", &out, diag.Pos{})
		if len(out.Sorted()) > 0 {
			t.Fatal(version, out.Sorted())
		}
		again, err := Write(doc.Info, doc.Operations, version)
		if err != nil {
			t.Fatal(err)
		}
		var twice diag.List
		if back := Read(again, "openapi.json", &twice, diag.Pos{}); len(back.Operations) != len(doc.Operations) || len(twice.Sorted()) > 0 {
			t.Error(version, ": read, written and read again, it is another document ", twice.Sorted())
		}
	}
}

// Combinations of combinations come to an end: a reader that made all of them would take years.
func TestReadIsBounded(t *testing.T) {
	var all, any strings.Builder
	for i := range 40 {
		fmt.Fprintf(&all, "    A%d: {allOf: [{$ref: '#/components/schemas/A%d'}, {$ref: '#/components/schemas/A%d'}]}\n", i, i+1, i+1)
		fmt.Fprintf(&any, "    A%d: {properties: {p%d: {type: string}}, anyOf: [{$ref: '#/components/schemas/A%d'}, {allOf: [{$ref: "+
			"'#/components/schemas/A%d'}]}, {$ref: '#/components/schemas/A%d'}]}\n", i, i, i+1, i+1, i/2)
	}
	for _, schemas := range []string{all.String(), any.String()} {
		begin := time.Now()
		_, problems := told(t, head+"paths: {/a: {get: {responses: {200: {description: ok, content: {application/json: {schema: {$ref: "+
			"'#/components/schemas/A0'}}}}}}}}\ncomponents:\n  schemas:\n"+schemas+"    A40: {type: object}\n")
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("it took %s", took)
		}
		if !strings.Contains(problems, "more than") {
			t.Errorf("problems are %s", problems)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "paths: {/a: {get: {responses: {200: {$ref: '#/paths'}}}}}"))
	f.Add([]byte(`{"swagger": "2.0", "paths": {"/a": {"get": {"parameters": [{"in": "body"}]}}}}`))
	f.Add([]byte("openapi: 3.1.0\npaths: &a {/a: {get: {responses: {default: {content: {a: {schema: {anyOf: [{type: [array]}, {$ref: " +
		"'#'}]}}}}}}}}\nb: *a"))
	f.Fuzz(func(t *testing.T, src []byte) {
		var out diag.List
		doc := Read(src, "api.yaml", &out, diag.Pos{})
		if doc == nil && !out.Failed() {
			t.Error("nothing was read and nothing said")
		}
	})
}
