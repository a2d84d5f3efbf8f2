package ftp

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/ftp/ftptest"
)

// TestCutWhileRead: a file that ends early is an error, whatever the server says of it, and the next call is served.
func TestCutWhileRead(t *testing.T) {
	folder, whole := t.TempDir(), content(1<<20)
	put(t, folder, "a", whole)
	put(t, folder, "b", []byte("beta"))
	for _, says := range []string{"426 broken", "451 failed", "226 all of it", "250 all of it", "421 away", ""} {
		for _, lists := range []string{"", "mlsd"} {
			s := opened(t, ftptest.InProcess(t, ftptest.Odd{Cut: 100_000, Says: says, Lists: lists}), folder, nil)
			b, err := read(t.Context(), s, "a", 0)
			var e *driver.Error
			if !errors.As(err, &e) || e.Kind != driver.Lost && e.Kind != driver.Other || e.Sent || !bytes.HasPrefix(whole, b) {
				t.Errorf("%q: found %d octets and %v", says, len(b), err)
			}
			if f, err := s.Stat(t.Context(), "b"); err != nil || f.Size != 4 {
				t.Errorf("%q, afterwards: found %v %v", says, f, err)
			}
		}
	}
}

// TestCutOnTheWay: the same of a connection to vsftpd that is cut between, while a file is read and while one is written.
func TestCutOnTheWay(t *testing.T) {
	both(t, func(t *testing.T, server *ftptest.Server) {
		folder, whole := t.TempDir(), content(8<<20)
		put(t, folder, "a", whole)
		var mu sync.Mutex
		cut := false
		s := opened(t, server, folder, func(o *driver.Options) {
			dial := o.Dial
			o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := dial(ctx, network, address)
				mu.Lock()
				defer mu.Unlock()
				if err == nil && cut && address != server.Host {
					conn = &short{Conn: conn, left: 1 << 20}
				}
				return conn, err
			}
		})
		for range 2 {
			if b, err := read(t.Context(), s, "a", 0); err != nil || !bytes.Equal(b, whole) {
				t.Fatalf("found %d octets and %v", len(b), err)
			}
			mu.Lock()
			cut = true
			mu.Unlock()
			if b, err := read(t.Context(), s, "a", 0); err == nil || len(b) == len(whole) || !bytes.HasPrefix(whole, b) {
				t.Errorf("cut: found %d octets and %v", len(b), err)
			}
			var e *driver.Error
			if err := s.Write(t.Context(), "b", bytes.NewReader(whole), true); !errors.As(err, &e) || e.Sent {
				t.Errorf("cut: found %v", err)
			}
			mu.Lock()
			cut = false
			mu.Unlock()
		}
		for end := time.Now().Add(time.Minute); holds(t, folder) != "a"; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("found %s", holds(t, folder))
			}
		}
	})
}

// short is a connection that breaks after some octets in either way.
type short struct {
	net.Conn
	left int
}

var errBroken = errors.New("broken on the way")

func (s *short) Read(b []byte) (int, error) {
	if s.left <= 0 {
		_ = s.Conn.Close()
		return 0, errBroken
	}
	n, err := s.Conn.Read(b[:min(len(b), s.left)])
	s.left -= n
	return n, err
}

func (s *short) Write(b []byte) (int, error) {
	if s.left <= 0 {
		_ = s.Conn.Close()
		return 0, errBroken
	}
	n, err := s.Conn.Write(b[:min(len(b), s.left)])
	if s.left -= n; err == nil && n < len(b) {
		err = errBroken
	}
	return n, err
}

// TestFull: a full disk, or more than may be, is told as such, and leaves nothing.
func TestFull(t *testing.T) {
	for says, kind := range map[string]driver.Kind{
		"452 no space": driver.Full, "552 quota": driver.Full, "451 No space left on device": driver.Full, "226 all of it": driver.Other,
	} {
		folder := t.TempDir()
		s := opened(t, ftptest.InProcess(t, ftptest.Odd{Stored: says}), folder, nil)
		if err := s.Write(t.Context(), "a", bytes.NewReader(content(1<<20)), true); !driver.IsKind(err, kind) || holds(t, folder) != "" {
			t.Errorf("%s: found %v and %q", says, err, holds(t, folder))
		}
		if kind == driver.Other {
			continue
		}
		var e *driver.Error
		if err := s.Append(t.Context(), "b", content(1<<20)); !errors.As(err, &e) || e.Kind != driver.Full || !e.Sent {
			t.Errorf("%s: found %v", says, err)
		}
	}
}

// TestElsewhere: a server that names another host for files is reached where it is, and no other host is.
func TestElsewhere(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a", []byte("alfa"))
	s := opened(t, ftptest.InProcess(t, ftptest.Odd{Elsewhere: true}), folder, func(o *driver.Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if !strings.HasPrefix(address, "127.0.0.1:") {
				t.Errorf("it connects to %s", address)
			}
			return dial(ctx, network, address)
		}
	})
	if b, err := read(t.Context(), s, "a", 0); err != nil || string(b) != "alfa" {
		t.Errorf("found %q %v", b, err)
	}
}

