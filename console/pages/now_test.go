package pages

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/connectors/policy"
	"fondaco/console"
	"fondaco/routes"
)

// TestWaitsFor: what messages wait for is named once, whether they are put aside or tried again, and a system without its operations.
func TestWaitsFor(t *testing.T) {
	for _, c := range []struct {
		aside map[string]int
		again []string
		want  []string
	}{
		{nil, []string{"crm.create"}, []string{"crm.create"}},
		{map[string]int{"crm.create": 3}, []string{"crm.create"}, []string{"crm.create"}},
		{map[string]int{"crm": 3}, []string{"crm.create", "crm2.create", "iris"}, []string{"crm", "crm2.create", "iris"}},
		{map[string]int{"crm.create": 1, "crm.find": 2}, []string{"crm"}, []string{"crm"}},
	} {
		row := console.Topic{WaitsFor: c.aside}
		for _, on := range c.again {
			row.Retries = append(row.Retries, console.Retry{On: on, Messages: 1})
		}
		if got := waitsFor(row); !slices.Equal(got, c.want) {
			t.Errorf("%v and %v: %q, expected %q", c.aside, c.again, got, c.want)
		}
	}
}

// TestSystemAddress: what waits for an operation leads to its system.
func TestSystemAddress(t *testing.T) {
	for _, on := range []string{"crm", "crm.create"} {
		if to := (&visit{}).SystemAddress(on); to != "/console/systems?q=crm" {
			t.Errorf("%s leads to %s", on, to)
		}
	}
}

// TestLostLines: that lines of the log are lost stands on the first page, and that none is does not; each page names the program.
func TestLostLines(t *testing.T) {
	for lost, want := range map[int64]bool{0: false, 7: true} {
		all := New(Deps{
			Kept: func(context.Context) (*console.API, error) { return nil, nil }, Project: func() *routes.Typed { return nil },
			Systems: func() []policy.Health { return nil }, Meters: func() []*policy.Meter { return nil }, Parts: func() []Part { return nil },
			Schedules: func() []Schedule { return nil }, Releases: func() []Release { return nil }, Served: func() Served { return Served{} },
			Build: func() string { return "1.2.3 (abc)" }, Lost: func() int64 { return lost }, Now: time.Now,
		})
		r := httptest.NewRequest(http.MethodGet, Root, nil)
		r.Header.Set("Accept-Language", "en")
		w := httptest.NewRecorder()
		all["GET "+Root+"{$}"].ServeHTTP(w, r)
		body := w.Body.String()
		if strings.Contains(body, "could not be written in time: 7") != want || strings.Contains(body, "Nothing is wrong") == want ||
			!strings.Contains(body, "Fondaco 1.2.3 (abc)") {
			t.Errorf("%d lost: %s", lost, body)
		}
	}
}
