package files

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/local"
)

// drivers are the places that are supported.
var drivers = []*driver.Driver{local.Driver}

// address is the address of a place of files.
type address struct {
	driver *driver.Driver
	folder string
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
		return address{}, errors.New("found no address of files, expected for example file:scambio")
	}
	var known []string
	for _, d := range drivers {
		known = append(known, d.Schemes...)
		if !slices.Contains(d.Schemes, scheme) {
			continue
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
		return address{driver: d, folder: rest}, nil
	}
	return address{}, fmt.Errorf("%s: is not supported, expected one of %s", scheme, strings.Join(known, ", "))
}

// reached returns where a system's files are.
func (w *wire) reached(s *connectors.System) (address, driver.Options, error) {
	o := driver.Options{Dial: s.Dial}
	text, _, err := s.Resolve(w.address)
	if err != nil {
		return address{}, o, err
	}
	a, err := parseAddress(text)
	if err != nil {
		return a, o, fmt.Errorf("system %s: %w", s.Name, err)
	}
	if o.Folder = a.folder; !filepath.IsAbs(o.Folder) {
		o.Folder = s.Path(o.Folder)
	}
	return a, o, nil
}
