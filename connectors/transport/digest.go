package transport

import (
	"context"
	"crypto/md5" //nolint:gosec // what RFC 7616 has for systems that know nothing else
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strings"
	"sync"
)

// digest proves user and password by HTTP digest authentication (RFC 7616): the first request is refused with a challenge,
// and the ones after it answer that.
type digest struct {
	user, password string
	chance         func() string // of cnonce

	mu    sync.Mutex
	given *challenge // nil before the first
	count uint32     // of requests that answered it
}

// challenge is what a system asks.
type challenge struct {
	realm, nonce, opaque, algorithm string
	saidAlgorithm, hasOpaque, qop   bool
	stale                           bool
}

// digestHash returns the hash of an algorithm, nil for one that is not supported.
func digestHash(algorithm string) func() hash.Hash {
	switch strings.ToUpper(algorithm) {
	case "SHA-256":
		return sha256.New
	case "MD5", "":
		return md5.New
	}
	return nil
}

func digestOf(h func() hash.Hash, parts ...string) string {
	x := h()
	_, _ = x.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(x.Sum(nil))
}

// response returns the proof for a request.
func (c *challenge) response(user, password, method, uri, count, chance string) string {
	h := digestHash(c.algorithm)
	a1, a2 := digestOf(h, user, c.realm, password), digestOf(h, method, uri)
	if !c.qop {
		return digestOf(h, a1, c.nonce, a2)
	}
	return digestOf(h, a1, c.nonce, count, chance, "auth", a2)
}

func (d *digest) authorize(_ context.Context, o *outgoing) error {
	d.mu.Lock()
	given := d.given
	d.count++
	count := fmt.Sprintf("%08x", d.count)
	d.mu.Unlock()
	if given == nil {
		return nil
	}
	chance, uri := d.chance(), o.url.RequestURI()
	var b strings.Builder
	fmt.Fprintf(&b, "Digest username=%s, realm=%s, nonce=%s, uri=%s, response=\"%s\"", quoted(d.user), quoted(given.realm),
		quoted(given.nonce), quoted(uri),
		given.response(d.user, d.password, o.method, uri, count, chance))
	if given.saidAlgorithm {
		b.WriteString(", algorithm=" + given.algorithm)
	}
	if given.qop {
		fmt.Fprintf(&b, ", qop=auth, nc=%s, cnonce=%s", count, quoted(chance))
	}
	if given.hasOpaque {
		b.WriteString(", opaque=" + quoted(given.opaque))
	}
	o.header["Authorization"] = []string{b.String()}
	return nil
}

// renew takes the challenge of a 401. One that comes with the nonce that was answered, and is not stale, says that the
// password is wrong.
func (d *digest) renew(sent, answer http.Header) bool {
	var best *challenge
	for _, c := range challenges(answer.Values("Www-Authenticate")) {
		if best == nil || strings.EqualFold(c.algorithm, "SHA-256") && !strings.EqualFold(best.algorithm, "SHA-256") {
			best = c
		}
	}
	if best == nil {
		return false
	}
	proof := sent.Get("Authorization")
	d.mu.Lock()
	defer d.mu.Unlock()
	if strings.Contains(proof, " nonce="+quoted(best.nonce)+",") && !best.stale {
		return false
	}
	if d.given == nil || d.given.nonce != best.nonce {
		d.given, d.count = best, 0
	}
	return true
}

// challenges reads those of the scheme Digest that can be answered.
func challenges(headers []string) (list []*challenge) {
	for _, header := range headers {
		for _, said := range digestParams(header) {
			c := &challenge{
				realm: said["realm"], nonce: said["nonce"], opaque: said["opaque"], algorithm: said["algorithm"],
				stale: strings.EqualFold(said["stale"], "true"),
			}
			_, c.saidAlgorithm = said["algorithm"]
			_, c.hasOpaque = said["opaque"]
			qop, saidQOP := said["qop"]
			for one := range strings.SplitSeq(qop, ",") {
				c.qop = c.qop || strings.EqualFold(strings.TrimSpace(one), "auth")
			}
			if c.nonce != "" && digestHash(c.algorithm) != nil && (!saidQOP || c.qop) {
				list = append(list, c)
			}
		}
	}
	return list
}

// digestParams reads the parameters of each challenge of the scheme Digest in a header (RFC 9110 §11.6.1), or of the
// credentials in one.
func digestParams(header string) (list []map[string]string) {
	var into map[string]string // nil under another scheme
	for header = strings.TrimLeft(header, " \t,"); header != ""; header = strings.TrimLeft(header, " \t,") {
		end := strings.IndexAny(header, " \t,=")
		if end < 0 {
			end = len(header)
		}
		name := header[:end]
		rest := strings.TrimLeft(header[end:], " \t")
		if !strings.HasPrefix(rest, "=") || name == "" { // a scheme
			if into = nil; strings.EqualFold(name, "Digest") {
				into = map[string]string{}
				list = append(list, into)
			}
			header = strings.TrimLeft(rest, "=")
			continue
		}
		var value string
		value, header = authValue(strings.TrimLeft(rest[1:], " \t"))
		if into != nil {
			into[strings.ToLower(name)] = value
		}
	}
	return list
}

// authValue reads a token or a quoted text, and returns what is behind it.
func authValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		if end := strings.IndexAny(s, " \t,"); end >= 0 {
			return s[:end], s[end:]
		}
		return s, ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// quoted returns a text as a quoted-string (RFC 9110 §5.6.4).
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Digest is the side of a simulated system that asks for digest authentication.
type Digest struct{ User, Password, Nonce string }

// Known reports whether a request proves user and password.
func (d *Digest) Known(r *http.Request) bool {
	for _, said := range digestParams(r.Header.Get("Authorization")) {
		c := challenge{realm: digestRealm, nonce: d.Nonce, algorithm: "SHA-256", qop: true}
		want := c.response(d.User, d.Password, r.Method, r.URL.RequestURI(), said["nc"], said["cnonce"])
		if said["username"] == d.User && said["nonce"] == d.Nonce && subtle.ConstantTimeCompare([]byte(said["response"]), []byte(want)) == 1 {
			return true
		}
	}
	return false
}

const digestRealm = "simulated"

// Ask writes the challenge into the head of a 401.
func (d *Digest) Ask(h http.Header) {
	h.Set("Www-Authenticate", `Digest realm="`+digestRealm+`", qop="auth", algorithm=SHA-256, nonce=`+quoted(d.Nonce))
}