// TestListings: the forms of listings are read, and one that is not understood is an error, no empty folder.
func TestListings(t *testing.T) {
	whole := "-rw-r--r-- 1 u g 4 Jan 02 2024 a\r\n"
	for name, c := range map[string]struct{ text, holds string }{
		"ls":      {whole + "drwxr-xr-x 2 u g 4096 Jan 02 2024 d\r\nlrwxrwxrwx 1 u g 1 Jan 02 2024 l -> a\r\n", "a:4:true d:0:false l:0:false"},
		"total":   {"total 12\r\n" + whole, "a:4:true"},
		"a pipe":  {whole + "prw-r--r-- 1 u g 0 Jan 02 2024 p\r\n", "a:4:true"},
		"DIR":     {"01-02-24  03:04PM       <DIR>          d\r\n01-02-24  03:04PM                    4 a b\r\n", "d:0:false a b:4:true"},
		"Italian": {whole + "-rw-r--r-- 1 u g 4 gen 02 2024 b\r\n", ""},
		"another": {"01.02.2024 15:04 4 a\r\n", ""},
		"paths":   {whole + "-rw-r--r-- 1 u g 4 Jan 02 2024 ../b\r\n-rw-r--r-- 1 u g 4 Jan 02 2024 ..\r\n", "a:4:true"},
	} {
		s := opened(t, ftptest.InProcess(t, ftptest.Odd{Lists: c.text}), t.TempDir(), nil)
		var found []string
		err := s.List(t.Context(), ".", func(f driver.File) error {
			found = append(found, f.Name+":"+string(rune('0'+f.Size))+":"+map[bool]string{true: "true", false: "false"}[f.Regular])
			return nil
		})
		if text := strings.Join(found, " "); text != c.holds || (err == nil) != (c.holds != "") {
			t.Errorf("%s: found %s %v", name, text, err)
		}
	}
	folder := t.TempDir()
	put(t, folder, "a", []byte("alfa"))
	s := opened(t, ftptest.InProcess(t, ftptest.Odd{Lists: "mlsd"}), folder, nil)
	err := s.List(t.Context(), ".", func(f driver.File) error {
		if one, err := s.Stat(t.Context(), "a"); err != nil || one != f || !f.Regular || f.Modified.IsZero() {
			t.Errorf("found %v and %v, %v", f, one, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestKeeps: of a server that replaces nothing the old file is moved aside, and one that cannot begin amid a file is read from its start.
func TestKeeps(t *testing.T) {
	folder := t.TempDir()
	s := opened(t, ftptest.InProcess(t, ftptest.Odd{Keeps: true, NoRest: true}), folder, nil)
	for _, text := range []string{"alfa", "beta"} {
		if err := s.Write(t.Context(), "a", strings.NewReader(text), true); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := read(t.Context(), s, "a", 1); err != nil || string(b) != "eta" || holds(t, folder) != "a" {
		t.Errorf("found %q %v in %s", b, err, holds(t, folder))
	}
	put(t, folder, "b", nil)
	if err := s.Move(t.Context(), "a", "b", false); !driver.IsKind(err, driver.Exists) {
		t.Errorf("found %v", err)
	}
}

// TestSilent: a server that does not answer is left after the bound, and of a change nobody knows what became of it.
func TestSilent(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a", []byte("alfa"))
	for hangs, changes := range map[string]bool{"SIZE": false, "RETR": false, "RNTO": true, "USER": false} {
		t.Run(hangs, func(t *testing.T) {
			t.Parallel()
			s := opened(t, ftptest.InProcess(t, ftptest.Odd{Hangs: hangs}), folder, func(o *driver.Options) { o.Idle = 10 * time.Second })
			var err error
			if changes {
				err = s.Move(t.Context(), "a", "c", false)
			} else {
				_, err = read(t.Context(), s, "a", 0)
			}
			var e *driver.Error
			if !errors.As(err, &e) || e.Kind != driver.Silent || e.Sent != changes || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("found %v", err)
			}
		})
	}
	s := opened(t, ftptest.InProcess(t, ftptest.Odd{Endless: true}), folder, nil)
	if _, err := read(t.Context(), s, "a", 0); !driver.IsKind(err, driver.Lost) || !errors.Is(err, errFlood) {
		t.Errorf("found %v", err)
	}
}

// TestGone: who goes ends what the server does not answer, and Close ends what is under way.
func TestGone(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a", []byte("alfa"))
	for _, hangs := range []string{"PASS", "LIST", "RNTO"} {
		asked := make(chan struct{})
		s := opened(t, ftptest.InProcess(t, ftptest.Odd{Hangs: hangs, Asked: sync.OnceFunc(func() { close(asked) })}), folder,
			func(o *driver.Options) { o.Idle = time.Hour })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Move(ctx, "a", "c", false) }()
		<-asked
		cancel()
		var e *driver.Error
		if err := <-done; !errors.As(err, &e) || e.Sent != (hangs == "RNTO") || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: found %v", hangs, err)
		}
		if len(s.slots) != 0 {
			t.Errorf("%s: %d connections are not given back", hangs, len(s.slots))
		}
	}
}

// TestFewConnections: there are no more connections than are allowed, and who waits for one ends with his deadline.
func TestFewConnections(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a", content(1<<20))
	s := opened(t, ftptest.Vsftpd(t, false), folder, func(o *driver.Options) { o.Most = 1 })
	r, err := s.Read(t.Context(), "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Stat(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) || !driver.IsKind(err, driver.Down) {
		t.Errorf("found %v", err)
	}
	r.Close()
	if _, err := s.Stat(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}
