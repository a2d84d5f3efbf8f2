// Package network connects to what a project names, and to nothing where no system may be: addresses are looked at when a
// connection is made, after names have been resolved.
package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Rules are what a project says of its connections.
type Rules struct {
	AlsoDeny []netip.Prefix // networks that nothing is connected to in
	Proxy    *url.URL       // http or https; nil for none
	Direct   []string       // hosts that are not reached by the proxy: names, .endings of names, addresses, networks
}

// Guard makes connections by rules. The environment says nothing of proxies to it. Safe for concurrent use; a nil Guard
// has no rules of a project.
type Guard struct {
	rules    Rules
	err      error         // why there are no rules
	resolver *net.Resolver // nil for the machine's; tests have names of their own
}

// New returns the guard of rules.
func New(r Rules) *Guard { return &Guard{rules: r} }

// Broken returns a guard that connects to nothing, for the reason err.
func Broken(err error) *Guard { return &Guard{err: err} }

func (g *Guard) said() Rules {
	if g == nil {
		return Rules{}
	}
	return g.rules
}

// String says the rules in one line, with the proxy's password: it is for comparing, not for showing.
func (g *Guard) String() string {
	r := g.said()
	proxy := ""
	if r.Proxy != nil {
		proxy = r.Proxy.String()
	}
	return fmt.Sprint(r.AlsoDeny, proxy, r.Direct)
}

// Dial connects to host:port. A name is resolved, and each of its addresses looked at before anything is sent there. The
// error wraps *Denied where that is why.
func (g *Guard) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return g.dial(ctx, network, address, nil)
}

// errHere is why a name that others may give is not connected to.
var errHere = errors.New("an address of this machine")

// DialOutside is Dial for an address that did not come from the project alone: this machine is not connected to either,
// unless the host is written as such, or is the proxy.
func (g *Guard) DialOutside(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if IsLoopback(host) || g.isProxy(address) {
		return g.Dial(ctx, network, address)
	}
	return g.dial(ctx, network, address, func(a netip.Addr) error {
		for _, one := range readings(a) {
			if one.IsLoopback() {
				return &Denied{a, errHere.Error()}
			}
		}
		return nil
	})
}

func (g *Guard) dial(ctx context.Context, network, address string, more func(netip.Addr) error) (net.Conn, error) {
	if g != nil && g.err != nil {
		return nil, g.err
	}
	d := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	if g != nil {
		d.Resolver = g.resolver
	}
	also := g.said().AlsoDeny
	d.Control = func(kind, resolved string, _ syscall.RawConn) error {
		if strings.HasPrefix(kind, "unix") {
			return nil
		}
		at, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return err
		}
		if err = check(at.Addr(), also); err == nil && more != nil {
			err = more(at.Addr())
		}
		return err
	}
	return d.DialContext(ctx, network, address)
}

// Proxy returns the proxy by which a request goes, nil for none. It is for http.Transport. What the proxy would connect to
// is looked at where it is written as an address; names are resolved by the proxy.
func (g *Guard) Proxy(r *http.Request) (*url.URL, error) {
	if g != nil && g.err != nil {
		return nil, g.err
	}
	rules := g.said()
	host := r.URL.Hostname()
	if rules.Proxy == nil || IsLoopback(host) || direct(host, rules.Direct) {
		return nil, nil //nolint:nilnil // as http.Transport has it
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if err := check(a, rules.AlsoDeny); err != nil {
			return nil, err
		}
	}
	return rules.Proxy, nil
}

// isProxy reports whether an address is the proxy's.
func (g *Guard) isProxy(address string) bool {
	p := g.said().Proxy
	if p == nil {
		return false
	}
	port := p.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[p.Scheme]
	}
	return strings.EqualFold(address, net.JoinHostPort(p.Hostname(), port))
}

// direct reports whether a list names a host.
func direct(host string, list []string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	a, err := netip.ParseAddr(host)
	for _, one := range list {
		one = strings.ToLower(one)
		if n, wrong := netip.ParsePrefix(one); wrong == nil {
			if err == nil && n.Contains(a.Unmap()) {
				return true
			}
			continue
		}
		if host == one || strings.HasPrefix(one, ".") && (strings.HasSuffix(host, one) || host == one[1:]) {
			return true
		}
	}
	return false
}

// IsLoopback reports whether a host as it is written is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Transport returns what sends single requests by the guard's rules, over HTTP/1.1, and keeps no connection.
func (g *Guard) Transport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext: g.Dial, Proxy: g.Proxy, TLSHandshakeTimeout: 5 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives: true, Protocols: protocols,
	}
}
