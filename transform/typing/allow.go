package typing

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// What an address may hold behind its agreed beginning: no segment begins with a dot, and dots, slashes, backslashes,
// percent signs and control characters do not come percent-encoded, so that every reader of the address finds the same
// page (RFC 3986 §3.3, §3.4, §6.2.2). There is no fragment.
const (
	encodedChar = `%(?:2[0-46-9A-Da-d]|5[0-9ABDEFabdef]|7[0-9A-Ea-e]|[346][0-9A-Fa-f]|[89A-Fa-f][0-9A-Fa-f])`
	pathChar    = `(?:[A-Za-z0-9_~!$&'()*+,;=:@.-]|` + encodedChar + `)`
	firstChar   = `(?:[A-Za-z0-9_~!$&'()*+,;=:@-]|` + encodedChar + `)`
	segment     = `(?:` + firstChar + pathChar + `*)?`
	queryPart   = `(?:\?(?:[A-Za-z0-9_~!$&'()*+,;=:@./?-]|` + encodedChar + `)*)?`
)

// allow reads the addresses that a text of format uri may be, and makes the pattern that admits those and what lies below
// them. The pattern stands in the documents and is held wherever the type is.
func (r *Reader) allow(n *config.Node, t *schema.Type) {
	list := n.Get("allow")
	if list == nil {
		return
	}
	switch {
	case t.Kind != schema.KindText || t.Format != "uri":
		list.Report(r.out, diag.BadValue, "allow: lists addresses, and the text is none").WithHint("write format: uri beside it")
		return
	case n.Get("pattern") != nil:
		list.Report(r.out, diag.BadValue, "allow: found beside pattern, expected one of the two")
		return
	case list.Kind != config.NodeList || len(list.Items) == 0:
		found := list.Found()
		if list.Kind == config.NodeList {
			found = "an empty list"
		}
		list.Report(r.out, diag.WrongType, "allow: found %s, expected a list of addresses, as [\"https://sportello.comune.example/esiti/\"]",
			found)
		return
	}
	var alternatives []string
	for _, item := range list.Items {
		pattern, err := addressPattern(item.Text.Value)
		if err != nil || item.Kind != config.NodeText {
			if err == nil {
				err = errors.New("an address as https://host/path was expected")
			}
			item.Report(r.out, diag.BadValue, "allow: found %s: %v", item.Found(), err)
			continue
		}
		alternatives = append(alternatives, pattern)
	}
	if len(alternatives) == 0 {
		return
	}
	r.pattern(list, "^(?:"+strings.Join(alternatives, "|")+")$", t)
}

// addressPattern returns the pattern of an agreed address: itself, and all below it if its path ends with /, or else what
// follows a / behind it. Any query may follow.
func addressPattern(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "${"):
		return "", errors.New("references are not supported here: the type of a field is the same on every machine")
	case err != nil || u.Opaque != "" || u.Host == "":
		return "", errors.New("an address as https://host/path was expected")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return "", errors.New("an https address was expected; http is only for this machine")
	case u.User != nil || strings.ContainsAny(text, "?#"):
		return "", errors.New("an address without a user, a query and a fragment was expected")
	case !plainHost.MatchString(u.Host):
		return "", errors.New("a host of small letters, digits, - and dots was expected, written whole")
	case !plainPath.MatchString(u.EscapedPath()):
		return "", errors.New("a path of plain segments was expected, none of which begins with a dot")
	}
	base := regexp.QuoteMeta(u.Scheme+"://"+u.Host) + regexp.QuoteMeta(u.EscapedPath())
	switch {
	case u.Path == "" || u.Path == "/":
		return regexp.QuoteMeta(u.Scheme+"://"+u.Host) + "(?:/" + segment + "(?:/" + segment + ")*)?" + queryPart, nil
	case strings.HasSuffix(u.Path, "/"):
		return base + segment + "(?:/" + segment + ")*" + queryPart, nil
	}
	return base + "(?:/" + segment + ")*" + queryPart, nil
}

var (
	plainHost = regexp.MustCompile(`^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$`)
	plainPath = regexp.MustCompile("^(?:/" + segment + ")*$")
)

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
