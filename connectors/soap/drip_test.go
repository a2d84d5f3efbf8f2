package soap

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fondaco/connectors"
)

// TestDrip is row X26: an answer that never ends, slowly or fast, ends with the deadline or at the limit.
func TestDrip(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	released := make(chan struct{})
	defer close(released)
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/xml")
		for {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-released:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	caller, _ := against(t, c, slow)
	o := c.Operation("elencoVerbali")
	do, err := caller.Call(o, o.Output)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err = do(ctx, input(t, o, elenco)); connectors.AsFault(err) == nil || connectors.AsFault(err).Kind != connectors.Timeout {
		t.Errorf("an answer that drips: got %v", err)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %s", took)
	}
	endless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/xml")
		block := strings.Repeat(" ", 1<<20)
		for range 5 << 10 { // 5 GB, if anybody took it
			if _, err := io.WriteString(w, block); err != nil {
				return
			}
		}
	})
	_, f := answered(t, c, "elencoVerbali", elenco, endless)
	if f == nil || f.Kind != connectors.Invalid {
		t.Errorf("an answer of 5 GB: got %v", f)
	}
}
