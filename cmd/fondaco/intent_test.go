package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fondaco/messaging/kafka/kafkatest"
)

// TestIntentKilled: when the process is killed amid a call whose effect is once, or after it and before the work has ended,
// the work is a letter with the reason outcome-unknown, and the call is not made a second time: of accepted requests, of
// messages, of batches, in loops, branches and sub-routes.
func TestIntentKilled(t *testing.T) {
	t.Parallel()
	r, p, dir, env := registryOf(t, intentProject)
	good := p.send("/file", "good-1")
	p.send("/file", "hang-1")
	p.send("/file", "lost-1")
	p.send("/file", "note-1")
	p.send("/tell", "hang-2")
	p.send("/each", "hang-3")
	r.called(t, "good-1", "hang-1", "lost-1", "note-1", "hang-2-topic", "hang-2-collect", "good-left 1", "hang-3-left 2", "hang-3-right")
	eventually(t, func() string {
		if r.of(&r.notes)["note-1"] == 0 {
			return "the second step is not reached"
		}
		return ""
	})
	eventually(t, func() string {
		if code, body, _ := p.ask(http.MethodGet, good+"/result", ""); code != 200 {
			return fmt.Sprint(code, body)
		}
		return ""
	})
	p.kill()
	p = startProcess(t, dir, env...)
	p.unknown(dir, 6)
	p.send("/tell", "good-2") // work goes on
	r.called(t, "good-2-topic", "good-2-collect")
	r.once(t)
	p.end() // what is in hand is brought to its end
	p = startProcess(t, dir, env...)
	p.send("/tell", "good-3")
	r.called(t, "good-3-topic", "good-3-collect")
	p.unknown(dir, 6)
	r.once(t)
}

// TestIntentOfSchedule: likewise of a run; also of one that would give way to the next, which is due by then.
func TestIntentOfSchedule(t *testing.T) {
	t.Parallel()
	for _, misfire := range []string{"all", "once"} {
		t.Run(misfire, func(t *testing.T) { intentOfSchedule(t, misfire) })
	}
}

func intentOfSchedule(t *testing.T, misfire string) {
	files := maps.Clone(intentProject)
	files["routes/due.yaml"] = strings.Replace(dueEntries, "misfire: all", "misfire: "+misfire, 1)
	r, p, dir, env := registryOf(t, files)
	eventually(t, func() string {
		if len(r.of(&r.calls)) == 0 {
			return "nothing runs"
		}
		return ""
	})
	killed := slices.Collect(maps.Keys(r.of(&r.calls)))
	p.kill()
	time.Sleep(1100 * time.Millisecond) // the next run is due
	p = startProcess(t, dir, env...)
	p.unknown(dir, len(killed))
	eventually(t, func() string {
		if len(r.of(&r.calls)) <= len(killed) {
			return "the next runs do not begin"
		}
		return ""
	})
	r.once(t)
	p.kill()
}

// TestIntentOfAStop: a planned stop that does not wait for a call's end makes no second call either.
func TestIntentOfAStop(t *testing.T) {
	t.Parallel()
	r, p, dir, env := registryOf(t, intentProject)
	p.send("/file", "slow-1")
	p.send("/tell", "slow-2")
	r.called(t, "slow-1", "slow-2-topic", "slow-2-collect")
	slowly.CloseIdleConnections()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	p = startProcess(t, dir, env...)
	p.unknown(dir, 3)
	r.once(t)
}

// TestIntentOnKafka: likewise of requests and messages that wait on Kafka.
func TestIntentOnKafka(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	files := maps.Clone(intentProject)
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "state: state.db", `state: state.db, topics: "${env.TOPICS}"`, 1)
	files["routes/entries.yaml"] = files["routes/entries.yaml"][:strings.Index(files["routes/entries.yaml"], "  gathered:")]
	r, p, dir, env := registryOf(t, files, "TOPICS=kafka://"+n.Addr+"?instance=one&session=6s")
	eventually(t, func() string {
		if code, body, _ := p.ask(http.MethodPost, "/tell", `{"text":"good-0"}`); code != 204 {
			return fmt.Sprint(code, " ", body)
		}
		return ""
	})
	r.called(t, "good-0-topic")
	p.send("/file", "hang-1")
	p.send("/tell", "lost-2")
	r.called(t, "hang-1", "lost-2-topic")
	p.kill()
	p = startProcess(t, dir, env...)
	p.unknown(dir, 2)
	r.once(t)
}

