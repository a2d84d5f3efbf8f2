package fondaco

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var writeMetrics = flag.Bool("write-metrics", false, "write docs/reference/metrics.md, as make generate does")

const metricsPage = "docs/reference/metrics.md"

// metricKinds are the functions of server/metrics that declare a metric, and what it is.
var metricKinds = map[string]string{
	"Total": "counter", "Level": "gauge", "Spread": "histogram", "Counter": "counter", "Counters": "counter", "Gauge": "gauge",
	"Histograms": "histogram",
}

// declaredMetrics returns a row of the reference page for each metric that the code declares.
func declaredMetrics(t *testing.T) map[string]string {
	t.Helper()
	rows := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			by, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || metricKinds[by.Sel.Name] == "" || len(call.Args) < 2 {
				return true
			}
			name := textOf(call.Args[0])
			if !strings.HasPrefix(name, "fondaco_") || name == "fondaco__up" { // of parts, whose names are not written there

				return true
			}
			var labels []string
			for _, arg := range call.Args[2:] {
				if label := textOf(arg); label != "" {
					labels = append(labels, "`"+label+"`")
				}
			}
			rows[name] = fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, metricKinds[by.Sel.Name], strings.Join(labels, ", "),
				strings.ReplaceAll(textOf(call.Args[1]), "|", "\\|"))
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// textOf returns a text of constants that are added up, "" for anything else.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return textOf(e.X) + textOf(e.Y)
	}
	return ""
}

// TestMetricsPage: the reference lists each metric that the code declares, with what it is, its labels and its own words.
func TestMetricsPage(t *testing.T) {
	rows := declaredMetrics(t)
	if len(rows) < 40 {
		t.Fatalf("%d metrics were found: how they are declared has changed", len(rows))
	}
	var b strings.Builder
	b.WriteString("<!-- Written by \"make generate\". Change the definitions, not this page. -->\n\n# Metrics\n\n" +
		"`GET /metrics` answers with these, on the listener of `server.health`, else on the console's. Those of the Go runtime (`go_…`) and of\n" +
		"the process (`process_…`) are there too. Labels have names of the project's files and words of Fondaco, never what a request brought.\n" +
		"`fondaco_PART_up` is there for each part that `/readyz` lists.\n\n" +
		"| metric | kind | labels | what it is |\n| --- | --- | --- | --- |\n" +
		"| `fondaco_PART_up` | gauge |  | 1 while the PART is well, 0 otherwise; /readyz says what is wrong. |\n")
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		b.WriteString(rows[name])
	}
	if *writeMetrics {
		if err := os.WriteFile(metricsPage, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(metricsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != b.String() {
		t.Errorf("%s is not what the code declares: run make generate", metricsPage)
	}
}
