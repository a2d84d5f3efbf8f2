package files

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/files/ftp/ftptest"
	"fondaco/connectors/files/s3/s3test"
	"fondaco/connectors/files/sftp/sftptest"
)

// site is where the files of a test are: a folder of this machine, or of a server that shows it.
type site struct {
	server *sftptest.Server
	ftp    *ftptest.Server
	s3     *s3test.Store
}

// listed returns a text with times as a listing says them: of FTP without MLSD to the minute, and of old files to the day.
func (s site) listed(text string) string {
	if s.ftp == nil {
		return text
	}
	return strings.NewReplacer("14:13:20Z", "14:13:00Z", "01:46:40Z", "00:00:00Z").Replace(text)
}

// everywhere runs a test in each kind of site.
func everywhere(t *testing.T, test func(*testing.T, site)) {
	t.Run("folder", func(t *testing.T) { test(t, site{}) })
	t.Run("OpenSSH", func(t *testing.T) { test(t, site{server: sftptest.OpenSSH(t)}) })
	t.Run("vsftpd", func(t *testing.T) { test(t, site{ftp: ftptest.Vsftpd(t, true)}) })
	t.Run("S3", func(t *testing.T) { test(t, site{s3: s3test.Gateway(t)}) })
}

// folder is an open system in a folder.
type folder struct {
	t      *testing.T
	dir    string
	system *connectors.System
	caller connectors.Caller
}

func newFolder(t *testing.T, at site, connector string, files map[string]string) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir()}
	bucket := ""
	if at.s3 != nil {
		bucket, f.dir = at.s3.Bucket(t)
	}
	for name, text := range files {
		f.put(name, text)
	}
	switch {
	case at.s3 != nil:
		f.system = &connectors.System{Name: "scambio", Connector: loaded(t, strings.Replace(
			entered(connector, "access_key", "secret_key", "store"), "  store:", "  endpoint:", 1))}
		f.system.Override("access_key", at.s3.Access)
		f.system.Override("secret_key", at.s3.Secret)
		f.system.Override("store", at.s3.Endpoint)
		f.system.Override("endpoint", "s3://"+bucket)
	case at.ftp != nil:
		f.system = &connectors.System{Name: "scambio", Connector: loaded(t, entered(connector, "user", "password", "ca"))}
		f.system.Override("user", at.ftp.User)
		f.system.Override("password", at.ftp.Password)
		f.system.Override("ca", string(at.ftp.CA))
		f.system.Override("endpoint", "ftps://"+at.ftp.Host+filepath.ToSlash(f.dir))
	case at.server == nil:
		f.system = &connectors.System{Name: "scambio", Connector: loaded(t, connector)}
		f.system.In(filepath.Dir(f.dir))
		f.system.Override("endpoint", "file:"+filepath.Base(f.dir))
	default:
		f.system = served(t, at.server, connector)
		f.system.Override("endpoint", "sftp://"+at.server.Host+filepath.ToSlash(f.dir))
	}
	f.open()
	return f
}

// entered returns a connector with fields of a server, each from a parameter of its name.
func entered(connector string, fields ...string) string {
	var params, said strings.Builder
	for _, name := range fields {
		params.WriteString(", " + name + ": { type: string }")
		said.WriteString("  " + name + ": \"${param." + name + "}\"\n")
	}
	connector = strings.Replace(connector, "endpoint: { type: string }", "endpoint: { type: string }"+params.String(), 1)
	return strings.Replace(connector, "  address: \"${param.endpoint}\"\n", "  address: \"${param.endpoint}\"\n"+said.String(), 1)
}

// served returns a system on a server.
func served(t *testing.T, server *sftptest.Server, connector string) *connectors.System {
	t.Helper()
	connector = strings.Replace(connector, "endpoint: { type: string }", "endpoint: { type: string }, user: { type: string }, "+
		"key: { type: string, secret: true }, password: { type: string, secret: true, default: \"\" }, known: { type: string }", 1)
	connector = strings.Replace(connector, "  address: \"${param.endpoint}\"\n", "  address: \"${param.endpoint}\"\n  user: \"${param.user}\"\n"+
		"  private_key: \"${param.key}\"\n  password: \"${param.password}\"\n  known_hosts: \"${param.known}\"\n", 1)
	s := &connectors.System{Name: "scambio", Connector: loaded(t, connector)}
	s.Override("user", server.User)
	s.Override("key", string(server.Key))
	s.Override("password", server.Password)
	s.Override("known", server.KnownHosts)
	return s
}

// open opens the system anew.
func (f *folder) open() {
	f.t.Helper()
	var err error
	if f.caller, err = Protocol.Open(f.t.Context(), f.system, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now}); err != nil {
		f.t.Fatal(err)
	}
	caller := f.caller
	f.t.Cleanup(func() { _ = caller.Close() })
}
