package rest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/openapi"
)

// TestSuites counts, over large published documents, the operations that are spoken and those that are refused with
// their reason. None may be left without either.
func TestSuites(t *testing.T) {
	const suites = "../../../shared/suites/openapi"
	files, err := filepath.Glob(filepath.Join(suites, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("the published documents are not here: ", suites)
	}
	operations, spoken, reasons := 0, 0, map[string]int{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out diag.List
		doc := openapi.Read(src, filepath.Base(file), &out, diag.Pos{})
		if doc == nil {
			t.Errorf("%s is not read: %v", file, problems(&out))
			continue
		}
		spokenHere := 0
		for i := range doc.Operations {
			o := &doc.Operations[i]
			operations++
			var out diag.List
			operation := &connectors.Operation{Name: "prova"}
			p := &op{operation: config.Text{Value: o.Method + " " + o.Path}}
			operation.Wire = p
			p.described(operation, doc, &out)
			switch {
			case out.Failed():
				for _, problem := range out.Sorted() {
					_, reason, _ := strings.Cut(problem.Message, ": ")
					reasons[reason]++
				}
			case operation.Input == nil || operation.Output == nil:
				t.Errorf("%s: %s %s is neither spoken nor refused", file, o.Method, o.Path)
			default:
				spoken++
				spokenHere++
			}
		}
		t.Logf("%s: operations %d spoken %d", filepath.Base(file), len(doc.Operations), spokenHere)
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		t.Logf("%4d %s", reasons[reason], reason)
	}
	line := fmt.Sprintf("openapi documents %d operations %d spoken %d refused %d", len(files), operations, spoken, operations-spoken)
	t.Log(line)
	if spoken*100 < operations*97 {
		t.Error(line + ", expected 97 of a hundred spoken")
	}
}
