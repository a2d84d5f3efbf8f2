package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"fondaco/connectors"
)

// TestTap: whoever looks at a call sees what was sent and what came back, also when nothing did.
func TestTap(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte("no"))
	}))
	defer server.Close()
	client := to(t, server.URL, func(o *Options) { o.Auth = Auth{User: "a", Password: "b"} })
	defer client.Close()
	var trips []*connectors.Trip
	ctx := connectors.WithTap(context.Background(), func(trip *connectors.Trip) { trips = append(trips, trip) })
	call := func() {
		_, _ = client.Do(ctx, &Request{Method: "POST", Target: "/x?y=1", Body: []byte("ask"), Operation: "chiedi"})
	}
	call()
	server.Close()
	call()
	if len(trips) != 2 {
		t.Fatalf("found %d trips, expected 2", len(trips))
	}
	one := trips[0]
	got := fmt.Sprint(one.Operation, one.Method, one.URL.RequestURI(), string(one.Body), one.Header.Get("Authorization"), one.Status,
		string(one.Got), one.Err)
	if want := "chiediPOST/x?y=1askBasic YTpi409no<nil>"; got != want || one.Answer == nil {
		t.Errorf("found %s, expected %s", got, want)
	}
	if two := trips[1]; two.Err == nil || two.Status != 0 || two.Answer != nil || string(two.Body) != "ask" {
		t.Errorf("of a system that is down: %+v", two)
	}
}
