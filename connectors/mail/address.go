package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/connectors/network"
)

// scheme is what stands before an address.
type scheme struct {
	name     string
	port     string // without one in the address
	implicit bool   // TLS begins with the connection
}

var (
	smtpSchemes = []scheme{{"smtp", "587", false}, {"smtps", "465", true}}
	imapSchemes = []scheme{{"imap", "143", false}, {"imaps", "993", true}}
)

// address is the address of a server.
type address struct {
	host, port string
	implicit   bool
}

// hostPort is what is dialled.
func (a address) hostPort() string { return net.JoinHostPort(a.host, a.port) }

// parseAddress reads an address of one of the schemes. Its errors hold nothing of it but the scheme.
func parseAddress(text string, schemes []scheme) (address, error) {
	example := schemes[0].name + "://mail.comune.example:" + schemes[0].port
	name, _, found := strings.Cut(text, "://")
	if !found {
		return address{}, fmt.Errorf("found no address of a mail server, expected one as %s", example)
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return address{}, fmt.Errorf("found more than a host and a port, or none, expected for example %s", example)
	}
	if u.User != nil {
		return address{}, errors.New("found a user in the address: write it under user and password")
	}
	for _, s := range schemes {
		if s.name != name {
			continue
		}
		a := address{host: u.Hostname(), port: u.Port(), implicit: s.implicit}
		if a.port == "" {
			a.port = s.port
		}
		return a, nil
	}
	return address{}, fmt.Errorf("%s: is not supported here, expected %s or %s", name, schemes[0].name, schemes[1].name)
}

// server is one server of a system, as its parameters say.
type server struct {
	address
	tls            *tls.Config // nil for none
	user, password string
}

// reached returns where a server of a system is, and how we log in there. An address that is not said is the zero server.
func (w *wire) reached(s *connectors.System, at config.Ref, schemes []scheme) (server, error) {
	var x server
	if at.IsZero() {
		return x, nil
	}
	if _, placed := s.Place(); placed { // nothing of the parameters holds for a simulator
		return x, nil
	}
	text, _, err := s.Resolve(at)
	if err != nil {
		return x, err
	}
	if x.address, err = parseAddress(text, schemes); err != nil {
		return x, fmt.Errorf("system %s: %w", s.Name, err)
	}
	if x.user, _, err = s.Resolve(w.user); err == nil {
		x.password, _, err = s.Resolve(w.password)
	}
	if err != nil {
		return x, err
	}
	here := network.IsLoopback(x.host)
	if w.tls == tlsOff || w.tls == "" && here && !x.implicit {
		if x.user != "" && !here {
			return x, fmt.Errorf("system %s: tls is off, and the password would be sent for everybody to read", s.Name)
		}
		return x, nil
	}
	x.tls, err = w.secured(s, x.host)
	return x, err
}

func (w *wire) secured(s *connectors.System, host string) (*tls.Config, error) {
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	pem, err := s.File(w.ca)
	if err != nil || len(pem) == 0 {
		return c, err
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("system %s: ca holds no certificate", s.Name)
	}
	return c, nil
}
