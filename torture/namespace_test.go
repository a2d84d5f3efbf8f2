package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLink: what is sent over a link that loses everything arrives when it is healed, in both directions and on the connection that was
// open; a client that connects meanwhile receives nothing, or an error at once where its own system discards what it sends. The other link
// of the same namespace is not affected.
func TestLink(t *testing.T) {
	n, err := newNamespace()
	if err != nil {
		if os.Geteuid() == 0 && os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no network namespaces here: ", err)
	}
	defer n.close()
	first, err := freeBlock()
	if err != nil {
		t.Fatal(err)
	}
	var links [2]*link
	for i := range links {
		name := fmt.Sprintf("fdt%d-%d", os.Getpid(), i)
		if links[i], err = newLink(n, name, fmt.Sprint("server-", i), block(first, 2*i), block(first, 2*i+1)); err != nil {
			t.Fatal(err)
		}
	}
	var echo [2]net.Listener
	var open [2]net.Conn
	for i, l := range links {
		if echo[i], err = net.Listen("tcp", l.server+":0"); err != nil {
			t.Fatal(err)
		}
		defer echo[i].Close()
		go func() {
			for {
				c, err := echo[i].Accept()
				if err != nil {
					return
				}
				go func() { _, _ = io.Copy(c, c); _ = c.Close() }()
			}
		}()
		if open[i], err = n.dial(echo[i].Addr().String()); err != nil {
			t.Fatal(err)
		}
		defer open[i].Close()
	}
	through := func(i int, said string) {
		t.Helper()
		got := make([]byte, len(said))
		_ = open[i].SetDeadline(time.Now().Add(time.Minute))
		if _, err := io.WriteString(open[i], said); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(open[i], got); err != nil || string(got) != said {
			t.Fatalf("%q came back, expected %q: %v", got, said, err)
		}
	}
	for _, x := range []struct {
		cut   func() error
		hears func(error) bool
		what  string
	}{
		{links[0].lose, func(err error) bool { var e net.Error; return errors.As(err, &e) && e.Timeout() }, "nothing"},
		{links[0].blackhole, func(err error) bool { return errors.Is(err, syscall.EINVAL) }, "EINVAL"},
	} {
		through(0, "before")
		if err := x.cut(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(open[0], "meanwhile"); err != nil {
			t.Fatal(err)
		}
		if c, err := n.dial(echo[0].Addr().String()); err == nil || !x.hears(err) {
			t.Errorf("a client that connects hears %v, %v; expected %s", c, err, x.what)
		}
		_ = open[0].SetReadDeadline(time.Now().Add(time.Second))
		if k, err := open[0].Read(make([]byte, 64)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%d bytes got through a link that loses everything, %v", k, err)
		}
		through(1, "the other link")
		if err := links[0].heal(); err != nil {
			t.Fatal(err)
		}
		_ = open[0].SetReadDeadline(time.Now().Add(time.Minute))
		if got := make([]byte, len("meanwhile")); true {
			if _, err := io.ReadFull(open[0], got); err != nil || string(got) != "meanwhile" {
				t.Fatalf("%q came back of what was sent meanwhile: %v", got, err)
			}
		}
	}
	through(0, "after")
}

// TestNamespaceOfProcess: a process that is started in a namespace has its network, and reaches servers there at the loopback's address.
func TestNamespaceOfProcess(t *testing.T) {
	n, err := newNamespace()
	if err != nil {
		t.Skip("no network namespaces here: ", err)
	}
	defer n.close()
	links := func(on *namespace) (names string) {
		if err := on.in(func() error {
			out, err := exec.Command("ip", "-brief", "link").Output()
			names = string(out)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return names
	}
	if within, outside := links(n), links(nil); strings.Count(within, "\n") != 1 || !strings.HasPrefix(within, "lo") || within == outside {
		t.Errorf("a process in a new namespace sees\n%s\nexpected the loopback alone; outside there are\n%s", within, outside)
	}
	l, err := n.listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := n.dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		_ = c.Close()
		t.Error("what listens in a namespace is reached from outside")
	}
}
