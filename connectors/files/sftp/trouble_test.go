package sftp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/sftp/sftptest"
)

// patience is how long something may take on a loaded machine.
const patience = time.Minute

// within waits until something holds.
func within(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
	}
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

func read(ctx context.Context, s driver.Store, p string) ([]byte, error) {
	r, err := s.Read(ctx, p, 0)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// TestCutWhileRead: a connection that is cut is an error and no end of the file, and the next call has a new one.
func TestCutWhileRead(t *testing.T) {
	server, folder := sftptest.OpenSSH(t), t.TempDir()
	proxy := sftptest.Before(t, server.Host)
	whole := content(8 << 20)
	put(t, folder, "a", whole)
	s := opened(t, server, folder, func(o *driver.Options) { between(o, proxy) })
	for _, cut := range []int64{100, 1 << 20, 3<<20 + 1000} {
		if _, err := s.Stat(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		proxy.CutAfter(cut)
		b, err := read(t.Context(), s, "a")
		if !driver.IsKind(err, driver.Lost) || len(b) == len(whole) || !bytes.HasPrefix(whole, b) {
			t.Errorf("cut after %d: found %d octets and %v", cut, len(b), err)
		}
		proxy.CutAfter(0)
		if b, err := read(t.Context(), s, "a"); err != nil || !bytes.Equal(b, whole) {
			t.Errorf("afterwards: found %d octets and %v", len(b), err)
		}
	}
}

// between has a store reach its server by a proxy, under the name by which the server is known.
func between(o *driver.Options, proxy *sftptest.Proxy) {
	dial := o.Dial
	o.Dial = dialTo(dial, proxy.Host)
}

// TestCutWhileIdle: a connection that was cut while nobody used it is not used again.
func TestCutWhileIdle(t *testing.T) {
	server, folder := sftptest.OpenSSH(t), t.TempDir()
	proxy := sftptest.Before(t, server.Host)
	put(t, folder, "a", []byte("alfa"))
	s := opened(t, server, folder, func(o *driver.Options) { between(o, proxy) })
	for range 20 {
		if b, err := read(t.Context(), s, "a"); err != nil || string(b) != "alfa" {
			t.Fatal(string(b), err)
		}
		if err := s.Write(t.Context(), "b", strings.NewReader("beta"), true); err != nil {
			t.Fatal(err)
		}
	}
	if n := proxy.Made(); n > 2 { // a file is closed while the next call begins
		t.Errorf("found %d connections, expected that one is used again", n)
	}
	proxy.Cut()
	within(t, "the connections are over", func() bool {
		own := s.(*store)
		own.mu.Lock()
		defer own.mu.Unlock()
		return len(own.all) == 0
	})
	if b, err := read(t.Context(), s, "a"); err != nil || string(b) != "alfa" {
		t.Error(string(b), err)
	}
}

// TestSilent: a server that does not answer is left after the bound, whatever it was asked; also one that shows that it lives otherwise.
func TestSilent(t *testing.T) {
	server, folder := sftptest.OpenSSH(t), t.TempDir()
	proxy := sftptest.Before(t, server.Host)
	put(t, folder, "a", content(4<<20))
	bound := func(o *driver.Options) { o.Most, o.Idle = 4, 10*time.Second }
	s := opened(t, server, folder, func(o *driver.Options) {
		bound(o)
		between(o, proxy)
	})
	held := opened(t, sftptest.InProcess(t, sftptest.Odd{Held: 2 << 20, Hangs: true}), folder, bound)
	open, err := s.Read(t.Context(), "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if _, err := s.Stat(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	proxy.Stall(true)
	results := make(chan error)
	sent := make(chan error)
	go func() { _, err := io.ReadAll(open); results <- err }()
	go func() { _, err := s.Stat(t.Context(), "a"); results <- err }()
	go func() { _, err := read(t.Context(), held, "a"); results <- err }()
	go func() { sent <- held.Move(t.Context(), "a", "c", false) }()
	for range 3 {
		if err := <-results; !driver.IsKind(err, driver.Silent) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("found %v, expected the fault silent", err)
		}
	}
	var e *driver.Error
	if err := <-sent; !errors.As(err, &e) || e.Kind != driver.Silent || !e.Sent {
		t.Errorf("found %v, expected that nobody knows what became of it", err)
	}
	proxy.Stall(false)
	if _, err := s.Stat(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}

// TestMute: who is not let in because the server says nothing ends with his deadline.
func TestMute(t *testing.T) {
	s := opened(t, sftptest.InProcess(t, sftptest.Odd{Mute: true}), "/", nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Stat(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("found %v", err)
	}
}

// TestGone: who goes ends what the server does not answer, and others are served.
func TestGone(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a", content(4<<20))
	put(t, folder, "b", []byte("beta"))
	for name, do := range map[string]func(context.Context, driver.Store) error{
		"read": func(ctx context.Context, s driver.Store) error { _, err := read(ctx, s, "a"); return err },
		"move": func(ctx context.Context, s driver.Store) error { return s.Move(ctx, "b", "c", false) },
	} {
		asked := make(chan struct{})
		ask := sync.OnceFunc(func() { close(asked) })
		server := sftptest.InProcess(t, sftptest.Odd{Held: 2 << 20, Hangs: true, Asked: ask})
		s := opened(t, server, folder, func(o *driver.Options) { o.Idle = time.Hour })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- do(ctx, s) }()
		<-asked
		cancel()
		var e *driver.Error
		if err := <-done; !errors.As(err, &e) || e.Kind != driver.Lost || e.Sent != (name == "move") || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: found %v", name, err)
		}
		if b, err := read(t.Context(), s, "b"); err != nil || string(b) != "beta" {
			t.Errorf("%s: found %q %v", name, b, err)
		}
	}
}

// TestFewConnections: there are no more connections than are allowed, and who waits for one ends with his deadline.
func TestFewConnections(t *testing.T) {
	server, folder := sftptest.OpenSSH(t), t.TempDir()
	proxy := sftptest.Before(t, server.Host)
	put(t, folder, "a", content(1<<20))
	s := opened(t, server, folder, func(o *driver.Options) { between(o, proxy) })
	var all []driver.Reader
	for range 2 {
		r, err := s.Read(t.Context(), "a", 0)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Stat(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) || !driver.IsKind(err, driver.Down) {
		t.Errorf("found %v", err)
	}
	done := make(chan error)
	go func() { _, err := s.Stat(t.Context(), "a"); done <- err }()
	for _, r := range all {
		r.Close()
	}
	if err := <-done; err != nil || proxy.Made() != 2 {
		t.Errorf("found %v and %d connections", err, proxy.Made())
	}
}

// TestEndedSFTP: a server that ends SFTP and keeps the connection has ended.
func TestEndedSFTP(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a", []byte("alfa"))
	s := opened(t, sftptest.InProcess(t, sftptest.Odd{Ends: true}), folder, nil)
	for range 3 {
		if _, err := read(t.Context(), s, "a"); !driver.IsKind(err, driver.Lost) {
			t.Errorf("found %v", err)
		}
		if _, err := s.Stat(t.Context(), "a"); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	}
}

// TestShort: a file is whole of a server that returns less at once than it is asked for.
func TestShort(t *testing.T) {
	folder := t.TempDir()
	whole := content(3<<20 + 17)
	put(t, folder, "a", whole)
	for _, short := range []int{1000, 32<<10 - 1, 32 << 10} {
		s := opened(t, sftptest.InProcess(t, sftptest.Odd{Short: short}), folder, nil)
		if b, err := read(t.Context(), s, "a"); err != nil || !bytes.Equal(b, whole) {
			t.Errorf("of %d: found %d octets and %v", short, len(b), err)
		}
	}
}

// TestEndless: a listing that has no end is given up.
func TestEndless(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a", nil)
	s := opened(t, sftptest.InProcess(t, sftptest.Odd{Endless: true}), folder, nil).(*store)
	err := s.with(t.Context(), func(t *turn) error {
		return t.askFor(1<<20, func() error {
			_, err := t.files.ReadDir(folder)
			return err
		})
	})
	if !driver.IsKind(err, driver.Lost) || !errors.Is(err, errFlood) {
		t.Errorf("found %v", err)
	}
}

// TestClosedMeanwhile: a file that is closed while it is read ends at once, and its connection with it.
func TestClosedMeanwhile(t *testing.T) {
	folder := t.TempDir()
	put(t, folder, "a", content(4<<20))
	asked := make(chan struct{})
	ask := sync.OnceFunc(func() { close(asked) })
	s := opened(t, sftptest.InProcess(t, sftptest.Odd{Held: 2 << 20, Asked: ask}), folder, func(o *driver.Options) { o.Idle = time.Hour })
	r, err := s.Read(t.Context(), "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { _, err := io.ReadAll(r); done <- err }()
	<-asked
	r.Close()
	r.Close()
	if err := <-done; !driver.IsKind(err, driver.Lost) {
		t.Errorf("found %v", err)
	}
	if n, err := r.Read(make([]byte, 10)); n > 0 || err == nil {
		t.Errorf("found %d octets and %v of a closed file", n, err)
	}
	if _, err := s.Stat(t.Context(), "a"); err != nil {
		t.Error(err)
	}
}
