package project

import (
	"encoding/hex"
	"io/fs"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Keyed is a scheme by secrets that the city hands out to callers that are programs: API keys, or names with passwords. The callers stand
// in a file of the project, which holds digests of the secrets and nothing that lets anyone in.
type Keyed struct {
	Pos     diag.Pos
	Basic   bool        // a name and a password, RFC 7617; else an API key
	Header  string      // where an API key comes, as net/http writes names
	File    config.Text // of the callers
	Quota   spec.Rate   // of each caller that has none of its own; none if zero
	Callers []*Caller
}

// Caller is one of whom a scheme knows.
type Caller struct {
	Name     config.Text
	Owner    string // who answers for it, for people
	Keys     [][32]byte
	Password string // bcrypt
	Roles    []string
	Expires  time.Time // when it is no longer let in; zero for never
	Quota    spec.Rate

	keys     []config.Text
	password config.Text
	expires  config.Text
	roles    []config.Text
}

// KeyPrefix begins the digest of a key in a file of callers.
const KeyPrefix = "sha256:"

// Way returns the word by which a project asks for the scheme: api_key or basic.
func (k *Keyed) Way() string {
	if k.Basic {
		return "basic"
	}
	return "api_key"
}

func (k *Keyed) spec(o *spec.Object) {
	o.Text("callers", &k.File).Required().Doc("The file of the project that lists the callers, with digests of their secrets; `fondaco key` " +
		"writes its entries.").Example("callers/partners.yaml")
	if !k.Basic {
		k.Header = "X-Api-Key"
		o.Var("header", headerName{&k.Header}).Default("X-Api-Key").Doc("The header in which the key comes.")
	}
	o.Rate("quota", &k.Quota).Doc("How often one caller may call, over all routes of the scheme; a caller may have a quota of its own in " +
		"the file. Beyond it the answer is 429.").Example("10000/d")
}

// CallersSpec declares the fields of a file of callers, for documentation and editors.
func CallersSpec(o *spec.Object) { (&Keyed{}).callers(o) }

// callers declares what a file of callers holds.
func (k *Keyed) callers(o *spec.Object) {
	o.Map("callers", func(name config.Text) func(*spec.Object) {
		c := &Caller{Name: name}
		k.Callers = append(k.Callers, c)
		return c.spec
	}).Required().Doc("The callers by name, which is user.subject in routes and the user of basic.")
}

func (c *Caller) spec(o *spec.Object) {
	o.String("owner", &c.Owner).Doc("Who answers for the caller: an office or a person.").Example("Ufficio SIT, Comune di Mira")
	o.Texts("key", &c.keys).Doc("Of a scheme by api_key: the digest of the key, or of several while one takes the place of another.").
		Example("sha256:0cb2…")
	o.Text("password", &c.password).Doc("Of a scheme by basic: the digest of the password, by bcrypt.").Example("$2a$10$…")
	o.Texts("roles", &c.roles).Doc("What the caller may act as: user.roles.")
	o.Text("expires", &c.expires).Doc("The last day on which the caller is let in (UTC), or a moment.").Example("2027-12-31")
	o.Rate("quota", &c.Quota).Doc("How often it may call.").Example("10000/d")
}

// read reads the file of callers. What is wrong is reported at its place there.
func (k *Keyed) read(fsys fs.FS, out *diag.List) {
	if k.File.Value == "" {
		return
	}
	n := config.ReadFile(fsys, k.File.Value, out, k.File.Pos)
	if n == nil {
		return
	}
	own := &diag.List{}
	spec.Decode(n, own, k.callers)
	unread := own.Has(diag.UnknownField)
	seen := map[[32]byte]config.Text{}
	for _, c := range k.Callers {
		c.check(k, unread, own)
		for i, sum := range c.Keys {
			if other, twice := seen[sum]; twice {
				c.keys[i].Report(own, diag.BadValue, "%s has the key of %s: a key tells who calls, so each caller has its own",
					c.Name.Value, other.Value)
			}
			seen[sum] = c.Name
		}
	}
	out.Join(own)
}

// check makes what the engine asks of a caller of the texts that stand in the file.
func (c *Caller) check(k *Keyed, unread bool, out *diag.List) {
	for _, r := range c.roles {
		c.Roles = append(c.Roles, r.Value)
	}
	c.checkExpires(out)
	switch {
	case k.Basic && len(c.keys) > 0:
		c.keys[0].Report(out, diag.BadValue, "%s has a key, and the scheme asks for a password (basic)", c.Name.Value).
			WithHint("write its password: fondaco key %s --password makes the line", c.Name.Value)
	case !k.Basic && c.password.Value != "":
		c.password.Report(out, diag.BadValue, "%s has a password, and the scheme asks for a key (api_key)", c.Name.Value).
			WithHint("write its key: fondaco key %s makes one, and the line", c.Name.Value)
	case k.Basic && c.password.Value == "" && !unread:
		c.Name.Report(out, diag.MissingField, "%s has no password", c.Name.Value).
			WithHint("fondaco key %s --password makes the line", c.Name.Value)
	case !k.Basic && len(c.keys) == 0 && !unread:
		c.Name.Report(out, diag.MissingField, "%s has no key", c.Name.Value).WithHint("fondaco key %s makes one, and the line", c.Name.Value)
	case k.Basic && c.password.Value != "":
		if c.Password = c.password.Value; !bcrypted(c.Password) {
			c.Password = ""
			out.Report(diag.BadValue, c.password.Pos, "password: found what is no digest by bcrypt, expected one as $2a$10$… of 60 characters").
				WithHint("a password itself never stands in a file: fondaco key %s --password makes the line", c.Name.Value)
		}
	}
	for _, t := range c.keys {
		if sum, ok := keySum(t.Value); ok {
			c.Keys = append(c.Keys, sum)
		} else if !k.Basic {
			out.Report(diag.BadValue, t.Pos, "key: found what is no digest of a key, expected %s and 64 hexadecimal digits", KeyPrefix).
				WithHint("a key itself never stands in a file: fondaco key %s makes one, and the line", c.Name.Value)
		}
	}
}

func (c *Caller) checkExpires(out *diag.List) {
	text := c.expires.Value
	if text == "" {
		return
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		c.Expires = day.AddDate(0, 0, 1)
		return
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		c.expires.Report(out, diag.BadValue, "expires: found %q, expected a day as 2027-12-31, or a moment as 2027-12-31T18:00:00+01:00", text)
		return
	}
	c.Expires = at
}

// keySum reads the digest of a key.
func keySum(text string) (sum [32]byte, ok bool) {
	digits, ok := strings.CutPrefix(text, KeyPrefix)
	b, err := hex.DecodeString(digits)
	return [32]byte(append(b, sum[:]...)), ok && err == nil && len(b) == len(sum)
}

// bcrypted reports whether a text has the form of a digest by bcrypt: its version, its cost, 53 characters.
func bcrypted(text string) bool {
	parts := strings.Split(text, "$")
	return len(text) == 60 && len(parts) == 4 && parts[0] == "" && slices.Contains([]string{"2a", "2b", "2y"}, parts[1]) &&
		len(parts[2]) == 2 && parts[2] >= "04" && parts[2] <= "31" && len(parts[3]) == 53
}

// headerName is the name of a header that callers may use for a secret of theirs.
type headerName struct{ to *string }

// Decode reads one.
func (h headerName) Decode(n *config.Node, out *diag.List) {
	name := textproto.CanonicalMIMEHeaderKey(n.Text.Value)
	taken := []string{
		"Accept", "Authorization", "Connection", "Content-Length", "Content-Type", "Cookie", "Host", "Idempotency-Key", "Te", "Trailer",
		"Transfer-Encoding", "Upgrade", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id", "X-Request-Timeout",
	}
	switch {
	case !n.Is(config.NodeText) || !token(name):
		n.Report(out, diag.BadValue, "header: found %s, expected the name of a header as X-Api-Key", n.Found())
	case slices.Contains(taken, name):
		n.Report(out, diag.BadValue, "header: %s has a meaning of its own, expected another one as X-Api-Key", name)
	default:
		*h.to = name
	}
}

// Schema is that of a text.
func (h headerName) Schema() spec.Schema { return spec.Schema{"type": "string"} }

// token reports whether a text is a token of HTTP (RFC 9110 §5.6.2).
func token(text string) bool {
	for _, r := range text {
		if r <= ' ' || r > '~' || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r) {
			return false
		}
	}
	return text != "" && text == http.CanonicalHeaderKey(text)
}
