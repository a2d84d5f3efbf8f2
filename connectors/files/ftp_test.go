package files

import (
	"path/filepath"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/files/ftp/ftptest"
)

// onFTP opens a folder of a server of FTP.
func onFTP(t *testing.T, server *ftptest.Server, host, connector string, change func(*connectors.System)) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir()}
	f.system = &connectors.System{Name: "scambio", Connector: loaded(t, entered(connector, "user", "password"))}
	f.put("out/a.txt", "alfa")
	f.system.Override("user", server.User)
	f.system.Override("password", server.Password)
	f.system.Override("endpoint", "ftp://"+host+filepath.ToSlash(f.dir))
	if change != nil {
		change(f.system)
	}
	f.open()
	return f
}

// TestFTPFaults: what goes wrong with a server of FTP has its kind, says whether anything was done, and holds no secret and no name.
func TestFTPFaults(t *testing.T) {
	plain := ftptest.InProcess(t, ftptest.Odd{})
	odd := func(o ftptest.Odd) *ftptest.Server { return ftptest.InProcess(t, o) }
	wrong := func(s *connectors.System) { s.Override("password", "sbagliata") }
	soon := strings.Replace(operations, `  address:`, "  idle_timeout: 10s\n  address:", 1)
	again := strings.Replace(soon, `sposta: {`, `sposta: { effect: idempotent,`, 1)
	for name, c := range map[string]struct {
		server    *ftptest.Server
		host      string // "" for the server's
		connector string
		more      func(*connectors.System)
		operation string
		kind      connectors.FaultKind
		sent      bool
		says      string
	}{
		"nobody listens":    {plain, closed(t), operations, nil, "leggi", connectors.Unavailable, false, "refused"},
		"a wrong password":  {plain, "", operations, wrong, "sposta", connectors.Unavailable, false, "it refuses user or password"},
		"metadata":          {plain, "169.254.169.254:21", operations, nil, "leggi", connectors.Unavailable, false, "nothing is connected to there"},
		"cut":               {odd(ftptest.Odd{Cut: 2, Says: "226 all"}), "", operations, nil, "leggi", connectors.Unavailable, false, "after 2 of 4 octets"},
		"broken off":        {odd(ftptest.Odd{Cut: 2, Says: "426 no"}), "", operations, nil, "leggi", connectors.Unavailable, false, "answers 426"},
		"a full disk":       {odd(ftptest.Odd{Stored: "452 out/a.txt"}), "", operations, nil, "scrivi", connectors.Unavailable, true, "no space"},
		"hangs, once":       {odd(ftptest.Odd{Hangs: "RNTO"}), "", soon, nil, "sposta", connectors.Unknown, true, "idle_timeout"},
		"hangs, idempotent": {odd(ftptest.Odd{Hangs: "RNTO"}), "", again, nil, "sposta", connectors.Timeout, true, "idle_timeout"},
		"a foreign listing": {odd(ftptest.Odd{Lists: "12/11/26 a.txt\r\n"}), "", operations, nil, "elenco", connectors.Unavailable, true, "in a form"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.host == "" {
				c.host = c.server.Host
			}
			f := onFTP(t, c.server, c.host, c.connector, c.more)
			in := map[string]string{"leggi": `{"nome":"a.txt"}`, "sposta": `{"nome":"a.txt"}`, "scrivi": `{"nome":"c","body":"x"}`, "elenco": `{}`}
			got, fault := f.call(t.Context(), c.operation, in[c.operation])
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
