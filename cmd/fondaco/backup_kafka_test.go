package main

import (
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/engine/storage"
	"fondaco/messaging/kafka/kafkatest"
)

// TestBackupOnKafka: a backup is taken while clients post and work goes on, which it does after it too, with topics on a
// cluster, which no restore brings back. Restored elsewhere, all that was accepted before the backup ends: what waited is held
// until a release and then done, what was done since is a letter, as nobody knows what came of it. No call whose effect is once
// is made a second time, and others twice at most.
func TestBackupOnKafka(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	files := maps.Clone(savedProject)
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "state: state.db", `state: state.db, topics: "kafka://`+n.Addr+
		`?instance=one&session=6s"`, 1)
	files["routes/entries.yaml"] = files["routes/entries.yaml"][:strings.Index(files["routes/entries.yaml"], "  gathered:")]
	r, p, dir, env := registryOf(t, files)
	for _, path := range []string{"/file", "/ask", "/plain", "/tell"} {
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodPost, path, `{"text":"good`+path[1:]+`"}`); code != 202 && code != 204 {
				return fmt.Sprint(path, code, body)
			}
			return ""
		})
	}
	r.called(t, "goodfile", "goodask", "goodtell-topic")
	load := startClients(t, p)
	load.reach(t, inLong(100, 40))
	hangs := p.send("/file", "hang-mark") // it is begun at the moment of the backup, and at the end
	slow := p.send("/ask", "gated-mark")  // it is begun then, and done after it
	r.called(t, "hang-mark", "gated-mark")
	before := load.now()
	before["x-file-hang"], before["x-ask-slow"] = hangs, slow
	backup := filepath.Join(t.TempDir(), "backups", "one")
	out := done(t, dir, "backup", backup)
	close(r.gate)
	p.result(slow)
	load.reach(t, len(load.now())+inLong(100, 40))
	load.end()
	slowly.CloseIdleConnections()
	p.kill()
	if !strings.Contains(out, "holds registry as of ") || !strings.Contains(out, "verified") {
		t.Error(out)
	}
	private(t, backup)
	m, err := storage.ReadManifest(backup)
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]bool{}
	for _, place := range m.Places {
		groups[place.Topic+" "+place.Group] = groups[place.Topic+" "+place.Group] || place.Offset > 0
	}
	for _, group := range []string{"fondaco.file fondaco", "fondaco.ask fondaco", "fondaco.plain fondaco", "told told"} {
		if !groups[group] {
			t.Errorf("where %s stood is not in the backup: %v", group, m.Places)
		}
	}

	embedded := written(t, savedProject)
	refusedCommand(t, "was made with topics on kafka", embedded, "restore", backup)
	elsewhere := written(t, files)
	out = done(t, elsewhere, "restore", backup)
	if !strings.Contains(out, "registry is as it was at ") || !strings.Contains(out, "the sequence plain goes on above 10") {
		t.Error(out)
	}
	p = startProcess(t, elsewhere, env...)
	eventually(t, func() string { // 503 until Kafka has answered this process
		code, status, detail := p.readiness("restore")
		if code != 200 || status != "warn" || !strings.Contains(detail, "fondaco release") {
			return fmt.Sprint(code, status, detail)
		}
		return ""
	})
	var held string
	eventually(t, func() string { // 503 until Kafka has answered this process
		code, body, header := p.ask(http.MethodPost, "/file", `{"text":"good-held"}`)
		if held = header.Get("Location"); code != 202 {
			return fmt.Sprint(code, " ", body)
		}
		return ""
	})
	p.result(p.send("/plain", "good-plain"))
	for _, row := range p.allRows(elsewhere) {
		once := row.Route != "plain" && row.Route != "reply_to"
		if isHeld := row.State == "held"; isHeld != once {
			t.Errorf("the route %s on %s is %s", row.Route, row.Topic, row.State)
		}
	}
	// What has ended since the backup is known for unknown before anything is released.
	eventually(t, func() string {
		if got := operationState(t, p, slow[strings.LastIndexByte(slow, '/')+1:]); got != "failed" {
			return fmt.Sprintf("what was done since is %s, expected failed\n%s", got, p.log.String())
		}
		return ""
	})
	if r.of(&r.calls)["good-held"] != 0 {
		t.Error("what is held is done")
	}
	out = done(t, elsewhere, "release", "--why", "the disk was replaced", "--console", p.console)
	if !strings.Contains(out, "released: what was held since the restore at ") || !strings.Contains(out, "in doubt") {
		t.Error(out)
	}
	p.result(held)
	ended := map[string]int{}
	for text, at := range before {
		eventually(t, func() string {
			state := operationState(t, p, at[strings.LastIndexByte(at, '/')+1:])
			if state != "done" && state != "failed" {
				return text + " is " + state + "\n" + p.log.String()
			}
			ended[strings.SplitN(text, "-", 3)[1]+" "+state]++
			return ""
		})
	}
	r.once(t)
	for text, n := range r.of(&r.notes) {
		if n > 2 {
			t.Errorf("the note of %s was made %d times", text, n)
		}
	}
	for reason, n := range p.reasons(elsewhere) {
		if reason != "outcome-unknown" {
			t.Errorf("%d letters are of the reason %s", n, reason)
		}
	}
	if code, status, detail := p.readiness("restore"); code != 200 || status != "pass" {
		t.Error(code, status, detail)
	}
	// On an operator's word what is in doubt is done.
	for _, l := range p.letters(elsewhere, "--route", "file") {
		if strings.HasSuffix(l.Message, hangs[strings.LastIndexByte(hangs, '/')+1:]) {
			done(t, elsewhere, "dead", "replay", l.ID, "--not-done", "--yes", "--console", p.console)
		}
	}
	p.result(hangs)
	t.Logf("%d accepted before the backup, of %d: %v", len(before), len(load.now()), ended)
}
