package database

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/database/driver"
	"fondaco/connectors/database/mysql"
	"fondaco/connectors/database/postgres"
	"fondaco/connectors/database/sqlite"
)

// drivers are the databases that are supported.
var drivers = []*driver.Driver{postgres.Driver, mysql.Driver, sqlite.Driver}

// ports are the usual ones.
var ports = map[*driver.Driver]string{postgres.Driver: "5432", mysql.Driver: "3306"}

// address is where a database is.
type address struct {
	driver         *driver.Driver
	host, database string
}

// parseAddress reads an address. Its errors hold nothing of it but the scheme.
func parseAddress(text string) (address, error) {
	scheme, rest, found := strings.Cut(text, ":")
	if !found {
		return address{}, errors.New("found no database's address, expected for example postgresql://tributi.comune.example:5432/tributi")
	}
	var known []string
	for _, d := range drivers {
		known = append(known, d.Schemes...)
		if !named(d.Schemes, scheme) {
			continue
		}
		if d == sqlite.Driver {
			return address{driver: d, database: strings.TrimPrefix(rest, "//")}, nil
		}
		return networked(d, text)
	}
	return address{}, fmt.Errorf("%s: is not supported, expected one of %s", scheme, strings.Join(known, ", "))
}

func networked(d *driver.Driver, text string) (address, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || len(u.Path) < 2 || strings.Contains(u.Path[1:], "/"):
		return address{}, fmt.Errorf("found no host and database, expected %s://HOST:PORT/DATABASE", d.Schemes[0])
	case u.User != nil:
		return address{}, errors.New("the address holds a user: write user: and password: in the connector, which are masked")
	case u.RawQuery != "" || u.Fragment != "":
		return address{}, errors.New("the address holds settings behind a ?: the connector has fields for them")
	}
	port := u.Port()
	if port == "" {
		port = ports[d]
	}
	return address{driver: d, host: net.JoinHostPort(u.Hostname(), port), database: u.Path[1:]}, nil
}

// reached returns how a system's database is reached, and by which driver. A system at a Place is played by a server of PostgreSQL,
// whatever it is else.
func (w *wire) reached(s *connectors.System) (*driver.Driver, driver.Options, error) {
	o := driver.Options{
		Network: "tcp", Dial: s.Dial, Most: w.most, Idle: w.idle, Statement: w.statement, Lock: w.lock, WithoutPreparation: w.pooled,
	}
	if n := s.Concurrency(); n > 0 {
		o.Most = n
	}
	var err error
	if o.User, _, err = s.Resolve(w.user); err != nil {
		return nil, o, err
	}
	if o.Password, _, err = s.Resolve(w.password); err != nil {
		return nil, o, err
	}
	if place, placed := s.Place(); placed {
		o.Network, o.Host, o.Database, o.WithoutPreparation = place.Network, place.Address, simulatedName, false
		if o.Host == "" {
			o.Host = "127.0.0.1:1" // its simulator is not started yet; nothing is dialled before that
		}
		if o.User == "" {
			o.User = "fondaco"
		}
		return postgres.Driver, o, nil
	}
	text, _, err := s.Resolve(w.address)
	if err != nil {
		return nil, o, err
	}
	a, err := parseAddress(text)
	if err != nil {
		return nil, o, fmt.Errorf("system %s: %w", s.Name, err)
	}
	o.Host, o.Database = a.host, a.database
	if a.driver == sqlite.Driver && !filepath.IsAbs(o.Database) {
		o.Database = s.Path(o.Database)
	}
	if a.driver == sqlite.Driver || w.tls == "off" || w.tls == "" && onThisMachine(a.host) {
		return a.driver, o, nil
	}
	o.TLS, err = w.secured(s, a.host)
	return a.driver, o, err
}

// onThisMachine reports whether an address is the loopback's.
func onThisMachine(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

func (w *wire) secured(s *connectors.System, hostPort string) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
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
