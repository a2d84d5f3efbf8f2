package transport

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"fondaco/config"
	"fondaco/connectors"
)

// Endpoint returns the http or https address that a reference of a connector stands for in a system, as it is written,
// with its query and the slash at its end. Of a system that is at a Place it is that place, under the path that the
// connector itself writes behind the host; who resolves both sides of a simulation so has the same path on both.
func Endpoint(s *connectors.System, r config.Ref) (*url.URL, error) {
	if place, placed := s.Place(); placed {
		return placedURL(s, r, place)
	}
	text, _, err := s.Resolve(r)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("system %s: %w", s.Name, errEndpoint)
	}
	return u, nil
}

var errEndpoint = errors.New("the endpoint is not an http or https address")

// placedURL is the address of a place.
func placedURL(s *connectors.System, r config.Ref, place connectors.Place) (*url.URL, error) {
	host, path := place.Address, place.Path
	if host == "" {
		host = "127.0.0.1:1" // its simulator is not started yet; nothing is dialled before that
	}
	if path == "" {
		var err error
		if path, err = ownPath(s, r); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse("http://" + host + path)
	if err != nil {
		return nil, fmt.Errorf("system %s: %w", s.Name, errEndpoint)
	}
	return u, nil
}

// hole stands for a reference in a text that is looked at for its form.
const hole = "\x00"

// ownPath returns the path and query that the connector writes behind the host: "/v1" of "${param.url}/v1" and of
// "https://${param.host}:${param.port}/v1", "" of "${param.url}".
func ownPath(s *connectors.System, r config.Ref) (string, error) {
	form, _, err := r.Resolve(func(string, string) (string, bool, bool) { return hole, false, true })
	if err != nil {
		return "", err
	}
	from := 0
	if i := strings.Index(form, "://"); i >= 0 {
		from = i + len("://")
	}
	i := strings.IndexAny(form[from:], "/?#")
	if i < 0 {
		return "", nil
	}
	from += i
	before := strings.Count(form[:from], hole)
	var failed error
	text, _, err := r.Resolve(func(space, name string) (string, bool, bool) {
		if before > 0 {
			before--
			return hole, false, true
		}
		value, secret, err := s.Value(space, name)
		if err != nil {
			failed = err
		}
		return (&url.URL{Path: value}).EscapedPath(), secret, err == nil
	})
	if failed != nil {
		return "", failed
	}
	return text[min(from, len(text)):], err
}
