package main

import (
	"maps"
	"strings"
	"testing"
)

// TestAgainstTopics: a topic whose records are read otherwise breaks the routes that read it, as messages may wait that were
// written before; another key breaks nothing, and of a topic as it was nothing is said.
func TestAgainstTopics(t *testing.T) {
	t.Parallel()
	plain := func(words string) string {
		return strings.Replace(officeProject["fondaco.yaml"], "  filed:\n", "  filed:\n    format: json\n"+words, 1)
	}
	for name, c := range map[string]struct {
		was, is string
		code    int
		says    string
	}{
		"format to json":   {officeProject["fondaco.yaml"], plain(""), exitFailed, "BREAKS  topic filed  /format: "},
		"format to events": {plain(""), officeProject["fondaco.yaml"], exitFailed, "letters with the reason no-event"},
		"id": {
			plain("    id: \"${text(data.number)}\"\n"), plain("    id: \"n${text(data.number)}\"\n"), exitFailed,
			"BREAKS  topic filed  /id: ",
		},
		"id added": {plain(""), plain("    id: \"${text(data.number)}\"\n"), exitFailed, "note  not over HTTP"},
		"key":      {plain(""), plain("    key: \"${text(data.number)}\"\n"), exitOK, "none of which breaks"},
		"nothing":  {plain(""), plain(""), exitOK, "Nothing that routes can see has changed."},
	} {
		t.Run(name, func(t *testing.T) {
			old, now := maps.Clone(officeProject), maps.Clone(officeProject)
			old["fondaco.yaml"], now["fondaco.yaml"] = c.was, c.is
			code, out, problems := command(t, written(t, now), "check", "--against", written(t, old))
			if code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit code %d, expected %d and %q\n%s%s", code, c.code, c.says, out, problems)
			}
		})
	}
}
