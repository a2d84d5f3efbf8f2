package rest

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/scaffold"
	"fondaco/transform"
)

const libraryDocument = `openapi: 3.0.3
info: {title: Biblioteca, version: '1'}
paths:
  /libri/{isbn}:
    get: {operationId: libro, parameters: [{name: isbn, in: path, required: true, schema: {type: string}}], responses: {'204': {description: ok}}}
    delete: {operationId: toglieLibro, parameters: [{name: isbn, in: path, required: true, schema: {type: string}}], responses: {'204': {description: ok}}}
  /prestiti: {post: {responses: {'204': {description: ok}}}}
`

// TestImportNearest: each operation that is asked for and is not there is told, with the nearest or with those that there are.
func TestImportNearest(t *testing.T) {
	var out diag.List
	x := readImport(fstest.MapFS{"api.yaml": {Data: []byte(libraryDocument)}}, "api.yaml",
		scaffold.Options{Operations: []string{"libro", "libre", "TOGLIELIBRO", "GET /prestiti", "zzz"}}, &out)
	want := `api.yaml: E302 the OpenAPI document has no operation "GET /prestiti"; did you mean "POST /prestiti"?
api.yaml: E302 the OpenAPI document has no operation "TOGLIELIBRO"; did you mean "toglieLibro"?
api.yaml: E302 the OpenAPI document has no operation "libre"; did you mean "libro"?
api.yaml: E302 the OpenAPI document has no operation "zzz"; it has libro, toglieLibro, POST /prestiti`
	if got := problems(&out); x != nil || got != want {
		t.Errorf("found %v\n%s\nexpected\n%s", x, got, want)
	}
	if out = (diag.List{}); readImport(fstest.MapFS{"api.yaml": {Data: []byte(libraryDocument)}}, "api.yaml",
		scaffold.Options{Operations: []string{"libro", "POST /prestiti"}}, &out) == nil || out.Failed() {
		t.Error(problems(&out))
	}
}

// TestMisplaced: what stands under operations and is none is one problem, which says where it belongs.
func TestMisplaced(t *testing.T) {
	for line, want := range map[string]string{
		"efect: read": `c/connector.yaml:6:3: E101 unknown key "efect" in "operations": an operation is an object, found "read"; ` +
			`did you mean "effect", below the name of an operation?`,
		"effect: read": `c/connector.yaml:6:3: E101 unknown key "effect" in "operations": an operation is an object, found "read"; ` +
			`write effect below the name of its operation`,
		"samples: samples/": `c/connector.yaml:6:3: E101 unknown key "samples" in "operations": an operation is an object, found "samples/"; ` +
			`samples stands beside operations, not in it`,
		"implement: [a@1]": `c/connector.yaml:6:3: E101 unknown key "implement" in "operations": an operation is an object, found a list; ` +
			`did you mean "implements", beside operations?`,
		"toglieLibro: ": `c/connector.yaml:6:3: E101 unknown key "toglieLibro" in "operations": an operation is an object, found nothing; ` +
			`write toglieLibro: { effect: read, … }`,
		"libre: { effect: read }": `c/connector.yaml:6:3: E302 the OpenAPI document has no operation "libre"; did you mean "libro"?`,
		"zzz: { effect: read }":   `c/connector.yaml:6:3: E302 the OpenAPI document has no operation "zzz"; it has libro, toglieLibro, POST /prestiti`,
	} {
		files := severalFiles(libraryDocument, line+"\n  libro: { effect: read }")
		if strings.HasPrefix(line, "samples") {
			files["c/samples/libro.yaml"] = &fstest.MapFile{Data: []byte("[]")}
		}
		var out diag.List
		c := connectors.Load(files, "c", registry, transform.Constants{}, &out, diag.Pos{})
		if got := problems(&out); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", line, got, want)
		}
		if c == nil || c.Operation("libro") == nil || c.Operation("libro").Input.Index("isbn") != 0 {
			t.Errorf("%s: the operation beside it is lost", line)
		}
	}
}
