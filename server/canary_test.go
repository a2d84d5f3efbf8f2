package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// TestCanaries: P25. What callers send, in whatever place, comes back neither in problems nor in log and metrics.
func TestCanaries(t *testing.T) {
	const canary = "RSSMRA80A01L736U"
	fault := &connectors.Fault{System: "anpr", Operation: "consulta", Kind: connectors.Refused, Err: errors.New("status 400")}
	s := serve(t, Config{}, Program{Routes: []*routes.Route{
		{ID: "a", Method: "GET", Path: "/a/{x}", Auth: open, Serve: fails(fault)},
		{
			ID: "b", Method: "POST", Path: "/a", Auth: open, HasBody: true,
			Serve: func(_ context.Context, req *trigger.Request) (*trigger.Response, error) {
				panic(string(req.Body))
			},
		},
	}})
	head := func(field string) string { return "GET /a/1 HTTP/1.1\r\n" + host + field + "\r\n\r\n" }
	for _, raw := range []string{
		get("/a/" + canary), get("/a/1?cf=" + canary), get("/" + canary), get("/a/1?access_token=" + canary), get("/a/" + canary + "%2f"),
		get("/a#" + canary), canary + " /a HTTP/1.1\r\n" + host + "\r\n", "GET /a HTTP/" + canary + "\r\n" + host + "\r\n", canary + "\r\n\r\n",
		"GET /a HTTP/1.1\r\nHost: " + canary + "/\r\n\r\n", get("http://" + canary + "/a"),
		head("X-Request-Id: " + canary + " "), head("X-" + canary + " : a"), head("Authorization: Bearer " + canary),
		head("Cookie: a=" + canary), head("X-Request-Timeout: " + canary), head("Accept: " + canary), head("Idempotency-Key: \t" + canary + " x"),
		head("Expect: " + canary), head("Content-Length: " + canary), head("Transfer-Encoding: " + canary), head("Traceparent: " + canary),
		post("Content-Type: "+canary+"\r\nContent-Length: 2\r\n", "{}"),
		post(asJSON+"Content-Encoding: "+canary+"\r\nContent-Length: 2\r\n", "{}"),
		sized("", `{"cf":"`+canary+`"}`), post(asJSON+"Transfer-Encoding: chunked\r\n", canary+"\r\n"),
		sized("Content-Encoding: gzip\r\n", canary),
	} {
		// A sane X-Request-Id is the caller's to choose and does come back; every other place does not.
		raw = strings.Replace(raw, "X-Request-Id: "+canary+" ", "X-Request-Id: "+canary+"\x21", 1)
		got := talk(t, s.Addr(), raw, 1)
		if len(got) != 1 || got[0].status < 400 {
			t.Errorf("%q: found %v", raw, got)
			continue
		}
		checkProblem(t, got[0])
		if all := fmt.Sprint(got[0].header, got[0].body); strings.Contains(strings.ToUpper(all), canary) {
			t.Errorf("%q: the answer repeats it: %s", raw, all)
		}
	}
	metrics := fetch(t, s, "/metrics").body
	if !strings.Contains(metrics, `fondaco_faults_total{kind="refused",operation="consulta",system="anpr"}`) {
		t.Error("the fault was not counted")
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if strings.Contains(strings.ToUpper(metrics+s.log.String()), canary) {
		t.Errorf("the log or the metrics repeat it: %s", s.log)
	}
}
