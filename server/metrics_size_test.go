package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"fondaco/server/metrics"
)

// TestRouteMetricsAreSmall: what each of a thousand routes holds before it is called is small, and statuses that come for the first
// time, several at the same moment, are all counted.
func TestRouteMetricsAreSmall(t *testing.T) {
	if size := unsafe.Sizeof(routeMetrics{}); size > 256 {
		t.Errorf("a route's metrics take %d bytes, expected at most 256", size)
	}
	r := metrics.New()
	m := newMeasured(r).route("one")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for status := 200; status < 600; status += 50 {
				m.observe(status, time.Millisecond)
			}
			m.observe(-1, time.Millisecond)
			m.observe(600, time.Millisecond)
		})
	}
	all.Wait()
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for status := 200; status < 600; status += 50 {
		if line := fmt.Sprintf("fondaco_requests_total{route=\"one\",status=\"%d\"} 8\n", status); !strings.Contains(w.Body.String(), line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if strings.Contains(w.Body.String(), `status="-1"`) || strings.Contains(w.Body.String(), `status="600"`) {
		t.Error("a status that cannot be is counted")
	}
}
