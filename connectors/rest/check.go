package rest

import (
	"net/http"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
)

// check reports what contradicts itself in what the connector says under rest.
func (w *wire) check(c *connectors.Connector, out *diag.List) {
	a := &w.auth
	c.CheckRefs(out, w.endpoint, a.user, a.password, a.bearer, a.key, a.tokenURL, a.clientID, a.clientSecret, w.tls.certificate, w.tls.key, w.tls.ca)
	c.CheckSecret(out, "password", a.password)
	c.CheckSecret(out, "bearer", a.bearer)
	c.CheckSecret(out, "value", a.key)
	c.CheckSecret(out, "client_secret", a.clientSecret)
	for _, h := range w.headers {
		c.CheckRefs(out, h.value)
		checkHeader(h.key, out)
	}
	var first string
	for _, kind := range []struct {
		name string
		ref  config.Ref
	}{{"basic", a.user}, {"bearer", a.bearer}, {"api_key", a.key}, {"oauth2", a.tokenURL}} {
		switch {
		case kind.ref.IsZero():
		case first == "":
			first = kind.name
		default:
			kind.ref.Text.Report(out, diag.BadConnector, "auth says both %s and %s, expected one of them", first, kind.name)
		}
	}
	if a.keyHeader != "" && a.keyQuery != "" || !a.key.IsZero() && a.keyHeader == "" && a.keyQuery == "" {
		a.key.Text.Report(out, diag.BadConnector, "api_key needs either header or query: where the key is sent")
	}
	if w.tls.certificate.IsZero() != w.tls.key.IsZero() {
		given := w.tls.certificate
		if given.IsZero() {
			given = w.tls.key
		}
		given.Text.Report(out, diag.BadConnector, "tls needs both certificate and key, or neither")
	}
}

// checkHeader reports a name that no header may have, or that belongs to the transport.
func checkHeader(name config.Text, out *diag.List) {
	for i, r := range name.Value {
		if r <= ' ' || r >= 0x7f || !tokenChar(byte(r)) {
			out.Report(diag.BadValue, name.At(i), "found %q in the name of a header", r)
			return
		}
	}
	switch http.CanonicalHeaderKey(name.Value) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Te", "Trailer", "Upgrade":
		name.Report(out, diag.BadConnector, "the header %s is the transport's own", name.Value)
	}
}

// tokenChar tells whether a character may be in a header's name (RFC 9110 §5.6.2).
func tokenChar(c byte) bool {
	switch c {
	case '"', '(', ')', ',', '/', ':', ';', '<', '=', '>', '?', '@', '[', '\\', ']', '{', '}':
		return false
	}
	return true
}
