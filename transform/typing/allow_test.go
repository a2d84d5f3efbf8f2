package typing

import (
	"strings"
	"testing"

	"fondaco/schema"
)

// TestAllow holds what addresses a text with allow admits: the agreed ones and what lies below, however a caller writes
// others so that they look like them.
func TestAllow(t *testing.T) {
	under, problems := read(`{ type: string, format: uri, allow: ["https://dime.comune.example/pagamenti/", "https://app.comune.example/esito", "http://127.0.0.1:9100/"] }`, nil)
	if problems != "" {
		t.Fatal(problems)
	}
	root, problems := read(`{ type: string, format: uri, allow: ["https://dime.comune.example"] }`, nil)
	if problems != "" {
		t.Fatal(problems)
	}
	for address, want := range map[string]bool{
		"https://dime.comune.example/pagamenti/":                   true,
		"https://dime.comune.example/pagamenti/esito?id=1&ok=a%20": true,
		"https://dime.comune.example/pagamenti/a/b/":               true,
		"https://dime.comune.example/pagamenti/a.html":             true,
		"https://app.comune.example/esito":                         true,
		"https://app.comune.example/esito/1":                       true,
		"https://app.comune.example/esito?x=1":                     true,
		"http://127.0.0.1:9100/a":                                  true,
		"https://app.comune.example/esito2":                        false,
		"https://app.comune.example/":                              false,
		"http://dime.comune.example/pagamenti/":                    false,
		"https://dime.comune.example/altro":                        false,
		"https://dime.comune.example.evil.example/pagamenti/":      false,
		"https://dime.comune.example@evil.example/pagamenti/":      false,
		"https://dime.comune.example:444/pagamenti/":               false,
		"https://dimeXcomune.example/pagamenti/":                   false,
		"https://dime.comune.example/pagamenti/../altro":           false,
		"https://dime.comune.example/pagamenti/%2e%2e/altro":       false,
		"https://dime.comune.example/pagamenti/%2fx":               false,
		"https://dime.comune.example/pagamenti/%252e":              false,
		"https://dime.comune.example/pagamenti/\\\\evil.example":   false,
		"https://dime.comune.example/pagamenti/#//evil.example":    false,
		"https://dime.comune.example/pagamenti/\nhttps://evil":     false,
		"javascript:alert(1)//https://dime.comune.example/":        false,
		"//dime.comune.example/pagamenti/":                         false,
		"HTTPS://dime.comune.example/pagamenti/":                   false,
		"":                                                         false,
	} {
		if wrong := schema.Check(schema.Text(address), under); (len(wrong) == 0) != want {
			t.Errorf("%q: admitted %v, expected %v", address, !want, want)
		}
	}
	for address, want := range map[string]bool{
		"https://dime.comune.example": true, "https://dime.comune.example/": true, "https://dime.comune.example/a/b": true,
		"https://dime.comune.example?a=b": true, "https://dime.comune.examples/": false, "https://dime.comune.example/.a": false,
	} {
		if wrong := schema.Check(schema.Text(address), root); (len(wrong) == 0) != want {
			t.Errorf("%q: admitted %v, expected %v", address, !want, want)
		}
	}
}

// TestAllowProblems holds that each address that cannot be agreed on is one problem, with what was expected.
func TestAllowProblems(t *testing.T) {
	for src, want := range map[string]string{
		`{ type: string, allow: ["https://a.example/"] }`:            "write format: uri beside it",
		`{ type: string, format: uri, allow: "https://a.example/" }`: "expected a list of addresses",
		`{ type: string, format: uri, allow: [] }`:                   "found an empty list",
		`{ type: string, format: uri, allow: [1] }`: "an address as https://host/path " +
			"was expected",
		`{ type: string, format: uri, allow: ["http://a.example/"] }`:      "http is only for this machine",
		`{ type: string, format: uri, allow: ["https://u@a.example/"] }`:   "without a user",
		`{ type: string, format: uri, allow: ["https://*.a.example/"] }`:   "written whole",
		`{ type: string, format: uri, allow: ["https://A.example/"] }`:     "small letters",
		`{ type: string, format: uri, allow: ["https://a.example/../b"] }`: "none of which begins with a dot",
		`{ type: string, format: uri, allow: ["${env.ADDRESS}/esito"] }`:   "references are not supported here",
		`{ type: string, format: uri, allow: ["javascript:alert(1)"] }`: "an address as https://host/path " +
			"was expected",
		`{ type: string, format: uri, pattern: "^https://a", allow: ["https://a.example/"] }`:           "expected one of the two",
		`{ type: integer, allow: ["https://a.example/"] }`:                                              `unknown word "allow"`,
		`{ type: string, format: uri, allow: ["https://a.example/"], default: "https://b.example/" }`:   "default: found",
		`{ type: string, format: uri, allow: ["https://a.example/"], example: "https://a.example/es" }`: "",
	} {
		_, got := read(src, nil)
		if !strings.Contains(got, want) || strings.Count(got, "\n") > 0 || (want == "") != (got == "") {
			t.Errorf("%s\nfound    %s\nexpected %s", src, got, want)
		}
	}
}
