package main

import (
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/engine"
)

// numbered writes a text for each number.
func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
	}
	return b.String()
}

// hostileProject makes a project of one route whose answer is body.
func hostileProject(body string) fstest.MapFS {
	return fstest.MapFS{
		"fondaco.yaml":  {Data: []byte("project: p\n")},
		"routes/a.yaml": {Data: []byte("routes:\n  a:\n    http: GET /a\n    auth: none\n    respond:\n      body: " + body + "\n")},
	}
}

// hostileSchema makes a project of one route whose request has a schema.
func hostileSchema(schema string) fstest.MapFS {
	p := hostileProject("1")
	p["routes/a.yaml"] = &fstest.MapFile{Data: []byte("routes:\n  a:\n    http: POST /a\n    auth: none\n    body: { $ref: schemas/s.yaml " +
		"}\n    respond: { body: 1 }\n")}
	p["schemas/s.yaml"] = &fstest.MapFile{Data: []byte(schema)}
	return p
}

// hostileDocument makes a project of one system that is described by an OpenAPI document.
func hostileDocument(document string) fstest.MapFS {
	p := hostileProject("1")
	p["fondaco.yaml"] = &fstest.MapFile{Data: []byte("project: p\nsystems: { s: { connector: ./connectors/s, params: { endpoint: " +
		"\"http://127.0.0.1:1\" } } }\n")}
	p["connectors/s/connector.yaml"] = &fstest.MapFile{Data: []byte("connector: s\nversion: 1.0.0\nparams: { endpoint: { type: string } " +
		"}\nrest: { endpoint: \"${param.endpoint}\", openapi: o.json }\noperations:\n  a: { operation: a, effect: read }\n")}
	p["connectors/s/o.json"] = &fstest.MapFile{Data: []byte(document)}
	return p
}

func openAPI(answer, schemas string) string {
	return `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"x","content":{"application/json":{"schema":` +
		answer + `}}}}}}},"components":{"schemas":{` + schemas + `"Last":{"type":"string"}}}}`
}

