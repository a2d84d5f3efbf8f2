package files

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/local"
)

// drivers are the places that are spoken with. Those of FTP and S3 are to come.
var drivers = []*driver.Driver{local.Driver}

// ports are the usual ones.
var ports = map[string]string{"sftp": "22"}

// address is where files are.
type address struct {
	driver       *driver.Driver
	scheme, host string
	folder       string
}

// checkAddress reports an address that is written in the connector and cannot be used.
func (w *wire) checkAddress(c *connectors.Connector, out *diag.List) {
	if w.address.IsLiteral() && w.address.Text.Value != "" {
		if _, err := parseAddress(w.address.Text.Value); err != nil {
			w.address.Text.Report(out, diag.BadValue, "address: %v", err)
		}
		return
	}
	for _, n := range w.address.Names() {
		p := c.Param(n.Name)
		if n.Space != "param" || p == nil || p.Default == "" || w.address.Text.Value != "${param."+n.Name+"}" {
			continue
		}
		if _, err := parseAddress(p.Default); err != nil {
			out.Report(diag.BadValue, p.Pos, "%s: %v", p.Name, err).WithLen(len(p.Name))
		}
	}
}

// parseAddress reads an address. Its errors hold nothing of it but the scheme.
func parseAddress(text string) (address, error) {
	scheme, rest, found := strings.Cut(text, ":")
	if !found {
		return address{}, errors.New("found no address of files, expected for example file:scambio or sftp://files.comune.example/scambio")
	}
	var known []string
	for _, d := range drivers {
		known = append(known, d.Schemes...)
		if !slices.Contains(d.Schemes, scheme) {
			continue
		}
		if d.Remote {
			return remote(d, scheme, text)
		}
		if host, is := strings.CutPrefix(rest, "//"); is {
			if !strings.HasPrefix(host, "/") {
				return address{}, fmt.Errorf("found a host, expected %s:FOLDER, or %s:///FOLDER", scheme, scheme)
			}
			rest = host
		}
		if rest == "" {
			return address{}, fmt.Errorf("found no folder, expected for example %s:scambio", scheme)
		}
		return address{driver: d, scheme: scheme, folder: rest}, nil
	}
	return address{}, fmt.Errorf("%s: is not supported, expected one of %s", scheme, strings.Join(known, ", "))
}

func remote(d *driver.Driver, scheme, text string) (address, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return address{}, fmt.Errorf("found no host, expected %s://HOST:PORT/FOLDER", scheme)
	case u.User != nil:
		return address{}, errors.New("the address holds a user: write user: and password: in the connector, which are masked")
	case u.RawQuery != "" || u.Fragment != "":
		return address{}, errors.New("the address holds settings behind a ?: the connector has fields for them")
	}
	port := u.Port()
	if port == "" {
		port = ports[scheme]
	}
	folder := u.Path
	if rest, home := strings.CutPrefix(folder, "/~"); home && (rest == "" || rest[0] == '/') {
		folder = "." + rest
	}
	if folder == "" {
		folder = "/"
	}
	return address{driver: d, scheme: scheme, host: net.JoinHostPort(u.Hostname(), port), folder: folder}, nil
}

// reached returns where a system's files are.
func (w *wire) reached(s *connectors.System) (address, driver.Options, error) {
	o := driver.Options{Dial: s.Dial, Idle: w.idle}
	text, _, err := s.Resolve(w.address)
	if err != nil {
		return address{}, o, err
	}
	a, err := parseAddress(text)
	if err != nil {
		return a, o, fmt.Errorf("system %s: %w", s.Name, err)
	}
	o.Host, o.Folder = a.host, a.folder
	if !a.driver.Remote {
		if !filepath.IsAbs(o.Folder) {
			o.Folder = s.Path(o.Folder)
		}
		return a, o, nil
	}
	if o.User, _, err = s.Resolve(w.user); err != nil {
		return a, o, err
	}
	if o.Password, _, err = s.Resolve(w.password); err != nil {
		return a, o, err
	}
	if o.PrivateKey, err = s.File(w.privateKey); err != nil {
		return a, o, err
	}
	word, _, err := s.Resolve(w.passphrase)
	if err != nil {
		return a, o, err
	}
	o.KeyWord = []byte(word)
	o.HostKeys, err = knownHosts(s, w)
	return a, o, err
}

// knownHosts returns the lines of known_hosts: a text with blanks is such lines, another one names a file.
func knownHosts(s *connectors.System, w *wire) ([]byte, error) {
	text, _, err := s.Resolve(w.hostKeys)
	if err != nil || text == "" || strings.ContainsAny(text, " \n") {
		return []byte(text), err
	}
	return s.File(w.hostKeys)
}
