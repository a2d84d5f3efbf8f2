package sftp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	wire "github.com/pkg/sftp"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/sftp/sftptest"
)

// acting does something once so much was read of it.
type acting struct {
	from io.Reader
	left int
	act  func()
}

func (a *acting) Read(b []byte) (int, error) {
	n, err := a.from.Read(b)
	if a.left -= n; a.left < 0 && a.act != nil {
		a.act()
		a.act = nil
	}
	return n, err
}

// TestCutWhileWritten: of a file that could not be written whole nothing is left, neither of one whose caller has gone.
func TestCutWhileWritten(t *testing.T) {
	server, folder := sftptest.OpenSSH(t), t.TempDir()
	proxy := sftptest.Before(t, server.Host)
	s := opened(t, server, folder, func(o *driver.Options) { between(o, proxy) })
	ctx, cancel := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		ctx  context.Context
		act  func()
		kind driver.Kind
	}{
		"cut":  {t.Context(), proxy.Cut, driver.Lost},
		"gone": {ctx, cancel, driver.Lost},
	} {
		err := s.Write(c.ctx, "a", &acting{bytes.NewReader(content(8 << 20)), 3 << 20, c.act}, true)
		var e *driver.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Sent {
			t.Errorf("%s: found %v, expected that it had no effect", name, err)
		}
		within(t, name+": nothing is left", func() bool { return holds(t, folder) == "" })
	}
	err := s.Write(t.Context(), "a", &acting{io.MultiReader(strings.NewReader("half"), broken{}), 0, nil}, true)
	if !errors.Is(err, io.ErrClosedPipe) || holds(t, folder) != "" {
		t.Errorf("found %v and %s", err, holds(t, folder))
	}
	whole := content(8<<20 + 5)
	if err := s.Write(t.Context(), "sotto/cartella/a", bytes.NewReader(whole), false); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(folder, "sotto/cartella/a")); err != nil || !bytes.Equal(b, whole) || holds(t, folder+"/sotto/cartella") != "a" {
		t.Errorf("found %d octets %v %s", len(b), err, holds(t, folder+"/sotto/cartella"))
	}
}