// costlyProjects are projects that cost much more to read than their sizes promise, and what is said of them, "" for nothing.
func costlyProjects() []struct {
	name    string
	project fstest.MapFS
	problem string
} {
	const large = 4<<20 - 2000
	many := hostileProject("1")
	for i := range 60 {
		many[fmt.Sprintf("routes/r%d.yaml", i)] = &fstest.MapFile{Data: []byte("routes:\n" +
			numbered(5000, fmt.Sprintf("  r%d-#: { http: GET /r%d/#, auth: none, respond: { body: 1 } }\n", i, i)))}
	}
	refs := hostileSchema("type: object\nproperties:\n" + numbered(400, "  p#: { $ref: s#.yaml }\n"))
	block := "$defs:\n" + numbered(25_000, "  d#: { type: string }\n") + "type: string\n"
	for i := range 400 {
		refs[fmt.Sprintf("s%d.yaml", i)] = &fstest.MapFile{Data: []byte(block)}
	}
	words := hostileProject("1")
	words["routes/a.yaml"] = &fstest.MapFile{Data: []byte("routes:\n  a:\n    http: GET /" + strings.Repeat("a/", 100_000) +
		"a\n    auth: none\n    respond: { body: 1 }\n")}
	top := hostileProject("1")
	top["fondaco.yaml"] = &fstest.MapFile{Data: []byte(numbered(400_000, "k#:\n"))}
	routes := hostileProject("1")
	routes["routes/b.yaml"] = &fstest.MapFile{Data: []byte("routes:\n" +
		numbered(7000, "  r#: { http: GET /r#, auth: none, respond: { body: 1 } }\n"))}
	anchors := "\n        a0: &a0 [x]\n"
	for i := 1; i < 30; i++ {
		anchors += fmt.Sprintf("        a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	return []struct {
		name    string
		project fstest.MapFS
		problem string
	}{
		{"short keys of fondaco.yaml", top, "more than 150000 keys, values and items"},
		{"short keys in braces", hostileProject("{" + numbered(500_000, "k#,") + "}"), "more than 150000 keys, values and items"},
		{"items on one line", hostileProject("[" + strings.Repeat("1,", large/2) + "1]"), "more than 150000 keys, values and items"},
		{"as many items as there may be", hostileProject("[" + strings.Repeat("1,", 74_000) + "1]"), ""},
		{"as many keys as there may be", hostileProject("\n" + numbered(74_000, "        k#: 1\n")), ""},
		{"keys in braces behind letters of two bytes", hostileProject("{" + numbered(30_000, "ä#: 1, ") + "}"), ""},
		{"equal keys", hostileProject("\n" + strings.Repeat("        a: 1\n", 300_000)), "more than 150000 keys, values and items"},
		{"merge keys", hostileProject("\n" + strings.Repeat("        <<: {a: 1}\n", 150_000)), "more than 150000 keys, values and items"},
		{
			"aliases", hostileProject("\n        a: &a 1\n        b: [" + strings.Repeat("*a ,", large/4) + "]"),
			"more than 150000 keys, values and items",
		},
		{"aliases of aliases", hostileProject(anchors), "anchors are no part of the language"},
		{"levels in brackets", hostileProject(strings.Repeat("[", 100_000)), "more than 100 levels"},
		{"levels of dashes", hostileProject("\n        " + strings.Repeat("- ", 70_000)), "more than 100 levels"},
		{"a long text", hostileProject(`"` + strings.Repeat("x", large) + `"`), ""},
		{"a long text of escapes", hostileProject(`"` + strings.Repeat(`\n`, large/2) + `"`), ""},
		{"a long block", hostileProject("|\n" + strings.Repeat("        a, b: c\n", 200_000)), ""},
		{"comments", hostileProject("1\n" + strings.Repeat("# x\n", 1_000_000)), ""},
		{"holes in a block", hostileProject("|\n        " + strings.Repeat("ä${1}", 500_000)), "more than 1000 holes"},
		{"a long expression", hostileProject(`"${` + strings.Repeat("(", large/2) + `1}"`), "at most 10000 are allowed"},
		{"segments of a path", words, "100001 segments"},
		{"routes", routes, ""},
		{"files of routes", many, "more than 20000 routes"},
		{"references to large files", refs, "more than 500000 keys, values and items together"},
		{
			"patterns", hostileSchema("type: object\nproperties:\n" + numbered(9_000, "  p#: { type: string, pattern: \"[a-z]{900}#\" }\n")),
			"more than 1000000 states together",
		},
		{"fields and required ones", hostileSchema("type: object\nrequired: [" + numbered(18_000, "k#,") + "]\nproperties:\n" +
			numbered(18_000, "  k#: { type: string }\n")), ""},
		{"types that refer to the next twice", hostileSchema("type: object\nproperties: { a: { $ref: \"#/$defs/a0\" } }\n$defs:\n" +
			doubling(40)), ""},
		{"schemas of a document", hostileDocument(openAPI(`{"type":"object","properties":{`+
			strings.ReplaceAll(strings.TrimSuffix(numbered(33_000, `"p#":{"$ref":"!/components/schemas/S#"},`), ","), "!", "#")+`}}`,
			numbered(33_000, `"S#":{"type":"object","properties":{"a":{"type":"string"}}},`))), ""},
		{"nodes of a document", hostileDocument("[" + strings.Repeat("1,", 5<<20) + "1]"), "larger than 500000 nodes"},
		{"nodes of a document in YAML", hostileDocument("a: [" + strings.Repeat("1,", 5<<20) + "1]"), "larger than 500000 nodes"},
		{"keys of a document in YAML", hostileDocument(numbered(1_000_000, "k#:\n")), "larger than 500000 nodes"},
		{
			"patterns of a document", hostileDocument(openAPI(`{"type":"object","properties":{`+
				strings.TrimSuffix(numbered(50_000, `"p#":{"type":"string","pattern":"[a-z]{900}#"},`), ",")+`}}`, "")),
			"more than 1000000 states together",
		},
	}
}

// doubling writes types of which each refers to the next twice.
func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  a%d: { type: object, properties: { l: { $ref: \"#/$defs/a%d\" }, r: { $ref: \"#/$defs/a%d\" } } }\n", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "  a%d: { type: string }\n", n)
	return b.String()
}

// TestCostlyProjects holds that each project is read, or refused with its place, within 2 s of the processor and 400 MB
// allocated, of which the collector leaves less than 200 MB at a time.
func TestCostlyProjects(t *testing.T) {
	if raced {
		t.Skip("time and memory are not measured under the race detector")
	}
	spent := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	for _, c := range costlyProjects() {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			began := spent()
			var out diag.List
			folder := &engine.Folder{Source: config.Source{FS: c.project}}
			folder.Load(&out)
			took := spent() - began
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%v, %d MB allocated", took.Round(time.Millisecond), allocated)
			if took > 2*time.Second {
				t.Errorf("took %v of the processor", took)
			}
			if allocated > 400 {
				t.Errorf("allocated %d MB", allocated)
			}
			said := ""
			for _, p := range out.Sorted() {
				if strings.Contains(p.Message, c.problem) {
					said = p.Message
				}
				if p.Pos.File == "" {
					t.Errorf("a problem without a place: %s", p.Message)
				}
			}
			if c.problem == "" && out.Failed() || c.problem != "" && said == "" {
				t.Errorf("expected %q, found %d problems, as %v", c.problem, out.Len(), out.Sorted()[:min(out.Len(), 3)])
			}
		})
	}
}
