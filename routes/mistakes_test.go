package routes_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// mistakes are where words of the language stand in the example city's files, and how each is written wrong.
var mistakes = map[string]struct {
	files string
	key   *regexp.Regexp
	kind  func(src []byte, at int) string // of two places of one kind one is tried
	ways  []string
}{
	"fields of routes": {"routes/*.yaml", regexp.MustCompile(`(?m)^    ([a-z_]+):`), startOf, []string{"lost", "other"}},
	"fields of steps": {
		"routes/*.yaml",
		regexp.MustCompile(`(?m)^      +(?:- )?(call|with|catch|when|set|choose|otherwise|parallel|for_each|steps|publish|event|fail|validate|` +
			`route|try|status|headers|fallback|timeout|retry|optional|title|detail|attempts|within|scheme|level|roles|every|each):`),
		indent,
		[]string{"swapped"},
	},
	"fields of sessions and protocols": {
		"connectors/*/connector.yaml", regexp.MustCompile(`(?m)^  (login|with|ticket|send|wsdl|auth|sign|security|service|host|headers):`),
		indent,
		[]string{"lost", "other"},
	},
	"fields of the project": {"fondaco.yaml", regexp.MustCompile(`(?m)^(?:|    )([a-z_]{4,}):`), indent, []string{"lost", "other"}},
	"fields of connectors and their operations": {
		"connectors/*/connector.yaml", regexp.MustCompile(`(?m)^(?:|    )([a-z_]{3,}):`), indent, []string{"lost", "other"},
	},
}

// TestOneMistake misspells the words of the example city, each once in each kind of place, in more than one way: what follows from a
// mistake is not reported beside it, and every problem has a place.
func TestOneMistake(t *testing.T) {
	city := os.DirFS("../examples/dime")
	project, err := fs.ReadFile(city, "fondaco.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range mistakes {
		t.Run(name, func(t *testing.T) {
			files, err := fs.Glob(city, m.files)
			if err != nil {
				t.Fatal(err)
			}
			tried := map[string]bool{}
			for _, file := range files {
				src, err := fs.ReadFile(city, file)
				if err != nil {
					t.Fatal(err)
				}
				if dir := path.Dir(file); dir != "routes" && dir != "." && !regexp.MustCompile(`(?m)^ +connector: \./`+dir+`$`).Match(project) {
					continue // no system uses it
				}
				for _, at := range m.key.FindAllSubmatchIndex(src, -1) {
					key, kind := string(src[at[2]:at[3]]), m.kind(src, at[0])
					for _, way := range m.ways {
						if id := kind + key + way; !tried[id] && (way != "other" || !testing.Short()) {
							tried[id] = true
							oneMistake(t, city, file, src, at[2], key, misspelt(key, way))
						}
					}
				}
			}
			t.Logf("%d mistakes", len(tried))
		})
	}
}

// misspelt returns a key as somebody wrote it who hurried.
func misspelt(key, way string) string {
	switch way {
	case "lost":
		return key[:1] + key[2:]
	case "swapped":
		return key[:1] + key[2:3] + key[1:2] + key[3:]
	}
	return "zzz"
}

// oneMistake checks the city with a key of a file written wrong.
func oneMistake(t *testing.T, city fs.FS, file string, src []byte, at int, key, wrong string) {
	t.Helper()
	if wrong == key {
		return
	}
	with := slices.Concat(src[:at], []byte(wrong), src[at+len(key):])
	var out diag.List
	routes.Check(routes.Load(config.Source{FS: replaced{city, file, with}}, all.Protocols, &out), &out)
	var problems []string
	for _, p := range out.Sorted() {
		if p.Pos.Line == 0 {
			t.Errorf("%s for %s: no place: %s", wrong, key, p.Message)
		}
		if !p.Warning {
			problems = append(problems, fmt.Sprintf("%s: %s %s = %s", p.Pos, p.Code, p.Message, p.Hint))
		}
	}
	if len(problems) != 1 || !strings.Contains(problems[0], strconv.Quote(wrong)) {
		t.Errorf("%s:%d: %s for %s: found\n%s", file, 1+bytes.Count(src[:at], []byte("\n")), wrong, key, strings.Join(problems, "\n"))
	}
}

// indent returns how far a key is to the right.
func indent(src []byte, at int) string {
	n := 0
	for src[at+n] == ' ' {
		n++
	}
	return fmt.Sprint(n, " ")
}

// startOf returns what starts the route in which a place is.
func startOf(src []byte, at int) string {
	begin := bytes.LastIndex(src[:at+1], []byte("\n  "))
	for begin > 0 && src[begin+3] == ' ' {
		begin = bytes.LastIndex(src[:begin], []byte("\n  "))
	}
	route, _, _ := strings.Cut(string(src[begin+1:]), "\n\n")
	kind := ""
	for _, word := range []string{"http", "soap", "topic", "schedule", "accept", "collect"} {
		if strings.Contains(route, "\n    "+word+":") {
			kind += word + " "
		}
	}
	return kind
}

// replaced is a folder in which one file is another.
type replaced struct {
	fs.FS
	name string
	data []byte
}

func (r replaced) Open(name string) (fs.File, error) {
	if path.Clean(name) == r.name {
		return fstest.MapFS{r.name: {Data: r.data}}.Open(name)
	}
	return r.FS.Open(name)
}
