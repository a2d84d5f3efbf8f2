package routes_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/all"
)

// heard notes the ids of the operations that ANPR was asked for, and fails the first of them if it is told to.
type heard struct {
	mu      sync.Mutex
	ids     []string
	failing bool
	next    http.Handler // its simulator
}

// between puts it before ANPR's simulator.
func (h *heard) between(t *testing.T) func(string, connectors.Place) connectors.Place {
	return func(system string, at connectors.Place) connectors.Place {
		if system != "anpr" {
			return at
		}
		h.next = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: at.Address})
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		at.Address = server.Listener.Addr().String()
		return at
	}
}

var operationID = regexp.MustCompile(`<(?:\w+:)?idOperazioneComune>(\w+)<`)

func (h *heard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	h.mu.Lock()
	h.ids = append(h.ids, string(operationID.FindSubmatch(body)[1]))
	fail := h.failing
	h.failing = false
	h.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	if fail {
		w = &discarded{w}
	}
	h.next.ServeHTTP(w, r)
	if fail {
		panic(http.ErrAbortHandler) // it was done, and nobody hears of it
	}
}

type discarded struct{ http.ResponseWriter }

func (d *discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d *discarded) WriteHeader(int)             {}

// The example city asks ANPR for certificates. ANPR answers an operation that it knows with the answer that it gave
// before, and refuses one below the last: so every citizen has an operation of their own, in the same second and in the
// hour that October has twice, whoever asks at the same time; and a call that is made again is the same operation.
func TestCityAsksANPR(t *testing.T) {
	clock := time.Date(2026, 10, 25, 0, 59, 59, 0, time.UTC) // 2:59:59 of summer; a second later it is 2:00:00
	path := filepath.Join(t.TempDir(), "state.db")
	state := stateAt(t, path)
	anpr := &heard{}
	city, out, err := Open(t.Context(), Options{
		FS: os.DirFS("../examples/dime"), Registry: all.Protocols,
		Now: func() time.Time { return clock }, Sequences: state.Sequences(), Between: anpr.between(t), Topics: unheard{},
	})
	if err != nil || city == nil {
		t.Fatal(err, out.Sorted())
	}
	ask := func(citizen string) {
		t.Helper()
		user := MadeUp()
		user.FiscalCode = &citizen
		a := city.Do(t.Context(), Request{
			Method: http.MethodPost, Path: "/certificati", User: user,
			Body: `{"tipo":"residenza","cognome":"Rossi","nome":"Mario"}`,
		})
		var body struct{ PDF string }
		if a.Status != http.StatusCreated {
			t.Errorf("%s: %d %s", citizen, a.Status, a.Body)
			return
		}
		if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
			t.Error(err)
		}
		if pdf, err := base64.StdEncoding.DecodeString(body.PDF); err != nil || !strings.Contains(string(pdf), citizen) {
			t.Errorf("%s got %q (%v)", citizen, pdf, err)
		}
	}
	for range 2 {
		ask("RSSMRA80A01L736U")
		ask("VRDGPP75C12L736E")
		clock = clock.Add(time.Second)
	}
	anpr.mu.Lock()
	anpr.failing = true
	anpr.mu.Unlock()
	ask("NREPLA90D22L736K") // the first answer is lost
	if len(anpr.ids) != 6 || anpr.ids[4] != anpr.ids[5] {
		t.Errorf("a call that was made again: %q", anpr.ids)
	}
	var asking sync.WaitGroup
	const crowd = 12
	for i := range crowd {
		asking.Go(func() { ask("RSSMRA80A" + string(rune('A'+i)) + "1L736U") })
	}
	asking.Wait()
	numbers := slices.Compact(slices.Clone(anpr.ids))
	if len(numbers) != 5+crowd || !slices.IsSorted(numbers) {
		t.Errorf("the ids do not rise: %q", anpr.ids)
	}
	city.Close()
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	state = stateAt(t, path)
	defer state.Close()
	if city, _, err = Open(t.Context(), Options{
		FS: os.DirFS("../examples/dime"), Registry: all.Protocols,
		Now: func() time.Time { return clock }, Sequences: state.Sequences(), Between: anpr.between(t), Topics: unheard{},
	}); err != nil {
		t.Fatal(err)
	}
	defer city.Close()
	before := len(anpr.ids)
	ask("RSSMRA80A01L736U")
	if len(anpr.ids) != before+1 || anpr.ids[before] <= anpr.ids[before-1] {
		t.Errorf("after a restart: %q", anpr.ids[before-1:])
	}
}
