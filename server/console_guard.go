package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// consoleGuard refuses what a foreign web page has an operator's browser ask of the console, as long as the console has
// no login: a page whose name was made to resolve to this machine (DNS rebinding) sends its own name as Host, and a page
// of another site is told by Origin and Sec-Fetch-Site. Its methods are safe for concurrent use.
type consoleGuard struct {
	hosts map[string]bool // in small letters, without a port
	cross *http.CrossOriginProtection
}

func newConsoleGuard(hosts []string) *consoleGuard {
	g := &consoleGuard{hosts: map[string]bool{"localhost": true}, cross: http.NewCrossOriginProtection()}
	for _, host := range hosts {
		g.hosts[bareHost(host)] = true
	}
	return g
}

// refuses returns the status and the detail of a refusal, 0 for a request that is answered.
func (g *consoleGuard) refuses(r *http.Request) (status int, detail string) {
	if !g.knows(r.Host) {
		return http.StatusMisdirectedRequest, "The console answers only for localhost and the names in server.console_hosts of fondaco.yaml, " +
			"and the request is for another Host."
	}
	site := r.Header.Get("Sec-Fetch-Site")
	// A page of another site may link to the console, and neither change anything there nor have it work.
	foreign := (site == "cross-site" || site == "same-site") && r.Header.Get("Sec-Fetch-Mode") != "navigate"
	if foreign || g.cross.Check(r) != nil {
		return http.StatusForbidden, "The console does not answer what a page of another site asks for."
	}
	return 0, ""
}

// knows reports whether the console is to answer under a Host. The port is not compared: a tunnel may have another one.
func (g *consoleGuard) knows(host string) bool {
	name := bareHost(host)
	return g.hosts[name] || isLoopback(name)
}

// bareHost returns a Host without its port, brackets and closing dot, in small letters.
func bareHost(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// isLoopback reports whether a text is an address of the loopback interface.
func isLoopback(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Unmap().IsLoopback()
}

// CheckConsole reports what keeps the console from being served at an address: besides what CheckAddress says, that
// other machines reach it. Its error says what to write.
func CheckConsole(text string) error {
	if err := CheckAddress(text); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(text)
	if strings.EqualFold(host, "localhost") || isLoopback(host) {
		return nil
	}
	return errNotLocal(text)
}

func errNotLocal(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil || port == "" {
		port = "8081"
	}
	return fmt.Errorf("found %q, which other machines may reach, and the console has no login; write console: 127.0.0.1:%s; "+
		"probes and metrics have an address of their own, write health: :8082", text, port)
}
