package files

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/files/sftp/sftptest"
	"fondaco/schema"
)

// onServer opens a folder of a server; change has the last word on the connector and the system.
func onServer(t *testing.T, server *sftptest.Server, host string, change func(connector string) string, more func(*connectors.System)) *folder {
	t.Helper()
	connector := operations
	if change != nil {
		connector = change(connector)
	}
	f := &folder{t: t, dir: t.TempDir(), system: served(t, server, connector)}
	f.put("out/a.txt", "alfa")
	f.put("out/b.txt", "beta")
	f.system.Override("endpoint", "sftp://"+host+filepath.ToSlash(f.dir))
	if more != nil {
		more(f.system)
	}
	f.open()
	return f
}

// closed returns the address of nobody.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestServerFaults: what goes wrong with a server has its kind, says whether anything was done, and holds no secret.
func TestServerFaults(t *testing.T) {
	plain, hangs := sftptest.InProcess(t, sftptest.Odd{}), sftptest.InProcess(t, sftptest.Odd{Hangs: true})
	quota, mute := sftptest.InProcess(t, sftptest.Odd{Quota: true}), sftptest.InProcess(t, sftptest.Odd{Mute: true})
	again := func(c string) string {
		return strings.Replace(c, `sposta: {`, `sposta: { effect: idempotent,`, 1)
	}
	soon := func(change func(string) string) func(string) string {
		return func(c string) string {
			return strings.Replace(change(c), `  address:`, "  idle_timeout: 10s\n  address:", 1)
		}
	}
	another := func(s *connectors.System) { s.Override("known", plain.Another(t)) }
	wrong := func(s *connectors.System) { s.Override("password", "sbagliata") }
	same := func(c string) string { return c }
	for name, c := range map[string]struct {
		server    *sftptest.Server
		host      string
		change    func(string) string
		more      func(*connectors.System)
		operation string
		kind      connectors.FaultKind
		sent      bool
		says      string
	}{
		"nobody listens":    {plain, closed(t), nil, nil, "leggi", connectors.Unavailable, false, "refused"},
		"another key":       {plain, plain.Host, nil, another, "sposta", connectors.Unavailable, false, "shows another key than the known one"},
		"a wrong password":  {plain, plain.Host, nil, wrong, "sposta", connectors.Unavailable, false, "it refuses user, password"},
		"metadata":          {plain, "169.254.169.254:22", nil, nil, "leggi", connectors.Unavailable, false, "nothing is connected to there"},
		"mute":              {mute, mute.Host, nil, nil, "leggi", connectors.Timeout, false, "deadline"},
		"hangs, once":       {hangs, hangs.Host, soon(same), nil, "sposta", connectors.Unknown, true, "idle_timeout"},
		"hangs, idempotent": {hangs, hangs.Host, soon(again), nil, "sposta", connectors.Timeout, true, "idle_timeout"},
		"quota":             {quota, quota.Host, nil, nil, "scrivi", connectors.Unavailable, true, "no space"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := onServer(t, c.server, c.host, c.change, c.more)
			ctx := t.Context()
			if c.server == mute {
				short, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				ctx = short
			}
			in := map[string]string{"leggi": `{"nome":"a.txt"}`, "sposta": `{"nome":"a.txt"}`, "scrivi": `{"nome":"c","body":"x"}`}[c.operation]
			got, fault := f.call(ctx, c.operation, in)
			if fault == nil || fault.Kind != c.kind || fault.Sent != c.sent || !strings.Contains(fault.Error(), c.says) {
				t.Fatalf("found %s %+v, expected %s that says %q", got, fault, c.kind, c.says)
			}
			for _, secret := range []string{"sbagliata", "segreta", "a.txt", f.dir} {
				if strings.Contains(fault.Error(), secret) {
					t.Errorf("the fault says %s: %v", secret, fault)
				}
			}
		})
	}
}

// TestStreamsKeepConnections: who hands files on as streams, to the end or not, uses the same connection again.
func TestStreamsKeepConnections(t *testing.T) {
	server := sftptest.OpenSSH(t)
	proxy := sftptest.Before(t, server.Host)
	f := onServer(t, server, proxy.Host, func(c string) string { return strings.Replace(c, "  address:", "  connections: 1\n  address:", 1) },
		func(s *connectors.System) {
			s.Override("known", strings.ReplaceAll(server.KnownHosts, portOf(server.Host), portOf(proxy.Host)))
		})
	op := f.system.Connector.Operation("bolletta")
	do, err := f.caller.Call(op, schema.TypeNull)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		h := &connectors.Handover{Operation: "bolletta"}
		ctx, cancel := context.WithCancel(connectors.WithHandover(t.Context(), h))
		if _, err := do(ctx, schema.RecordOf(op.Input, schema.Text("a.txt"))); err != nil {
			t.Fatal(err)
		}
		cancel()
		if n%2 == 0 {
			if b, err := io.ReadAll(h.Body); err != nil || string(b) != "alfa" {
				t.Errorf("found %q %v", b, err)
			}
		}
		_ = h.Body.Close()
	}
	if n := proxy.Made(); n != 1 {
		t.Errorf("found %d connections", n)
	}
}

func portOf(host string) string { return host[strings.LastIndex(host, ":"):] }
