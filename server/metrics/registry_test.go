package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRegistry: what is counted, measured and read is told in Prometheus' form, each with its kind and its labels.
func TestRegistry(t *testing.T) {
	r := New()
	r.Counter("t_done_total", "Done.").Inc()
	r.Counters("t_answers_total", "Answers.", "route", "status").Of("multe", "200").Inc()
	g := r.Gauge("t_in_flight", "In flight.")
	g.Inc()
	g.Inc()
	g.Dec()
	h := r.Histograms("t_seconds", "Seconds.", []float64{1, 10}, "route").Of("multe")
	h.Observe(.5)
	h.Observe(5)
	total, up := Total("t_read_total", "Read.", "system"), Level("t_up", "Up.")
	value := 7.0
	r.Read(func(tell Tell) {
		tell(total, value, "anpr")
		tell(up, Truth(value > 7))
	}, total, up)
	ask := func() string {
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String()
	}
	text := ask()
	for _, want := range []string{
		"# TYPE t_done_total counter", "t_done_total 1", `t_answers_total{route="multe",status="200"} 1`, "# TYPE t_in_flight gauge",
		"t_in_flight 1",
		`t_seconds_bucket{route="multe",le="1"} 1`, `t_seconds_bucket{route="multe",le="10"} 2`, `t_seconds_sum{route="multe"} 5.5`,
		"# TYPE t_read_total counter", `t_read_total{system="anpr"} 7`, "# TYPE t_up gauge", "t_up 0", "go_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("expected %s in\n%s", want, text)
		}
	}
	value = 8
	if text = ask(); !strings.Contains(text, `t_read_total{system="anpr"} 8`) || !strings.Contains(text, "t_up 1") {
		t.Errorf("values are not read anew:\n%s", text)
	}
}
