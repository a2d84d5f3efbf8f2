package main

import (
	"encoding/json"
	"strings"
	"testing"

	"fondaco/openapi/openapitest"
)

// TestCityShowsExamples: in the city's documents every request and every answer in JSON has an example, which another's reading of the
// document admits.
func TestCityShowsExamples(t *testing.T) {
	t.Parallel()
	type content map[string]struct{ Example json.RawMessage }
	type answer struct {
		Ref     string `json:"$ref"`
		Content content
	}
	for _, version := range []string{"3.0.3", "3.1.0"} {
		code, text, problems := command(t, ".", "openapi", exampleCity, "--version", version)
		if code != exitOK {
			t.Fatal(problems)
		}
		var doc struct {
			Paths map[string]map[string]struct {
				RequestBody *answer
				Responses   map[string]answer
			}
			Components struct{ Responses map[string]answer }
		}
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		judge, err := openapitest.Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		without := func(where string, c content) {
			for media, x := range c {
				if strings.HasSuffix(media, "json") && x.Example == nil {
					t.Errorf("%s: %s has no example of %s", version, where, media)
				}
			}
		}
		valid := 0
		for path, methods := range doc.Paths {
			for method, op := range methods {
				if op.RequestBody != nil {
					without(method+" "+path, op.RequestBody.Content)
				}
				for status, a := range op.Responses {
					if a.Ref != "" {
						a = doc.Components.Responses[strings.TrimPrefix(a.Ref, "#/components/responses/")]
						if a.Content == nil {
							t.Errorf("%s: %s %s %s refers to nothing", version, method, path, status)
						}
					}
					without(method+" "+path+" "+status, a.Content)
				}
				for _, e := range judge.Examples(strings.ToUpper(method), path) {
					if valid++; e.Invalid != nil {
						t.Errorf("%s: %s %s %s: %v\n%s", version, method, path, e.Where, e.Invalid, e.Body)
					}
				}
			}
		}
		if valid < 800 {
			t.Errorf("%s: judged %d examples; expected more", version, valid)
		}
	}
}
