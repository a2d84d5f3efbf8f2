package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestStorageCompact: the files of a stopped project are written anew, smaller, and the project goes on with all that it kept;
// those of one that is served are left alone.
func TestStorageCompact(t *testing.T) {
	t.Parallel()
	system, backend := archiveAway(t)
	files := map[string]string{}
	for name, text := range officeProject {
		files[name] = text
	}
	files["routes/files.yaml"] = strings.Replace(files["routes/files.yaml"], "properties: { number: { type: integer } } }\n    steps",
		"properties: { number: { type: integer }, note: { type: string, maxLength: 500000 } } }\n    steps", 1)
	dir, env := written(t, files), "ARCHIVE="+backend.URL
	refusedCommand(t, "there is nothing to compact", dir, "storage", "compact")
	p := startProcess(t, dir, env)
	ids := map[int]string{}
	send := func(n int, note string) {
		t.Helper()
		code, body, h := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d,"note":"%s"}`, n, note))
		if code != 202 {
			t.Fatal(code, body)
		}
		ids[n] = h.Get("Location")
	}
	for n := range 30 {
		send(n, strings.Repeat("x", 400_000))
	}
	refusedCommand(t, "has it open; stop it", dir, "storage", "compact")
	system.down.Store(false)
	for n := range 30 {
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodGet, ids[n]+"/result", ""); code != 201 {
				return fmt.Sprint(code, " ", body)
			}
			return ""
		})
	}
	system.down.Store(true)
	send(30, "waits")
	p.kill() // its logs lie beside the files
	topics := filepath.Join(dir, "data", "fondaco-topics.db")
	out := done(t, dir, "storage", "compact")
	sizes := regexp.MustCompile(`(?m)^topics: (\d+) bytes before, (\d+) after \(`).FindStringSubmatch(out)
	if sizes == nil || !strings.Contains(out, "state: ") {
		t.Fatal(out)
	}
	before, _ := strconv.Atoi(sizes[1])
	after, _ := strconv.Atoi(sizes[2])
	if i, err := os.Stat(topics); err != nil || int(i.Size()) != after || after > 200_000 || before <= after {
		t.Errorf("%s %v", out, err)
	}
	p = startProcess(t, dir, env)
	system.down.Store(false)
	for _, n := range []int{0, 29, 30} {
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodGet, ids[n]+"/result", ""); code != 201 {
				return fmt.Sprint(n, ": ", code, " ", body)
			}
			return ""
		})
	}
	p.end()
	done(t, dir, "storage", "compact", ".")
}
