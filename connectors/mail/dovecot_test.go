package mail

import (
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/connectortest"
	"fondaco/connectors/mail/imap/imaptest"
)

// TestDovecot: what connectors.Watching promises, on a real server.
func TestDovecot(t *testing.T) {
	server := imaptest.StartDovecot(t)
	connectortest.RunWatch(t, connectortest.Watched{
		Open: func(t testing.TB) connectors.Watching { return opened(t, server.Address, "nuova", nil) },
		Put:  func(t testing.TB, name string) { server.Put(t, plainMessage(name, name, "", "ciao\r\n")) },
		Name: func(f connectors.Find) string { return f.Body.Get("subject").Str() },
	})
}
