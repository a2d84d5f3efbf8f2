package project_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/config/project"
)

// TestCallers: each mistake in a file of callers, or in the scheme that names it, is one problem.
func TestCallers(t *testing.T) {
	sum, other := "sha256:"+strings.Repeat("0c", 32), "sha256:"+strings.Repeat("0d", 32)
	crypt := "$2a$10$" + strings.Repeat("x", 53)
	const key, basic = "api_key: { callers: c.yaml }", "basic: { callers: c.yaml }"
	for _, one := range []struct{ scheme, callers, want string }{
		{key, "a: { key: " + sum + ", owner: Comune, roles: [x], expires: 2027-12-31, quota: 10/d }", ""},
		{key, "a: { key: [" + sum + ", " + other + "], expires: 2027-12-31T18:00:00+01:00 }", ""},
		{basic, "a: { password: " + crypt + " }", ""},
		{"api_key: { callers: c.yaml, header: x-partner-key, quota: 5/s }", "a: { key: " + sum + " }", ""},
		{key, "a: { key: fondaco_abc }", "E104 c.yaml:2:12: key: found what is no digest of a key, expected sha256: and 64 hexadecimal digits"},
		{key, "a: { key: " + sum + "00 }", "E104 c.yaml:2:12: key: found what is no digest of a key, expected sha256: and 64 hexadecimal digits"},
		{basic, "a: { password: una frase lunga }", "E104 c.yaml:2:17: password: found what is no digest by bcrypt, expected one as $2a$10$… of 60 characters"},
		{key, "a: { owner: x }", "E102 c.yaml:2:2: a has no key"},
		{key, "a: { kye: " + sum + " }", `E101 c.yaml:2:7: unknown key "kye" in "a"`},
		{basic, "a: { owner: x }", "E102 c.yaml:2:2: a has no password"},
		{basic, "a: { key: " + sum + " }", "E104 c.yaml:2:12: a has a key, and the scheme asks for a password (basic)"},
		{key, "a: { password: " + crypt + " }", "E104 c.yaml:2:17: a has a password, and the scheme asks for a key (api_key)"},
		{key, "a: { key: " + sum + " }\n b: { key: " + sum + " }", "E104 c.yaml:3:12: b has the key of a: a key tells who calls, so each caller has its own"},
		{key, "a: { key: " + sum + ", expires: 31/12/2027 }", `E104 c.yaml:2:94: expires: found "31/12/2027", expected a day as 2027-12-31, or a moment as 2027-12-31T18:00:00+01:00`},
		{key, "a: { key: " + sum + ", quota: ten }", `E104 c.yaml:2:92: quota: found "ten", expected a rate as 10/s or 100/m`},
		{"api_key: { callers: d.yaml }", "", `E003 fondaco.yaml:3:27: the file d.yaml is not there`},
		{"api_key: { callers: c.yaml, header: authorization }", "a: { key: " + sum + " }", "E104 fondaco.yaml:3:43: header: Authorization has a meaning of its own, expected another one as X-Api-Key"},
		{"api_key: { callers: c.yaml, header: 'x y' }", "a: { key: " + sum + " }", `E104 fondaco.yaml:3:44: header: found "x y", expected the name of a header as X-Api-Key`},
		{key + ", " + basic, "a: { key: " + sum + " }", "the scheme s says api_key and basic; a scheme has one of them"},
		{"apikey: { callers: c.yaml }", "", `E101 fondaco.yaml:3:7: unknown key "apikey" in "s"`},
		{"", "", `E102 fondaco.yaml:3:5: missing "jwt", "api_key" or "basic" in "s"`},
	} {
		files := fstest.MapFS{"fondaco.yaml": {Data: []byte("project: p\nauth:\n s: { " + one.scheme + " }\n")}, "c.yaml": {Data: []byte("callers:\n " + one.callers + "\n")}}
		var out diag.List
		project.Read(files, &out)
		var got []string
		for _, p := range out.Sorted() {
			got = append(got, fmt.Sprintf("%s %s: %s", p.Code, p.Pos, p.Message))
		}
		if all := strings.Join(got, "\n"); (one.want == "") != (all == "") || !strings.Contains(all, one.want) || len(got) > 1 && !strings.Contains(one.want, "the scheme s") {
			t.Errorf("%s\n%s\nfound\n%s\nexpected\n%s", one.scheme, one.callers, all, one.want)
		}
	}
}
