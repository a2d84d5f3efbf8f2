package door

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Listener accepts connections of which only checked requests can be read.
type Listener struct {
	net.Listener
	rules   *Rules
	aborted atomic.Bool

	mu   sync.Mutex
	open map[net.Conn]*list.Element // nil for those at work
	idle *list.List                 // of net.Conn, the longest idle first
}

// Listen puts the door before l. Closing the Listener closes l.
func Listen(l net.Listener, r Rules) *Listener {
	return &Listener{Listener: l, rules: r.withDefaults(), open: map[net.Conn]*list.Element{}, idle: list.New()}
}

// Accept returns the next connection, a new one or the error of the listener behind. When there are too many, the one
// that has been idle longest is closed for it; when none is idle, the new one is.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: raw, rules: l.rules, trusted: l.trusts(raw.RemoteAddr())}
		full, victim := l.admit(c)
		if victim != nil {
			_ = victim.Close()
		}
		if full {
			_ = raw.Close()
			continue
		}
		return c, nil
	}
}

// admit counts c in, and returns the connection to close for it.
func (l *Listener) admit(c net.Conn) (full bool, victim net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) >= l.rules.MaxConns {
		oldest := l.idle.Front()
		if oldest == nil {
			return true, nil
		}
		victim = l.idle.Remove(oldest).(net.Conn)
		delete(l.open, victim)
	}
	l.open[c] = l.idle.PushBack(c)
	return false, victim
}

// Track is for http.Server.ConnState: it shows the Listener which connections are idle and which are gone.
func (l *Listener) Track(c net.Conn, s http.ConnState) {
	if own, ok := c.(*conn); ok {
		own.linger.Store(s == http.StateActive && !l.aborted.Load())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e, known := l.open[c]
	if !known {
		return
	}
	switch s {
	case http.StateIdle:
		if e == nil {
			l.open[c] = l.idle.PushBack(c)
		}
	case http.StateActive, http.StateClosed, http.StateHijacked:
		if e != nil {
			l.idle.Remove(e)
		}
		l.open[c] = nil
		if s != http.StateActive {
			delete(l.open, c)
		}
	}
}

// Open returns the number of open connections.
func (l *Listener) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

func (l *Listener) trusts(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return false
	}
	ip, ok := netip.AddrFromSlice(t.IP)
	return ok && l.rules.Trusted(ip.Unmap())
}

// Abort makes closing a connection immediate from now on.
func (l *Listener) Abort() {
	l.aborted.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.open {
		if own, ok := c.(*conn); ok {
			own.linger.Store(false)
		}
	}
}
