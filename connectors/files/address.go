package files

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

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