// TestCutWhileSending: whatever the library says of a connection that broke, it is lost, and no other call gets it.
func TestCutWhileSending(t *testing.T) {
	s := opened(t, sftptest.OpenSSH(t), t.TempDir(), nil).(*store)
	for _, cause := range []error{
		io.EOF, io.ErrClosedPipe, io.ErrUnexpectedEOF, wire.ErrSSHFxConnectionLost, &net.OpError{Op: "write", Err: net.ErrClosed},
	} {
		var on *conn
		err := s.with(t.Context(), func(t *turn) error {
			on, t.sent = t.conn, true
			return fmt.Errorf("failed to send packet: %w", cause)
		})
		var e *driver.Error
		if !errors.As(err, &e) || e.Kind != driver.Lost || !e.Sent {
			t.Errorf("%v: found %#v", cause, err)
		}
		if err := s.with(t.Context(), func(t *turn) error {
			if t.conn == on {
				return errors.New("the call has the broken connection")
			}
			return nil
		}); err != nil {
			t.Errorf("%v: %v", cause, err)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestReadOnly: a server that lets nothing be changed denies it.
func TestReadOnly(t *testing.T) {
	folder := t.TempDir()
	s := opened(t, sftptest.OpenSSH(t, "-R"), folder, nil)
	put(t, folder, "a", []byte("alfa"))
	for name, err := range map[string]error{
		"write": s.Write(t.Context(), "b", strings.NewReader("beta"), true), "append": s.Append(t.Context(), "a", []byte("x")),
		"move": s.Move(t.Context(), "a", "b", true), "remove": s.Remove(t.Context(), "a"),
		"write below": s.Write(t.Context(), "sotto/b", strings.NewReader("beta"), true),
	} {
		var e *driver.Error
		if !errors.As(err, &e) || e.Kind != driver.Denied || e.Sent {
			t.Errorf("%s: found %v", name, err)
		}
	}
	if b, err := read(t.Context(), s, "a"); err != nil || string(b) != "alfa" {
		t.Errorf("found %q %v", b, err)
	}
}

// TestRename: files are replaced, or not, by servers that can do that at once, that cannot, and that do it unasked.
func TestRename(t *testing.T) {
	for name, server := range map[string]func(testing.TB) *sftptest.Server{
		"OpenSSH":                  func(t testing.TB) *sftptest.Server { return sftptest.OpenSSH(t) },
		"OpenSSH's program":        func(t testing.TB) *sftptest.Server { return sftptest.OpenSSH(t, sftptest.Program(t)) },
		"without posix-rename":     func(t testing.TB) *sftptest.Server { return sftptest.OpenSSH(t, "-P", "posix-rename") },
		"one that replaces always": func(t testing.TB) *sftptest.Server { return sftptest.InProcess(t, sftptest.Odd{}) },
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := opened(t, server(t), folder, nil)
			if err := os.Mkdir(filepath.Join(folder, "d"), 0o755); err != nil {
				t.Fatal(err)
			}
			write := func(p, text string, replace bool) error {
				return s.Write(t.Context(), p, strings.NewReader(text), replace)
			}
			is := func(p, text string) {
				t.Helper()
				if b, err := os.ReadFile(filepath.Join(folder, p)); err != nil || string(b) != text {
					t.Errorf("%s: found %q %v, expected %q", p, b, err, text)
				}
			}
			for _, err := range []error{write("a", "uno", false), write("a", "due", true), write("b", "tre", true)} {
				if err != nil {
					t.Error(err)
				}
			}
			is("a", "due")
			for _, err := range []error{write("a", "quattro", false), s.Move(t.Context(), "b", "a", false)} {
				if !driver.IsKind(err, driver.Exists) {
					t.Errorf("found %v", err)
				}
			}
			is("a", "due")
			if err := write("d", "cinque", true); !driver.IsKind(err, driver.NoFile) {
				t.Errorf("found %v", err)
			}
			if err := s.Move(t.Context(), "b", "a", true); err != nil {
				t.Error(err)
			}
			is("a", "tre")
			if err := s.Move(t.Context(), "b", "c", true); !driver.IsKind(err, driver.Missing) {
				t.Errorf("found %v", err)
			}
			for _, text := range []string{"sei\n", "sette\n", strings.Repeat("x", 100_000)} {
				if err := s.Append(t.Context(), "e", []byte(text)); err != nil {
					t.Error(err)
				}
			}
			is("e", "sei\nsette\n"+strings.Repeat("x", 100_000))
			if holds(t, folder) != "a d e" {
				t.Errorf("found %s", holds(t, folder))
			}
		})
	}
}

// TestLinks: links within the folder are followed, and none leads out of it.
func TestLinks(t *testing.T) {
	folder, secret := t.TempDir(), t.TempDir()
	put(t, secret, "segreto", []byte("segreto"))
	put(t, folder, "a", []byte("alfa"))
	if err := os.MkdirAll(filepath.Join(folder, "d/e"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, folder, "d/e/b", []byte("beta"))
	for name, to := range map[string]string{
		"dentro": "d/e/b", "d/su": "../a", "d/e/f": ".", "g": "d", "h": "g/e", "fuori": "../" + filepath.Base(secret) + "/segreto",
		"d/fuori": "../../" + filepath.Base(secret), "assoluto": secret + "/segreto", "cartella": secret, "giro": "giro", "i": "j", "j": "i",
		"manca": "nulla", "radice": "..", "anche": folder + "/a",
	} {
		if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := opened(t, sftptest.OpenSSH(t), folder, nil)
	for p, expected := range map[string]string{
		"dentro": "beta", "d/su": "alfa", "d/e/f/f/b": "beta", "g/e/b": "beta", "h/b": "beta",
		"fuori": "outside", "d/fuori/segreto": "outside", "assoluto": "outside", "cartella/segreto": "outside", "giro": "outside", "i": "outside",
		"manca": "missing", "radice": "outside", "anche": "outside", "d": "no-file", "h": "no-file", "a/b": "no-file",
	} {
		b, err := read(t.Context(), s, p)
		found := string(b)
		var e *driver.Error
		if errors.As(err, &e) {
			found = e.Kind.String()
		}
		if found != expected {
			t.Errorf("%s: found %s %v, expected %s", p, found, err, expected)
		}
	}
	for name, err := range map[string]error{
		"write":  s.Write(t.Context(), "cartella/nuovo", strings.NewReader("x"), true),
		"folder": s.Write(t.Context(), "cartella/sotto/nuovo", strings.NewReader("x"), true),
		"append": s.Append(t.Context(), "assoluto", []byte("x")),
		"move":   s.Move(t.Context(), "a", "cartella/a", true), "remove": s.Remove(t.Context(), "cartella/segreto"),
		"list": s.List(t.Context(), "cartella", func(driver.File) error { return nil }),
	} {
		if !driver.IsKind(err, driver.Outside) {
			t.Errorf("%s: found %v", name, err)
		}
	}
	if err := s.Write(t.Context(), "fuori", strings.NewReader("gamma"), true); err != nil { // it takes the link's place
		t.Error(err)
	}
	if b, _ := os.ReadFile(filepath.Join(secret, "segreto")); string(b) != "segreto" || holds(t, secret) != "segreto" {
		t.Errorf("found %q and %s", b, holds(t, secret))
	}
}
