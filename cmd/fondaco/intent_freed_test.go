package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fondaco/messaging/kafka/kafkatest"
)

// TestIntentFreedElsewhere: a process begins calls and is killed, another takes its work over, and an operator says there that
// the calls had no effect: the work is done, also what comes to the first process again, whose own state knows the calls.
func TestIntentFreedElsewhere(t *testing.T) {
	t.Parallel()
	t.Run("by a cache", func(t *testing.T) { intentFreed(t, startRedis(t).patient()) })
	t.Run("by Kafka", func(t *testing.T) { intentFreed(t, "memory") })
}

func intentFreed(t *testing.T, cache string) {
	n := kafkatest.New(t)
	files := maps.Clone(intentProject)
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "state: state.db",
		`state: state.db, topics: "${env.TOPICS}", cache: "${env.CACHE}"`, 1)
	files["routes/entries.yaml"] = files["routes/entries.yaml"][:strings.Index(files["routes/entries.yaml"], "  gathered:")]
	topics := "TOPICS=kafka://" + n.Addr + "?session=3s&instance="
	r, first, firstDir, env := registryOf(t, files, "CACHE="+cache, topics+"one")
	tell := func(p *process, text string) {
		t.Helper()
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodPost, "/tell", `{"text":"`+text+`"}`); code != 204 {
				return fmt.Sprint(code, " ", body)
			}
			return ""
		})
	}
	tell(first, "good-0")
	r.called(t, "good-0-topic")
	var hang []string
	for i := range 6 {
		text := fmt.Sprintf("hang-%d", i)
		tell(first, text)
		hang = append(hang, text+"-topic")
	}
	r.called(t, hang...)
	first.kill()
	secondDir := written(t, files)
	second := startProcess(t, secondDir, append(slices.Clone(env), topics+"two")...)
	eventually(t, func() string {
		if got := second.reasons(secondDir); got["outcome-unknown"] < len(hang) {
			return fmt.Sprintf("%v\n%s", got, second.log.String())
		}
		return ""
	})
	first = startProcess(t, firstDir, env...)
	eventually(t, func() string { // it has partitions again
		tell(first, "good-1")
		if first.handled("told") == 0 {
			return "it works on nothing: " + first.log.String()
		}
		return ""
	})
	done(t, secondDir, "dead", "replay", "--all", "--not-done", "--yes", "--console", second.console)
	eventually(t, func() string {
		calls := r.of(&r.calls)
		for _, text := range hang {
			if calls[text] != 2 {
				return fmt.Sprintf("%s was called %d times, expected a second time\n%s", text, calls[text], first.log.String())
			}
		}
		return ""
	})
}
