package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
	"fondaco/messaging/kafka/kafkatest"
)

// TestStranded: of a route that is gone without renamed_from the start, check and readiness say what waits where; whoever
// was told 202 is answered; what nobody reads is counted and, when asked, let go.
func TestStranded(t *testing.T) {
	t.Parallel()
	strandedOffice(t, "")
}

// TestStrandedOnKafka is TestStranded with topics on a cluster.
func TestStrandedOnKafka(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	strandedOffice(t, "storage: { topics: \"kafka://"+n.Addr+"\" }\n")
}

func strandedOffice(t *testing.T, storage string) {
	_, backend := archiveAway(t)
	files := maps.Clone(officeProject)
	files["fondaco.yaml"] += storage
	dir, env := written(t, files), "ARCHIVE="+backend.URL
	p := startProcess(t, dir, env)
	id := ""
	for n := range 3 {
		eventually(t, func() string {
			code, text, h := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, n))
			if code != 202 {
				return fmt.Sprintf("%d %s", code, text)
			}
			id = strings.TrimPrefix(h.Get("Location"), "/operations/")
			return ""
		})
	}
	p.end()

	rewrite(t, dir, "routes/files.yaml", strings.Replace(files["routes/files.yaml"], "  file:\n", "  store:\n", 1))
	command := func(args ...string) string {
		var out, errors bytes.Buffer
		if code := run(t.Context(), &engine.World{
			Args: args, Stdout: &out, Stderr: &errors, Dir: dir, Now: time.Now,
			Env: func(name string) (string, bool) { return backend.URL, name == "ARCHIVE" },
		}); code != exitOK {
			t.Fatalf("%v: %s%s", args, out.String(), errors.String())
		}
		return out.String() + errors.String()
	}
	if said := command("check", dir); storage == "" &&
		!strings.Contains(said, "3 messages wait on the topic fondaco.file for the route file, which the project does not have: say "+
			"renamed_from: [file]") {
		t.Errorf("check says %s", said)
	}
	p = startProcess(t, dir, env)
	eventually(t, func() string {
		code, status, detail := p.readiness("stranded")
		if code != 200 || status != "warn" || !strings.Contains(detail, "3 messages wait on the topic fondaco.file") {
			return fmt.Sprintf("readiness: %d %s %s", code, status, detail)
		}
		return ""
	})
	if !p.log.tells("messages wait for nobody") {
		t.Error("the log does not tell")
	}
	if code, text, _ := p.ask(http.MethodGet, "/operations/"+id, ""); code != 200 || !strings.Contains(text, id) {
		t.Errorf("whoever was told 202 is answered %d %s", code, text)
	}
	for range 2 {
		if said := command("topics", "forget", "file", "--console",
			p.console); said != "topic fondaco.file, group fondaco: 3 messages wait for nobody; --yes deletes them\n" {
			t.Errorf("forget says %q", said)
		}
	}
	if said := command("topics", "forget", "store", "--yes", "--console", p.console); !strings.HasPrefix(said, "nothing waits") {
		t.Errorf("what is read: forget says %q", said)
	}
	if said := command("topics", "forget", "fondaco.file", "--yes", "--console",
		p.console); said != "topic fondaco.file, group fondaco: 3 messages were deleted\n" {
		t.Errorf("forget says %q", said)
	}
	for _, at := range []string{"", "/result"} {
		if code, text, _ := p.ask(http.MethodGet, "/operations/"+id+at, ""); code != 410 || !strings.Contains(text, "let go") {
			t.Errorf("whoever was told 202 is answered %d %s, expected that the request was let go", code, text)
		}
	}
	if code, status, detail := p.readiness("stranded"); code != 200 || status != "pass" {
		t.Errorf("readiness: %d %s %s", code, status, detail)
	}
	if said := command("check", dir); strings.Contains(said, "wait on the topic") {
		t.Errorf("check says %s", said)
	}
}
