package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"fondaco/config"
	"fondaco/connectors"
)

// patience is how long one address may take.
const patience = 3 * time.Second

// wires are the schemes of addresses that are dialled: the usual port, and whether TLS begins with the connection.
var wires = map[string]struct {
	port string
	tls  bool
}{
	"http": {"80", false}, "https": {"443", true}, "postgresql": {"5432", false}, "postgres": {"5432", false}, "mysql": {"3306", false},
	"mariadb": {"3306", false}, "sftp": {"22", false}, "ftp": {"21", false}, "ftps": {"21", false}, "mqtt": {"1883", false},
	"mqtts": {"8883", true}, "amqp": {"5672", false}, "amqps": {"5671", true}, "smtp": {"587", false}, "smtps": {"465", true},
	"imap": {"143", false}, "imaps": {"993", true},
}

// systems looks whether each system of the project can be reached. Nothing is asked of one.
func systems(ctx context.Context, p *Patient) []Finding {
	guard, err := p.Typed.Model.Network()
	if err != nil {
		return []Finding{{"system", "network", Fail, "the rules of connections cannot be used", "set what network.proxy names"}}
	}
	all := p.Typed.Model.Systems
	return together(len(all), func(i int) []Finding {
		s := all[i]
		if s.Connector == nil || s.Connector.Protocol == nil || s.Connector.Protocol.Addresses == nil {
			return nil
		}
		s.Guard(guard)
		refs := s.Connector.Protocol.Addresses(s.Connector)
		return together(len(refs), func(i int) []Finding { return reach(ctx, p, s, refs[i]) })
	})
}

// reach looks at one address of a system.
func reach(ctx context.Context, p *Patient, s *connectors.System, r config.Ref) []Finding {
	if r.IsZero() {
		return nil
	}
	f := Finding{Check: "system", Subject: s.Name}
	text, secret, err := s.Resolve(r)
	if err != nil {
		f.Status, f.Found, f.Do = Fail, err.Error(), "set it as for fondaco run; secrets are in the folder of --secrets"
		return []Finding{f}
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil // the start says so
	}
	wire, known := wires[u.Scheme]
	if !known || u.Hostname() == "" {
		return nil // a folder or a file of this machine
	}
	port := u.Port()
	if port == "" {
		port = wire.port
	}
	host, shown := u.Hostname(), net.JoinHostPort(u.Hostname(), port)
	if secret {
		shown = "its address"
	}
	if u.Scheme == "http" || u.Scheme == "https" {
		if proxy, err := s.Proxy(&http.Request{URL: u}); err != nil || proxy != nil {
			f.Status, f.Found = OK, shown+" is reached by the proxy, and was not tried"
			return []Finding{f}
		}
	}
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	conn, err := s.Dial(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		f.Status, f.Found, f.Do = Fail, shown+" cannot be reached: "+cause(err), remedy(err)
		return []Finding{f}
	}
	defer func() { _ = conn.Close() }()
	f.Status, f.Found = OK, shown+" is reached"
	if !wire.tls {
		return []Finding{f}
	}
	return []Finding{f, handshake(ctx, p, s.Name, conn, host)}
}

// handshake looks at the certificate of a server. Whether its authority is trusted is not judged: a connector may name its own.
func handshake(ctx context.Context, p *Patient, name string, conn net.Conn, host string) Finding {
	var leaf *x509.Certificate
	c := tls.Client(conn, &tls.Config{
		ServerName: host, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // nothing is sent: an expired certificate is looked at, too
		VerifyConnection:   func(s tls.ConnectionState) error { leaf = s.PeerCertificates[0]; return nil },
	})
	err := c.HandshakeContext(ctx)
	if leaf == nil { // after the certificate a server may refuse us for want of our own
		return Finding{"certificate", name, Fail, "TLS: " + cause(err), "look whether the port speaks TLS"}
	}
	f := Finding{Check: "certificate", Subject: name}
	f.Status, f.Found, f.Do = ends(leaf.NotAfter, p.Now())
	if err := leaf.VerifyHostname(host); err != nil && f.Status != Fail {
		f.Status, f.Found, f.Do = Fail, "the certificate is for another name", "say the name that it is for, or have it made anew"
	}
	return f
}

// The days before a certificate's end from which it is told, and from which it is a failure.
const warnDays, failDays = 30, 7

// ends judges the end of a certificate.
func ends(end, now time.Time) (status, found, do string) {
	days := int(end.Sub(now) / (24 * time.Hour))
	found = fmt.Sprintf("the certificate ends on %s, in %d days", end.UTC().Format(time.DateOnly), days)
	switch {
	case !now.Before(end):
		return Fail, "the certificate ended on " + end.UTC().Format(time.DateOnly), "have it renewed now"
	case days < failDays:
		return Fail, found, "have it renewed now"
	case days < warnDays:
		return Warn, found, "have it renewed"
	}
	return OK, found, ""
}

// cause returns why something failed, without the address.
func cause(err error) string {
	var name *net.DNSError
	if errors.As(err, &name) {
		return "the name does not resolve"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer within " + patience.String()
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

func remedy(err error) string {
	var name *net.DNSError
	if errors.As(err, &name) {
		return "look at the name, and at this machine's name servers"
	}
	return "look whether it runs, and whether a firewall is between"
}
