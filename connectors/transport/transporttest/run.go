package transporttest

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/connectortest"
)

// Run proves that a protocol of HTTP keeps the contract of all protocols, which says what fsys holds, and that of HTTP. The
// connector takes answers of at most 64 KiB.
func Run(t *testing.T, p *connectors.Protocol, fsys fs.FS) {
	t.Helper()
	wire := connectortest.Wire{Address: func(hostPort string) string { return "http://" + hostPort + "/base" }}
	connectortest.Run(t, p, fsys, wire)
	s := connectortest.New(t, p, fsys, wire)
	s.Part(t, "wrong answers", wrong)
	s.Part(t, "hanging", deadline)
	s.Part(t, "gone", cancel)
	s.Part(t, "status of a rule", rule)
}

// behind opens a system whose server is a handler.
func behind(t *testing.T, s *connectortest.Suite, h http.Handler) connectors.Caller {
	t.Helper()
	server := httptest.NewServer(h)
	caller := s.Open(t, server.URL+"/base")
	t.Cleanup(func() {
		if err := caller.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return caller
}

// played returns the protocol's server side with samples.
func played(t *testing.T, s *connectortest.Suite, samples ...connectortest.Sample) http.Handler {
	t.Helper()
	h, ok := s.Simulator(t, "http://127.0.0.1:1/base", samples...).(http.Handler)
	if !ok {
		t.Fatal("the protocol's simulator is no http.Handler")
	}
	return h
}
