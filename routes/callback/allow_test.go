package callback

import (
	"errors"
	"testing"
)

func prefixes(t *testing.T, texts ...string) (all []Prefix) {
	t.Helper()
	for _, text := range texts {
		p, err := ParsePrefix(text)
		if err != nil {
			t.Fatal(text, err)
		}
		all = append(all, p)
	}
	return all
}

// TestAddress: only what is under an agreed address passes, however it is written.
func TestAddress(t *testing.T) {
	allowed := prefixes(t, "https://sportello.example/esiti/", "https://altro.example:8443/una", "http://127.0.0.1:9/",
		"https://tutto.example", "https://[2001:db8::1]/x/")
	for _, text := range []string{
		"https://sportello.example/esiti/", "https://sportello.example/esiti/a/b?c=d&e=f", "HTTPS://Sportello.Example:443/esiti/a",
		"https://sportello.example/esiti/%C3%A8",
		"https://altro.example:8443/una", "https://altro.example:8443/una/due", "https://altro.example:8443/una?x=1", "http://127.0.0.1:9/qui",
		"https://tutto.example", "https://tutto.example/a",
		"https://[2001:DB8::1]/x/y", "https://sportello.example/esiti/...", "https://sportello.example/esiti/100%25",
		"https://sportello.example/esiti/%25x/%25", "https://sportello.example/esiti//a",
	} {
		if u, err := Address(text, allowed); err != nil || u.Path == "" {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{
		"https://sportello.example/", "https://sportello.example/esiti", "https://sportello.example/esiti2/",
		"https://sportello.example:8443/esiti/", "http://127.0.0.1:10/", "http://localhost:9/",
		"https://sportello.example.evil.example/esiti/", "https://evil.example/https://sportello.example/esiti/",
		"https://sub.sportello.example/esiti/", "https://altro.example/una",
		"https://altro.example:8443/unaltra", "https://127.0.0.1:9/", "https://[2001:db8::2]/x/", "https://tutto.example:444/",
	} {
		if _, err := Address(text, allowed); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s: %v, expected that it is not agreed", text, err)
		}
	}
	for _, text := range []string{
		"", " ", "sportello.example/esiti/", "/esiti/", "//sportello.example/esiti/", "ftp://sportello.example/esiti/",
		"http://sportello.example/esiti/", "file:///etc/passwd",
		"https://user@sportello.example/esiti/", "https://user:pw@sportello.example/esiti/", "https://sportello.example@evil.example/esiti/",
		"https://sportello.example/esiti/#f", "https://sportello.example/esiti/#",
		"https://sportello.example/esiti/../admin", "https://sportello.example/esiti/%2e%2e/admin", "https://sportello.example/esiti/%2E./admin",
		"https://sportello.example/esiti/%252e%252e/admin", "https://sportello.example/esiti/%25252e%25252e/admin",
		"https://sportello.example/esiti/%252Fadmin", "https://sportello.example/esiti/a%255c..%255cb",
		"https://sportello.example/esiti/%0d%0aX", "https://sportello.example/esiti/%7f", "https://sportello.example/esiti/%ff",
		"https://sportello.example/esiti/?a=%00", "https://sportello.example/esiti/?a=%zz", "https://sportello.example/esiti/?a=%2",
		"https://sportello.example/esiti/..%2fadmin", "https://sportello.example/esiti/..;/admin",
		"https://sportello.example/esiti/./a", "https://sportello.example\\@evil.example/esiti/", "https://sportello.example/esiti/\\..\\a",
		"https://sportello.example/esiti/ a", "https://sportello.example/esiti/\r\nHost: a",
		"https://sportello.example/esiti/\x00", "https://sportello.example/esiti/%00", "https://sportèllo.example/esiti/",
		"https://sportello.example./esiti/", "https://sportello.example:/esiti/", "https:sportello.example", "https:///esiti/",
		"https://:443/esiti/",
		"javascript:alert(1)", "https://sportello.example/esiti/%zz", "http://2130706433/", "http://169.254.169.254/latest/meta-data/",
		"https://sportello.example:99999999999/esiti/",
		"https://sportello.example/esiti/" + string(make([]byte, MaxAddress)),
	} {
		if _, err := Address(text, allowed); err == nil {
			t.Errorf("%.80q is taken", text)
		} else if !errors.Is(err, ErrNoAddress) && !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%.80q: %v", text, err)
		}
	}
	for _, text := range []string{
		"https://a.example/x?y", "https://a.example/x?", "http://a.example/", "https://*.example/", "a.example",
		"https://u@a.example/",
	} {
		if p, err := ParsePrefix(text); err == nil {
			t.Errorf("%s is an address of a project: %s", text, p)
		}
	}
}

// FuzzAddress: what passes has the scheme and the host of an agreed address, and a path under it that no other program
// resolves to one outside.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{
		"https://sportello.example/esiti/a?b=c", "https://sportello.example/esiti/../x",
		"https://u@sportello.example/esiti/", "https://sportello.example/esiti/%2e%2e/x",
	} {
		f.Add(s)
	}
	p, err := ParsePrefix("https://sportello.example/esiti/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Address(text, []Prefix{p})
		if err != nil {
			return
		}
		if u.Scheme != "https" || u.Host != "sportello.example" || u.User != nil || u.Fragment != "" {
			t.Fatalf("%q passes as %v", text, u)
		}
		clean := u.JoinPath() // resolves . and ..
		if len(clean.Path) < len("/esiti/") || clean.Path[:len("/esiti/")] != "/esiti/" {
			t.Fatalf("%q passes, and means %q", text, clean.Path)
		}
		again, err := Address(u.String(), []Prefix{p})
		if err != nil || again.String() != u.String() {
			t.Fatalf("%q is kept as %q, which returns %v %v", text, u, again, err)
		}
	})
}
