package ftp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/ftp/ftptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opened opens a folder of a server.
func opened(t *testing.T, server *ftptest.Server, folder string, change func(*driver.Options)) *store {
	t.Helper()
	o := driver.Options{
		Scheme: "ftp", Host: server.Host, Folder: folder, Dial: (&net.Dialer{}).DialContext, Most: 2, Idle: time.Minute,
		Entry: driver.Entry{User: server.User, Password: server.Password, CA: server.CA},
	}
	if server.CA != nil {
		o.Scheme = "ftps"
	}
	if change != nil {
		change(&o)
	}
	s, err := Driver.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.(*store)
}

// content returns octets of which no part is like another.
func content(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func put(t *testing.T, folder, name string, octets []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), octets, 0o644); err != nil {
		t.Fatal(err)
	}
}

// holds reports what is in a folder, with temporary files.
func holds(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func read(ctx context.Context, s driver.Store, p string, from int64) ([]byte, error) {
	r, err := s.Read(ctx, p, from)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// both runs a test on vsftpd, plain and over TLS.
func both(t *testing.T, test func(*testing.T, *ftptest.Server)) {
	t.Run("plain", func(t *testing.T) { test(t, ftptest.Vsftpd(t, false)) })
	t.Run("TLS", func(t *testing.T) { test(t, ftptest.Vsftpd(t, true)) })
}

// TestStore: what is written is read, whole and from an octet on, and is replaced, appended to, moved and removed.
func TestStore(t *testing.T) {
	both(t, func(t *testing.T, server *ftptest.Server) {
		folder := t.TempDir()
		s := opened(t, server, folder, nil)
		whole := content(3<<20 + 17)
		for range 2 {
			if err := s.Write(t.Context(), "in/corso d'acqua à.bin", bytes.NewReader(whole), true); err != nil {
				t.Fatal(err)
			}
		}
		for _, from := range []int64{0, 1 << 20, int64(len(whole)) - 1, int64(len(whole))} {
			if b, err := read(t.Context(), s, "in/corso d'acqua à.bin", from); err != nil || !bytes.Equal(b, whole[from:]) {
				t.Errorf("from %d: found %d octets and %v", from, len(b), err)
			}
		}
		if err := s.Write(t.Context(), "in/corso d'acqua à.bin", bytes.NewReader(nil), false); !driver.IsKind(err, driver.Exists) {
			t.Errorf("found %v", err)
		}
		for _, text := range []string{"", "alfa", "", "beta"} {
			if err := s.Append(t.Context(), "in/b", []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if b, err := read(t.Context(), s, "in/b", 0); err != nil || string(b) != "alfabeta" {
			t.Errorf("found %q %v", b, err)
		}
		if err := s.Write(t.Context(), "vuoto", strings.NewReader(""), true); err != nil {
			t.Error(err)
		}
		if b, err := read(t.Context(), s, "vuoto", 0); err != nil || len(b) > 0 {
			t.Errorf("found %q %v", b, err)
		}
		if err := s.Move(t.Context(), "in/b", "fatti/altri/b", false); err != nil {
			t.Error(err)
		}
		if err := s.Move(t.Context(), "vuoto", "fatti/altri/b", false); !driver.IsKind(err, driver.Exists) {
			t.Errorf("found %v", err)
		}
		if err := s.Move(t.Context(), "vuoto", "fatti/altri/b", true); err != nil {
			t.Error(err)
		}
		if err := s.Remove(t.Context(), "in/corso d'acqua à.bin"); err != nil {
			t.Error(err)
		}
		for name, err := range map[string]error{
			"read":   second(read(t.Context(), s, "manca", 0)),
			"stat":   second(s.Stat(t.Context(), "manca/manca")),
			"move":   s.Move(t.Context(), "manca", "a", true),
			"remove": s.Remove(t.Context(), "manca"),
			"list":   s.List(t.Context(), "manca", func(driver.File) error { return nil }),
		} {
			if !driver.IsKind(err, driver.Missing) {
				t.Errorf("%s of nothing: found %v", name, err)
			}
		}
		for name, err := range map[string]error{
			"read":   second(read(t.Context(), s, "fatti", 0)),
			"move":   s.Move(t.Context(), "fatti", "a", true),
			"remove": s.Remove(t.Context(), "fatti"),
			"write":  s.Write(t.Context(), "fatti", strings.NewReader("x"), true),
			"append": s.Append(t.Context(), "fatti", []byte("x")),
		} {
			if !driver.IsKind(err, driver.NoFile) {
				t.Errorf("%s of a folder: found %v", name, err)
			}
		}
		if all := holds(t, folder) + ", " + holds(t, filepath.Join(folder, "in")); all != "fatti in, " {
			t.Errorf("found %s", all)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestLeftEarly: a file that is not read to its end leaves the connection good, and one that is read while it is closed ends.
func TestLeftEarly(t *testing.T) {
	both(t, func(t *testing.T, server *ftptest.Server) {
		folder := t.TempDir()
		put(t, folder, "a", content(32<<20))
		made := 0
		s := opened(t, server, folder, func(o *driver.Options) {
			o.Most = 1
			dial := o.Dial
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				if address == server.Host {
					made++
				}
				return dial(ctx, network, address)
			}
		})
		for range 5 {
			r, err := s.Read(t.Context(), "a", 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			r.Close()
			r.Close()
		}
		if _, err := s.Stat(t.Context(), "a"); err != nil || made != 1 {
			t.Errorf("found %v and %d connections", err, made)
		}
	})
}

// TestEntry: who is not let in is told why, and a server that is not known gets no password.
func TestEntry(t *testing.T) {
	plain, secure := ftptest.Vsftpd(t, false), ftptest.Vsftpd(t, true)
	for name, c := range map[string]struct {
		server *ftptest.Server
		change func(*driver.Options)
		kind   driver.Kind
		says   string
	}{
		"password":     {plain, func(o *driver.Options) { o.Entry.Password = "sbagliata" }, driver.Login, "user or password, by 530"},
		"over TLS":     {secure, func(o *driver.Options) { o.Entry.Password = "sbagliata" }, driver.Login, "user or password, by 530"},
		"unknown":      {secure, func(o *driver.Options) { o.Entry.CA = nil }, driver.Down, "write ca:"},
		"another name": {secure, func(o *driver.Options) { o.Host = "localhost" + secure.Port() }, driver.Down, "not good for this server"},
		"no TLS":       {plain, func(o *driver.Options) { o.Scheme = "ftps" }, driver.Down, "a server without TLS has ftp: in its address"},
		"no folder":    {plain, func(o *driver.Options) { o.Folder = "/manca" }, driver.Down, "the folder of the address is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			s := opened(t, c.server, t.TempDir(), c.change)
			_, err := s.Stat(t.Context(), "a")
			var e *driver.Error
			if !errors.As(err, &e) || e.Kind != c.kind || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "sbagliata") {
				t.Errorf("found %v, expected %s that says %q", err, c.kind, c.says)
			}
		})
	}
	if err := opened(t, secure, t.TempDir(), nil).Append(t.Context(), "a", []byte("x")); err != nil {
		t.Error(err)
	}
}
