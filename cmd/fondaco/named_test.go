package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fondaco/messaging/kafka/kafkatest"
)

// TestNamedTopic: a topic goes on under the name that the project declares for it, taken up under load, without a new start: what
// waits under its own name is done, what is published later stands under the new one.
func TestNamedTopic(t *testing.T) {
	t.Parallel()
	namedTopic(t, nil)
}

// TestNamedTopicOnKafka is TestNamedTopic with a topic that others write to.
func TestNamedTopicOnKafka(t *testing.T) {
	t.Parallel()
	namedTopic(t, kafkatest.New(t))
}

func namedTopic(t *testing.T, n *kafkatest.Node) {
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(-1)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	files := maps.Clone(officeProject)
	if n != nil {
		files["fondaco.yaml"] += "storage: { topics: \"kafka://" + n.Addr + "\" }\n"
	}
	dir := written(t, files)
	p := startWatching(t, dir, "ARCHIVE="+backend.URL)
	file := func(number int) {
		t.Helper()
		eventually(t, func() string {
			if code, text, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, number)); code != 202 {
				return fmt.Sprintf("%d %s", code, text)
			}
			return ""
		})
	}
	done := func(path string) {
		t.Helper()
		eventually(t, func() string {
			system.mu.Lock()
			defer system.mu.Unlock()
			if times := system.kept[path]; times != 1 {
				return fmt.Sprintf("%s was done %d times, expected once\n%s", path, times, p.log.String())
			}
			return ""
		})
	}
	file(1)
	done("/notes/1")
	system.down.Store(true)
	file(2)
	p.named(dir, "filed", "note")
	rewrite(t, dir, "fondaco.yaml", strings.Replace(files["fondaco.yaml"], "  filed:\n",
		"  filed:\n    name: archive.filed\n    renamed_from: [filed]\n", 1))
	p.reloads("done", 1)
	system.down.Store(false)
	done("/notes/2")
	file(3)
	done("/notes/3")
	if n != nil {
		n.Produce("archive.filed", kafkatest.Record{Key: "k", Value: `{"number":4}`, Headers: [][2]string{
			{"ce_id", "4"}, {"ce_source", "/others"}, {"ce_type", "filed"}, {"ce_specversion", "1.0"},
		}})
		done("/notes/4")
		code, out, problems := command(t, dir, "check")
		if row := "archive.filed fondaco.office.note note"; code != exitOK || !strings.Contains(strings.Join(strings.Fields(out), " "), row) {
			t.Errorf("check does not say %q: %d %s%s", row, code, out, problems)
		}
		code, out, problems = command(t, dir, "asyncapi", "--format", "yaml")
		if code != exitOK || !strings.Contains(out, "address: archive.filed") || strings.Contains(out, "address: filed") {
			t.Errorf("asyncapi: %d %s%s", code, out, problems)
		}
	}
	p.named(dir, "archive.filed", "note")
}

// named waits until the account speaks of a route on a topic as the broker knows it.
func (p *process) named(dir, topic, route string) {
	p.t.Helper()
	eventually(p.t, func() string {
		_, out, _ := command(p.t, dir, "topics", "--console", p.console)
		for line := range strings.Lines(out) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == route && f[1] == topic {
				return ""
			}
		}
		return out
	})
}
