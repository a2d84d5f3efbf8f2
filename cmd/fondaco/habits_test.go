package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHabits: what people write who come from other systems and languages is one problem each, at its place, which says what to write here.
func TestHabits(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/habits.txt")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	marks := regexp.MustCompile(`(?m)^-- (\S+) --\n`)
	names := marks.FindAllStringSubmatch(string(text), -1)
	for i, part := range marks.Split(string(text), -1)[1:] {
		files[names[i][1]] = part
	}
	cases := strings.Split("\n"+strings.TrimSpace(files["cases"]), "\n### ")[1:]
	delete(files, "cases")
	dir := written(t, files)
	if code, out, problems := command(t, dir, "check", "."); code != exitOK {
		t.Fatal(out, problems)
	}
	told := regexp.MustCompile(`(?m)^routes/r\.yaml:(\d+:\d+: .*)\n(?:.*\n)?.*\^\n?(?: +(?:\| )?= (.*))?`)
	for _, text := range cases {
		name, lines, _ := strings.Cut(text, "\n")
		part := func(mark string) string {
			var list []string
			for line := range strings.SplitSeq(lines, "\n") {
				if rest, is := strings.CutPrefix(line, mark); is {
					list = append(list, rest)
				}
			}
			return strings.Join(list, "\n")
		}
		route := files["routes/r.yaml"]
		if strings.Count(route, part("-")) == 0 {
			t.Fatalf("%s: the lines are not in the route:\n%s", name, part("-"))
		}
		route = strings.Replace(route, part("-"), part("+"), 1)
		if err := os.WriteFile(filepath.Join(dir, "routes/r.yaml"), []byte(route), 0o600); err != nil {
			t.Fatal(err)
		}
		_, out, problems := command(t, dir, "check", ".")
		var found []string
		for _, m := range told.FindAllStringSubmatch(out+problems, -1) {
			if m[2] != "" {
				m[1] += " = " + m[2]
			}
			found = append(found, m[1])
		}
		if got := strings.Join(found, "\n"); got != part("=") {
			t.Errorf("%s:\nfound    %s\nexpected %s\n%s", name, got, part("="), out+problems)
		}
	}
}
