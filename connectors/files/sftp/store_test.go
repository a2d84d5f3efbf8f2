package sftp

import (
	"context"
	"net"
	"testing"
	"time"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/sftp/sftptest"
)

// opened opens a folder of a server.
func opened(t *testing.T, server *sftptest.Server, folder string, change func(*driver.Options)) driver.Store {
	t.Helper()
	o := driver.Options{
		Host: server.Host, Folder: folder, Dial: (&net.Dialer{}).DialContext, Most: 2, Idle: time.Minute,
		Entry: driver.Entry{User: server.User, Password: server.Password, Key: server.Key, KnownHosts: []byte(server.KnownHosts)},
	}
	if change != nil {
		change(&o)
	}
	s, err := Driver.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// dialTo connects to another place than it is told.
func dialTo(dial func(context.Context, string, string) (net.Conn, error), host string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, _ string) (net.Conn, error) { return dial(ctx, network, host) }
}
