package main

import (
	"fmt"
	"strings"
)

// typesProject is a project with a route whose body is the schema S0 of these.
func typesProject(definitions string) map[string]string {
	return map[string]string{
		"fondaco.yaml":   "project: prova\nserver: { listen: 127.0.0.1:0 }\n",
		"schemas/s.yaml": "$ref: \"#/$defs/S0\"\n$defs:\n" + definitions,
		"routes/r.yaml": "routes:\n  r:\n    summary: prova\n    http: POST /r\n    auth: none\n    body: { $ref: schemas/s.yaml }\n" +
			"    respond: { body: { x: \"${body}\" } }\n",
	}
}

// hostileTypes are schemas in YAML that stand for more than they look like.
func hostileTypes() []hostile {
	twice := func(word string) map[string]string {
		return typesProject(repeated(28, func(i int) string {
			next := fmt.Sprintf("{ $ref: \"#/$defs/S%d\" }", i+1)
			return fmt.Sprintf("  S%d: { ", i) + strings.ReplaceAll(word, "NEXT", next) + " }\n"
		}) + "  S28: { type: object, properties: { z: { type: string, default: x } } }\n")
	}
	return []hostile{
		{"types fields twice", twice("type: object, properties: { a: NEXT, b: NEXT }"), ""},
		{"types fields twice in lists", twice("type: object, properties: { a: { type: array, items: NEXT }, b: NEXT }"), ""},
		{
			"types oneOf twice", twice("oneOf: [{ type: object, properties: { a: NEXT } }, { type: object, properties: { b: NEXT, c: NEXT } }]"),
			"",
		},
		{"types allOf twice", twice("allOf: [NEXT, { type: object, properties: { a: NEXT } }]"), ""},
	}
}
