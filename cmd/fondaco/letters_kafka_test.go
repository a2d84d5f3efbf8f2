package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fondaco/console"
	"fondaco/messaging/kafka/kafkatest"
)

// clusterOf is the office on a cluster, with a second route that works on the same topic: a folder for one node of it.
func clusterOf(t *testing.T, n *kafkatest.Node) string {
	files := maps.Clone(officeProject)
	files["fondaco.yaml"] += "storage: { topics: \"kafka://" + n.Addr + "\" }\n"
	files["connectors/archive/connector.yaml"] += "  copy: { put: \"/copies/{number}\", effect: idempotent, path: { number: { type: " +
		"integer } }, answer: { type: object, properties: {} } }\n"
	files["routes/files.yaml"] += `  copy:
    topic: filed
    work: { attempts: 3, backoff: 10ms..50ms }
    steps:
      - call: archive.copy
        with: { number: "${message.data.number}" }
`
	return written(t, files)
}

func (p *process) rows(dir string) map[string]console.Topic {
	p.t.Helper()
	var list []console.Topic
	p.told(dir, &list, "topics")
	all := map[string]console.Topic{}
	for _, r := range list {
		all[r.Route] = r
	}
	return all
}

func (p *process) letters(dir string, filter ...string) []console.Letter {
	p.t.Helper()
	var list letterList
	p.told(dir, &list, append([]string{"dead", "list", "--limit", "1000"}, filter...)...)
	return list.Letters
}

// told reads what a command that asks the process prints as JSON. A process that is busy may not have the answer at once.
func (p *process) told(dir string, into any, args ...string) {
	p.t.Helper()
	eventually(p.t, func() string {
		code, out, problems := command(p.t, dir, append(args, "--format", "json", "--console", p.console)...)
		if err := json.Unmarshal([]byte(out), into); code != exitOK || err != nil {
			return fmt.Sprint(code, err, out, problems)
		}
		return ""
	})
}

// TestForeignLetters: what other programs write to a topic, without ids, with the same id for all or with empty ones, is
// a letter each where it cannot be handled, and none is counted as done.
func TestForeignLetters(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(7)
	backend := httptest.NewServer(system)
	defer backend.Close()
	dir := clusterOf(t, n)
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	if code, body, _ := p.ask(http.MethodPost, "/files", `{"number":100}`); code != 202 {
		t.Fatal(code, body)
	}
	eventually(t, func() string { // the group has its place: what comes from now on is its
		if at := p.rows(dir)["note"]; at.Done != 1 {
			return fmt.Sprintf("%+v\n%s", at, p.log.String())
		}
		return ""
	})
	event := func(id string) [][2]string {
		return [][2]string{{"ce_id", id}, {"ce_source", "/foreign"}, {"ce_type", "note"}, {"ce_specversion", "1.0"}}
	}
	var all []kafkatest.Record
	for i := range 50 {
		all = append(all,
			kafkatest.Record{Value: fmt.Sprintf(`{"number":%d}`, i)},                         // no headers at all
			kafkatest.Record{Key: "k", Value: fmt.Sprint(i), Headers: event("")},             // an empty id
			kafkatest.Record{Key: "k", Value: `{"number":7}`, Headers: event("one for all")}, // refused
		)
	}
	n.Produce("filed", all...)
	eventually(t, func() string {
		at := p.rows(dir)["note"]
		if at.Accepted != 151 || at.InFlight != 0 || at.Failed != 50 || at.Dead != 100 || at.Done != 1 {
			return fmt.Sprintf("%+v\n%s", at, p.log.String())
		}
		return ""
	})
	reasons, places := map[string]int{}, map[string]bool{}
	for _, l := range p.letters(dir, "--route", "note") {
		reasons[l.Reason]++
		places[l.Place] = true
	}
	if reasons["no-event"] != 50 || reasons["bad-attribute"] != 50 || reasons["refused"] != 50 || len(places) != 150 {
		t.Errorf("letters by reason %v, at %d places", reasons, len(places))
	}
	// What cannot be given back is listed, and does not keep the rest from it.
	system.refuses.Store(-1)
	code, out, problems := command(t, dir, "dead", "replay", "--route", "note", "--yes", "--console", p.console)
	if code == exitOK || !strings.Contains(out, "replayed 50 letters") || strings.Count(problems, "it cannot be replayed") != 100 ||
		!strings.Contains(problems, "passed over: 100 letters") {
		t.Errorf("%d %s\n%.2000s", code, out, problems)
	}
	eventually(t, func() string {
		results := map[string]int{}
		for _, l := range p.letters(dir, "--route", "note", "--state", "all") {
			results[l.State+" "+l.Result]++
		}
		if results["replayed done"] != 1 || results["replayed repeated"] != 49 || results["waiting "] != 100 {
			return fmt.Sprint(results)
		}
		return ""
	})
	if at := p.rows(dir)["note"]; at.Accepted != at.Done+at.Dead+at.InFlight || at.Dead != 100 {
		t.Errorf("the account: %+v", at)
	}
}

// TestReplayOfOneGroup: messages that died for one group, on two nodes that keep a state each, are given back to that
// group alone, whichever node gets them.
func TestReplayOfOneGroup(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(14)
	backend := httptest.NewServer(system)
	defer backend.Close()
	var dirs []string
	var nodes []*process
	for range 2 {
		dirs = append(dirs, clusterOf(t, n))
		nodes = append(nodes, startProcess(t, dirs[len(dirs)-1], "ARCHIVE="+backend.URL))
	}
	done := func(path string) int {
		system.mu.Lock()
		defer system.mu.Unlock()
		return system.kept[path]
	}
	const many = 20
	for range many {
		if code, body, _ := nodes[0].ask(http.MethodPost, "/files", `{"number":14}`); code != 202 {
			t.Fatal(code, body)
		}
	}
	waiting := func() (n int64) {
		for _, r := range nodes[0].rows(dirs[0]) {
			n += r.InFlight
		}
		return n
	}
	// Whoever of two nodes that know nothing of each other takes over the other's partition may do once more what is not
	// committed: the work is done at least once.
	eventually(t, func() string {
		kept := 0
		for i, p := range nodes {
			kept += len(p.letters(dirs[i], "--route", "note"))
		}
		if kept < many || done("/copies/14") < many || waiting() != 0 {
			return fmt.Sprintf("%d letters, %d copies, %d in flight", kept, done("/copies/14"), waiting())
		}
		return ""
	})
	copies := done("/copies/14")
	system.refuses.Store(-1)
	for range 2 { // what is replayed comes to either node, whose state may not know what the other group has done
		for i, p := range nodes {
			if code, out, problems := command(t, dirs[i], "dead", "replay", "--all", "--yes", "--console", p.console); code != exitOK {
				t.Fatal(code, out, problems)
			}
		}
	}
	eventually(t, func() string {
		if done("/notes/14") < many || waiting() != 0 {
			return fmt.Sprintf("noted %d times, %d in flight", done("/notes/14"), waiting())
		}
		return ""
	})
	if n := done("/copies/14") - copies; n >= many/4 { // some half of them without the address
		t.Errorf("the group that was well did its work again for %d of %d replays", n, many)
	}
}