// TestIntentOfAnotherProcess: one process that takes over the work of another that was killed knows what that had begun, by
// Kafka alone or by a cache, and an operator's word holds there too.
func TestIntentOfAnotherProcess(t *testing.T) {
	t.Parallel()
	t.Run("by a cache", func(t *testing.T) { intentOfAnother(t, startRedis(t).patient()) })
	t.Run("by Kafka", func(t *testing.T) { intentOfAnother(t, "memory") })
}

func intentOfAnother(t *testing.T, cache string) {
	n := kafkatest.New(t)
	files := maps.Clone(intentProject)
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "state: state.db",
		`state: state.db, topics: "${env.TOPICS}", cache: "${env.CACHE}"`, 1)
	files["routes/entries.yaml"] = files["routes/entries.yaml"][:strings.Index(files["routes/entries.yaml"], "  gathered:")]
	topics := "kafka://" + n.Addr + "?session=3s&instance="
	r, first, _, env := registryOf(t, files, "CACHE="+cache, "TOPICS="+topics+"one")
	eventually(t, func() string {
		if code, body, _ := first.ask(http.MethodPost, "/tell", `{"text":"good-0"}`); code != 204 {
			return fmt.Sprint(code, " ", body)
		}
		return ""
	})
	r.called(t, "good-0-topic")
	first.send("/tell", "hang-1")
	r.called(t, "hang-1-topic")
	first.kill()
	dir := written(t, files) // with a state of its own
	second := startProcess(t, dir, append(slices.Clone(env), "TOPICS="+topics+"two")...)
	eventually(t, func() string {
		if got := second.reasons(dir); got["outcome-unknown"] == 0 {
			return fmt.Sprintf("%v\n%s", got, second.log.String())
		}
		return ""
	})
	if calls := r.of(&r.calls); calls["hang-1-topic"] != 1 {
		t.Error(calls)
	}
	eventually(t, func() string { // the work before, whose end the cluster had not heard of, may be in doubt too
		for _, l := range second.letters(dir, "--reason", "outcome-unknown") {
			if code, out, problems := command(t, dir, "dead", "replay", l.ID, "--not-done", "--yes", "--console", second.console); code != exitOK {
				t.Error(code, out, problems)
			}
		}
		if calls := r.of(&r.calls); calls["hang-1-topic"] != 2 {
			return fmt.Sprint("after an operator's word: ", calls)
		}
		return ""
	})
}

// TestIntentSettled: a call that is known to have had no effect is made again without anybody's word, and nothing stays
// behind of work that has ended.
func TestIntentSettled(t *testing.T) {
	t.Parallel()
	r, p, dir, env := registryOf(t, intentProject)
	busy := p.send("/file", "busy-1")
	p.send("/file", "no-1")
	r.called(t, "busy-1", "no-1")
	eventually(t, func() string {
		if code, body, _ := p.ask(http.MethodGet, busy+"/result", ""); code != 200 {
			return fmt.Sprintf("%d %s\n%s", code, body, p.log.String())
		}
		return ""
	})
	p.kill()
	p = startProcess(t, dir, env...)
	if got := p.reasons(dir); got["outcome-unknown"] != 0 {
		t.Error(got)
	}
	if calls := r.of(&r.calls); calls["busy-1"] != 2 || calls["no-1"] != 1 {
		t.Error(calls)
	}
}

