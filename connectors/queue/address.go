package queue

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/queue/amqp"
	"fondaco/connectors/queue/driver"
	"fondaco/connectors/queue/mqtt"
)

// drivers are the wires that are supported.
var drivers = []*driver.Driver{mqtt.Driver, amqp.Driver}

// address is where a broker is.
type address struct {
	driver      *driver.Driver
	host        string
	virtualHost string
	secure      bool
}

// parseAddress reads an address. Its errors hold nothing of it but the scheme.
func parseAddress(text string) (address, error) {
	scheme, _, found := strings.Cut(text, ":")
	if !found {
		return address{}, errors.New("found no broker's address, expected for example mqtts://broker.comune.example:8883")
	}
	var known []string
	for _, d := range drivers {
		known = append(known, d.Schemes...)
		i := slices.Index(d.Schemes, scheme)
		if i < 0 {
			continue
		}
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Hostname() == "":
			return address{}, fmt.Errorf("found no host, expected %s://HOST:PORT", scheme)
		case u.User != nil:
			return address{}, errors.New("the address holds a user: write user: and password: in the connector, which are masked")
		case u.RawQuery != "" || u.Fragment != "":
			return address{}, errors.New("the address holds settings behind a ?: the connector has fields for them")
		case !d.Exchanges && strings.Trim(u.Path, "/") != "":
			return address{}, fmt.Errorf("found a path, expected %s://HOST:PORT", scheme)
		}
		port := u.Port()
		if port == "" {
			port = d.Ports[i]
		}
		return address{driver: d, host: net.JoinHostPort(u.Hostname(), port), virtualHost: strings.TrimPrefix(u.Path, "/"), secure: i == 1}, nil
	}
	return address{}, fmt.Errorf("%s: is not supported, expected one of %s", scheme, strings.Join(known, ", "))
}

// reached returns how a system's broker is reached, and by which driver. A system at a Place is played by a broker of MQTT 5, whatever it
// is else.
func (w *wire) reached(s *connectors.System) (*driver.Driver, driver.Options, error) {
	o := driver.Options{Network: "tcp", Dial: s.Dial, Version: 5, MostBytes: int(w.largest)}
	var err error
	if o.Client, _, err = s.Resolve(w.client); err != nil {
		return nil, o, err
	}
	if o.Client == "" {
		o.Client = "fondaco-" + s.Name
	}
	if place, placed := s.Place(); placed {
		o.Network, o.Host, o.MostBytes = place.Network, place.Address, simulatedMost
		if o.Host == "" {
			o.Network, o.Host = "tcp", "127.0.0.1:1" // its simulator is not started yet; nothing is dialled before that
		}
		return mqtt.Driver, o, nil
	}
	if o.User, _, err = s.Resolve(w.user); err != nil {
		return nil, o, err
	}
	if o.Password, _, err = s.Resolve(w.password); err != nil {
		return nil, o, err
	}
	text, _, err := s.Resolve(w.address)
	if err != nil {
		return nil, o, err
	}
	a, err := parseAddress(text)
	if err != nil {
		return nil, o, fmt.Errorf("system %s: %w", s.Name, err)
	}
	o.Host, o.VirtualHost = a.host, a.virtualHost
	if w.version == version3 {
		o.Version = 3
	}
	if a.secure {
		o.TLS, err = w.secured(s, a.host)
	}
	return a.driver, o, err
}

// secured returns whom we trust, and our certificate.
func (w *wire) secured(s *connectors.System, hostPort string) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	ca, err := s.File(w.ca)
	if err != nil {
		return nil, err
	}
	if len(ca) > 0 {
		if c.RootCAs = x509.NewCertPool(); !c.RootCAs.AppendCertsFromPEM(ca) {
			return nil, fmt.Errorf("system %s: ca holds no certificate", s.Name)
		}
	}
	certificate, err := s.File(w.certificate)
	if err != nil || len(certificate) == 0 {
		return c, err
	}
	key, err := s.File(w.key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("system %s: the certificate and its key do not fit together or are no PEM", s.Name)
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}
