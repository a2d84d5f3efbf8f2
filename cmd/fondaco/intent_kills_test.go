package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestIntentKilledAnywhere: the process is killed again and again at moments of chance, before, amid and after calls whose
// effect is once. No call is made twice, and each accepted request is done or is a letter that says that nobody knows.
func TestIntentKilledAnywhere(t *testing.T) {
	t.Parallel()
	r, p, dir, env := registryOf(t, intentProject)
	accepted := map[string]string{} // text, operation
	for round := range inLong(8, 3) {
		var wait sync.WaitGroup
		var mu sync.Mutex
		for i := range 4 {
			wait.Go(func() {
				for n := range 15 {
					text := fmt.Sprintf("fast-%d-%d-%d", round, i, n)
					req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.api+"/file", strings.NewReader(`{"text":"`+text+`"}`))
					if err != nil {
						t.Error(err)
						return
					}
					req.Header.Set("Content-Type", "application/json")
					res, err := slowly.Do(req)
					if err != nil {
						return // it was killed
					}
					_ = res.Body.Close()
					if res.StatusCode == http.StatusAccepted {
						mu.Lock()
						accepted[text] = res.Header.Get("Location")
						mu.Unlock()
					}
				}
			})
		}
		time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond) // a moment of chance
		p.kill()
		wait.Wait()
		slowly.CloseIdleConnections()
		p = startProcess(t, dir, env...)
	}
	letters := map[string]bool{}
	for text, at := range accepted {
		id := at[strings.LastIndexByte(at, '/')+1:]
		eventually(t, func() string {
			switch state := operationState(t, p, id); state {
			case "failed":
				letters[text] = true
				return ""
			case "done":
				return ""
			default:
				return text + " is " + state
			}
		})
	}
	r.once(t)
	calls := r.of(&r.calls)
	for text := range accepted {
		if calls[text] == 0 && !letters[text] {
			t.Errorf("%s is done, and was never called", text)
		}
	}
	eventually(t, func() string { // an operation has failed before its letter is kept
		if got := p.reasons(dir); len(letters) > 0 && (len(got) != 1 || got["outcome-unknown"] < len(letters)) {
			return fmt.Sprintf("letters %v, of which %d are of requests that were answered", got, len(letters))
		}
		return ""
	})
	t.Logf("%d accepted, %d calls, %d in doubt", len(accepted), len(calls), len(letters))
}