// TestInquire: where the connector says how, the system is asked what became of a call: what was done goes on with its
// answer, what was not is done once the call can no longer be on its way. Nobody is needed.
func TestInquire(t *testing.T) {
	t.Parallel()
	r, p, dir, env := registryOf(t, intentProject)
	if _, out, _ := command(t, dir, "explain", "ask"); !strings.Contains(out,
		"in doubt, as after a crash: asked about by search; that it was not done is believed 2s after it was begun") {
		t.Error(out)
	}
	done := map[string]string{}
	for _, text := range []string{"lost-1", "hang-1", "note-1"} {
		done[text] = p.send("/ask", text)
	}
	r.called(t, "lost-1", "hang-1", "note-1")
	p.kill()
	p = startProcess(t, dir, env...)
	for text, at := range done {
		eventually(t, func() string {
			code, body, _ := p.ask(http.MethodGet, at+"/result", "")
			if want := fmt.Sprintf(`{"number":%d}`, r.of(&r.entries)[text]); code != 200 || body != want {
				return fmt.Sprintf("%s: %d %s, expected %s\n%s", text, code, body, want, p.log.String())
			}
			return ""
		})
	}
	if calls := r.of(&r.calls); calls["lost-1"] != 1 || calls["hang-1"] != 2 || calls["note-1"] != 1 {
		t.Error(calls)
	}
	if got := p.reasons(dir); len(got) != 0 {
		t.Error(got)
	}
}

// TestInDoubt: a letter whose call may have taken effect is given back on an operator's word alone, and closed on another.
func TestInDoubt(t *testing.T) {
	t.Parallel()
	r, p, dir, env := registryOf(t, intentProject)
	for _, text := range []string{"hang-1", "lost-2", "hang-3"} {
		p.send("/file", text)
	}
	p.send("/tell", "hang-4")
	r.called(t, "hang-1", "lost-2", "hang-3", "hang-4-topic", "hang-4-collect")
	p.kill()
	p = startProcess(t, dir, env...)
	p.unknown(dir, 5)
	act := func(args ...string) (int, string) {
		code, out, problems := command(t, dir, append(append([]string{"dead", "replay"}, args...), "--yes", "--console", p.console)...)
		return code, out + problems
	}
	if code, out := act("--all"); code == exitOK || strings.Count(out, "--not-done") != 5 || !strings.Contains(out, "replayed 0") {
		t.Errorf("without a word: %d %s", code, out)
	}
	if code, out := act("--all", "--done"); code == exitOK || !strings.Contains(out, "ids") {
		t.Errorf("done, of all: %d %s", code, out)
	}
	list := p.letters(dir, "--route", "file")
	if code, out := act(list[0].ID, "--not-done", "--why", "the register has none"); code != exitOK ||
		!strings.Contains(out, "replayed 1 letter") {
		t.Errorf("not done: %d %s", code, out)
	}
	if code, out := act(list[1].ID, "--done"); code != exitOK || !strings.Contains(out, "closed 1 letter") {
		t.Errorf("done: %d %s", code, out)
	}
	eventually(t, func() string {
		total := 0
		for _, n := range r.of(&r.calls) {
			total += n
		}
		if notes := r.of(&r.notes); total != 6 || len(notes) != 1 {
			return fmt.Sprintf("%d calls, notes %v", total, notes)
		}
		return ""
	})
	p.unknown(dir, 3)
	for _, route := range []string{"told", "gathered"} { // of messages and batches
		if code, out := act("--route", route, "--not-done"); code != exitOK || !strings.Contains(out, "replayed 1 letter") {
			t.Errorf("not done, of %s: %d %s", route, code, out)
		}
	}
	eventually(t, func() string {
		if calls := r.of(&r.calls); calls["hang-4-topic"] != 2 || calls["hang-4-collect"] != 2 {
			return fmt.Sprint(calls)
		}
		return ""
	})
	p.unknown(dir, 1)
	if _, out, _ := command(t, dir, "dead", "show", list[1].ID, "--console", p.console); !strings.Contains(out, "it was done") {
		t.Error(out)
	}
	eventually(t, func() string {
		if _, out, _ := command(t, dir, "dead", "show", list[0].ID, "--console", p.console); !strings.Contains(out,
			"it was not done: the register has none") || !strings.Contains(out, "done\n") {
			return out
		}
		return ""
	})
}
