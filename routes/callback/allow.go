package callback

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"fondaco/connectors/network"
)

// MaxAddress is how many bytes an address may have.
const MaxAddress = 2048

// Prefix is an address under which callers may be told of an end. Nothing else is ever connected to.
type Prefix struct{ scheme, host, path string }

// ParsePrefix reads an address of a project: https, or http on this very machine; the host and the port as callers must
// write them, without a user, a query or a fragment. A path that ends with / stands for all below it, any other for
// itself and what follows a /.
func ParsePrefix(text string) (Prefix, error) {
	u, err := parse(text)
	if err != nil {
		return Prefix{}, err
	}
	if u.RawQuery != "" || u.ForceQuery {
		return Prefix{}, errors.New("an address without a query was expected")
	}
	return Prefix{u.Scheme, u.Host, u.EscapedPath()}, nil
}

// String returns the address.
func (p Prefix) String() string { return p.scheme + "://" + p.host + p.path }

// covers reports whether an address that parse has read is under the prefix.
func (p Prefix) covers(u *url.URL) bool {
	if u.Scheme != p.scheme || u.Host != p.host {
		return false
	}
	rest, under := strings.CutPrefix(u.EscapedPath(), p.path)
	return under && (rest == "" || strings.HasSuffix(p.path, "/") || rest[0] == '/')
}

// The reasons for which an address is not taken. They hold nothing of it.
var (
	// ErrNoAddress is an address that no project could admit.
	ErrNoAddress = errors.New("an https address was expected, with a host, without a user and a fragment, of visible ASCII")
	// ErrNotAllowed is an address that this project does not admit.
	ErrNotAllowed = errors.New("the address is not one of those agreed for this operation")
)

// Address reads an address that a caller gave. The error is ErrNoAddress or ErrNotAllowed.
func Address(text string, allowed []Prefix) (*url.URL, error) {
	u, err := parse(text)
	if err != nil {
		return nil, ErrNoAddress
	}
	for _, p := range allowed {
		if p.covers(u) {
			return u, nil
		}
	}
	return nil, ErrNotAllowed
}

// parse reads an address strictly: what two programs could read in two ways is none. Scheme and host come in small
// letters, without the scheme's own port; the path is never empty.
func parse(text string) (*url.URL, error) {
	switch {
	case text == "" || len(text) > MaxAddress:
		return nil, errors.New("an address of 1 to 2048 bytes was expected")
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\\\"<>^`{|}#", r) }):
		return nil, errors.New("an address of visible ASCII without a fragment was expected; hosts in other letters are written as xn--")
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Hostname() == "" {
		return nil, errors.New("an address as https://host/path was expected")
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch {
	case u.User != nil:
		return nil, errors.New("an address without a user was expected")
	case u.Scheme != "https" && (u.Scheme != "http" || !network.IsLoopback(u.Hostname())):
		return nil, errors.New("an https address was expected; http is only for this machine")
	case strings.HasSuffix(u.Host, ":"), strings.HasSuffix(u.Hostname(), "."):
		return nil, errors.New("a host without a colon or a dot at its end was expected")
	case u.Host[0] != '[' && strings.ContainsFunc(u.Hostname(), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	}):
		return nil, errors.New("a host of letters, digits, - and dots was expected, written whole")
	}
	if port := map[string]string{"https": ":443", "http": ":80"}[u.Scheme]; strings.HasSuffix(u.Host, port) {
		u.Host = strings.TrimSuffix(u.Host, port)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	if err := plainPath(u); err != nil {
		return nil, err
	}
	return u, nil
}

// plainPath reports what is wrong with the path and the query of an address: what two servers may read in two ways.
func plainPath(u *url.URL) error {
	path := strings.ToLower(u.EscapedPath())
	if strings.Contains(path, "%2e") || strings.Contains(path, "%2f") || strings.Contains(path, "%5c") ||
		strings.ContainsFunc(u.Path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errors.New("a path without dots, slashes and control characters in percent-encoding was expected")
	}
	if twiceEncoded(path) {
		return errors.New("a path that is percent-encoded once was expected")
	}
	if !utf8.ValidString(u.Path) {
		return errors.New("a path of UTF-8 was expected")
	}
	if _, err := url.PathUnescape(u.RawQuery); err != nil || strings.Contains(u.RawQuery, "%00") {
		return errors.New("a query whose percent signs are followed by two hexadecimal digits, and not by 00, was expected")
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment, _, _ = strings.Cut(segment, ";"); segment == "." || segment == ".." {
			return errors.New("a path without . and .. was expected")
		}
	}
	return nil
}

// twiceEncoded reports whether a path in small letters still has a percent-encoding once it is decoded: the door of this
// program refuses that too, for what decodes once more reads another path.
func twiceEncoded(path string) bool {
	for {
		_, after, found := strings.Cut(path, "%25")
		if !found {
			return false
		}
		if len(after) >= 2 && hexadecimal(after[0]) && hexadecimal(after[1]) {
			return true
		}
		path = after
	}
}

func hexadecimal(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }
