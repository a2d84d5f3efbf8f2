package s3

import (
	"errors"
	"strings"
	"testing"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/s3/s3test"
)

// TestEntry: who is not let in is told why, without keys, whatever is asked.
func TestEntry(t *testing.T) {
	at, secure := s3test.Gateway(t), s3test.Secure(t)
	https := strings.Replace(at.Endpoint, "http:", "https:", 1)
	bucket, _ := at.Bucket(t)
	at.User(t, "ospite")
	for name, c := range map[string]struct {
		change func(*driver.Options)
		kind   driver.Kind
		says   string
	}{
		"access": {func(o *driver.Options) { o.Entry.User = "altro" }, driver.Login, "access_key or secret_key"},
		"secret": {func(o *driver.Options) { o.Entry.Password = "sbagliata" }, driver.Login, "access_key or secret_key"},
		"rights": {func(o *driver.Options) { o.Entry.User, o.Entry.Password = "ospite", "ospite" }, driver.Denied, "permission is denied"},
		"region": {func(o *driver.Options) { o.Entry.Region = "eu-south-1" }, driver.Login, "write region: us-east-1"},
		"bucket": {func(o *driver.Options) { o.Host = "manca" }, driver.Down, "no bucket of that name"},
		"nobody": {func(o *driver.Options) { o.Entry.Endpoint = "http://127.0.0.1:1" }, driver.Down, "refused"},
		"no TLS": {func(o *driver.Options) { o.Entry.Endpoint = https }, driver.Down, "not speak HTTPS"},
		"another's certificate": {
			func(o *driver.Options) { o.Entry.Endpoint, o.Entry.CA = secure.Endpoint, nil }, driver.Down,
			"certificate is not trusted (ca:)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := opened(t, at, bucket, "", c.change)
			for ask, err := range map[string]error{
				"list":   s.List(t.Context(), ".", func(driver.File) error { return nil }),
				"stat":   second(s.Stat(t.Context(), "a")),
				"read":   second(s.Read(t.Context(), "a", 0)),
				"refuse": s.Write(t.Context(), "a", strings.NewReader("alfa"), false),
				"write":  s.Write(t.Context(), "a", strings.NewReader("alfa"), true),
				"remove": s.Remove(t.Context(), "a"),
				"move":   s.Move(t.Context(), "a", "b", true),
			} {
				var e *driver.Error
				if !errors.As(err, &e) || e.Kind != c.kind || e.Sent || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: found %v, expected %s that says %q", ask, err, c.kind, c.says)
				}
				if strings.Contains(err.Error(), "sbagliata") || strings.Contains(err.Error(), at.Secret) {
					t.Errorf("%s: the error says a key: %v", ask, err)
				}
			}
		})
	}
}

// TestSecure: a store of HTTPS is known by its certificate.
func TestSecure(t *testing.T) {
	at := s3test.Secure(t)
	bucket, _ := at.Bucket(t)
	s := opened(t, at, bucket, "", nil)
	whole := content(part + 5)
	if err := s.Write(t.Context(), odd, strings.NewReader(string(whole)), false); err != nil {
		t.Fatal(err)
	}
	if b, err := read(t.Context(), s, odd, 7); err != nil || string(b) != string(whole[7:]) {
		t.Errorf("found %d octets, %v", len(b), err)
	}
}
