package files

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/ftp"
	"fondaco/connectors/files/local"
	"fondaco/connectors/files/s3"
	"fondaco/connectors/files/sftp"
)

// drivers are the places that are supported.
var drivers = []*driver.Driver{local.Driver, sftp.Driver, ftp.Driver, s3.Driver}

// address is the address of a place of files.
type address struct {
	driver *driver.Driver
	scheme string
	host   string // host:port of a server, or a bucket
	folder string
}

// parseAddress reads an address. Its errors hold nothing of it but the scheme.
func parseAddress(text string) (address, error) {
	scheme, rest, found := strings.Cut(text, ":")
	if !found {
		return address{}, errors.New("found no address of files, expected for example file:scambio, or sftp://HOST/scambio")
	}
	var known []string
	for _, d := range drivers {
		known = append(known, d.Schemes...)
		if !slices.Contains(d.Schemes, scheme) {
			continue
		}
		if d == s3.Driver {
			return parseBucket(text)
		}
		if d.Port != "" {
			return parseServer(d, scheme, text)
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

// parseBucket reads the address of a bucket, or of a part of one.
func parseBucket(text string) (address, error) {
	rest, is := strings.CutPrefix(text, "s3://")
	bucket, folder, _ := strings.Cut(rest, "/")
	switch err := s3.Bucket(bucket); {
	case !is:
		return address{}, errors.New("found no bucket, expected s3://BUCKET, or s3://BUCKET/FOLDER")
	case err != nil:
		return address{}, err
	case slices.Contains(strings.Split(folder, "/"), ".."):
		return address{}, errors.New("found .. in the folder, expected the folder itself")
	}
	return address{driver: s3.Driver, scheme: "s3", host: bucket, folder: folder}, nil
}

// parseServer reads the address of a folder of a server.
func parseServer(d *driver.Driver, scheme, text string) (address, error) {
	form := scheme + "://HOST/FOLDER"
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return address{}, fmt.Errorf("found no host, expected %s", form)
	case u.User != nil:
		return address{}, errors.New("the address holds a user: write user: and password: in the connector, which are masked")
	case u.RawQuery != "" || u.Fragment != "":
		return address{}, fmt.Errorf("found more than a folder, expected %s", form)
	case u.Path == "":
		return address{}, fmt.Errorf("found no folder, expected %s, and / for all that the server shows to the user", form)
	case slices.Contains(strings.Split(u.Path, "/"), ".."):
		return address{}, errors.New("found .. in the folder, expected the folder itself")
	}
	port := u.Port()
	if port == "" {
		port = d.Port
	}
	folder := path.Clean(u.Path)
	if own, is := strings.CutPrefix(folder, "/~"); is && (own == "" || own[0] == '/') {
		folder = path.Clean("." + own) // the server takes it from where the user comes in
	}
	return address{driver: d, scheme: scheme, host: net.JoinHostPort(u.Hostname(), port), folder: folder}, nil
}

// reached returns where a system's files are.
func (w *wire) reached(s *connectors.System) (address, driver.Options, error) {
	o := driver.Options{Dial: s.Dial, Proxy: s.Proxy}
	text, _, err := s.Resolve(w.address)
	if err != nil {
		return address{}, o, err
	}
	a, err := parseAddress(text)
	if err != nil {
		return a, o, fmt.Errorf("system %s: %w", s.Name, err)
	}
	o.Folder, o.Host, o.Scheme = a.folder, a.host, a.scheme
	if a.host != "" {
		err = w.entry.resolve(s, &o)
		return a, o, err
	}
	if !filepath.IsAbs(o.Folder) {
		o.Folder = s.Path(o.Folder)
	}
	return a, o, nil
}
