package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// namespace is a network of its own on this machine. One thread holds it, and it ends with that and with what was started in it, however
// this program ends: it has no name that could be left behind. Its methods are safe for concurrent use.
type namespace struct {
	path string // by which others name it
	work chan func()
}

// newNamespace creates one in which only the loopback is up. The caller closes it after what it started there has ended. The error says
// what this machine does not permit.
func newNamespace() (*namespace, error) {
	if _, err := exec.LookPath("ip"); err != nil {
		return nil, fmt.Errorf("there is no ip, of iproute2: %w", err)
	}
	n := &namespace{work: make(chan func())}
	made := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the function, and nothing else ever runs on it
		var err error
		n.path, err = unshare()
		made <- err
		if err != nil {
			return
		}
		for f := range n.work {
			f()
		}
	}()
	if err := <-made; err != nil {
		return nil, err
	}
	if err := n.ip("link", "set", "lo", "up"); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

func (n *namespace) close() {
	if n != nil {
		close(n.work)
	}
}

// in calls f on the thread of the namespace: sockets that it opens and processes that it starts are in the namespace.
func (n *namespace) in(f func() error) error {
	if n == nil {
		return f()
	}
	done := make(chan error, 1)
	n.work <- func() { done <- f() }
	return <-done
}

// ip runs the command of that name in the namespace; on this machine's own network if the namespace is nil.
func (n *namespace) ip(args ...string) error {
	return n.in(func() error {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
		}
		return nil
	})
}

// dial connects to a server in the namespace.
func (n *namespace) dial(addr string) (c net.Conn, err error) {
	err = n.in(func() error {
		c, err = net.DialTimeout("tcp", addr, 5*time.Second)
		return err
	})
	return c, err
}

// listen listens in the namespace.
func (n *namespace) listen(addr string) (l net.Listener, err error) {
	err = n.in(func() error {
		l, err = net.Listen("tcp", addr)
		return err
	})
	return l, err
}

// blocks is the network from which the addresses of links are taken, which RFC 2544 reserves for network tests; a run has a block of
// sixteen.
const blocks = "198.18.0.0/15"

// freeBlock finds a block that nothing on this machine uses.
func freeBlock() (net.IP, error) {
	used, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	_, all, _ := net.ParseCIDR(blocks)
	for i := range 1 << 13 {
		at := 16 * ((os.Getpid() + i) % (1 << 13))
		first := net.IPv4(all.IP[0], all.IP[1]+byte(at>>16), byte(at>>8), byte(at))
		block := net.IPNet{IP: first, Mask: net.CIDRMask(28, 32)}
		if !slices.ContainsFunc(used, func(a net.Addr) bool { at, is := a.(*net.IPNet); return is && block.Contains(at.IP) }) {
			return first, nil
		}
	}
	return nil, errors.New("all of " + blocks + " is in use on this machine")
}

// block returns one address of a block.
func block(first net.IP, i int) string {
	at := first.To4()
	return net.IPv4(at[0], at[1], at[2], at[3]+byte(i)).String()
}
