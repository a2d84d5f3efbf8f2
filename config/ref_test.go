package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
)

func TestSecretIsNeverShown(t *testing.T) {
	type holder struct {
		Open   config.Secret
		hidden config.Secret
		Many   map[string]*config.Secret
	}
	s := config.NewSecret("hunter2")
	h := holder{s, s, map[string]*config.Secret{"a": &s}}
	var b bytes.Buffer
	for _, verb := range strings.Split("v +v #v s q x X d T p t e 10.3v", " ") {
		fmt.Fprintf(&b, "%"+verb+"\n", s)
		fmt.Fprintf(&b, "%"+verb+"\n", &s)
		fmt.Fprintf(&b, "%"+verb+"\n", h)
		fmt.Fprintf(&b, "%"+verb+"\n", []config.Secret{s})
	}
	fmt.Fprintln(&b, s, h, fmt.Errorf("x %v", h), h.hidden.String(), s.GoString())
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&b, nil), slog.NewTextHandler(&b, nil)} {
		slog.New(handler).Info("x", "s", s, "p", &s, "h", h)
	}
	encoded, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	b.Write(encoded)
	text, _ := s.MarshalText()
	yaml, _ := s.MarshalYAML()
	fmt.Fprintln(&b, string(text), yaml)
	if strings.Contains(b.String(), "hunter2") || strings.Contains(b.String(), "68756e74657232") {
		t.Errorf("shown: %s", b.String())
	}
	if got := fmt.Sprintf("%v %q %x %s", s, s, s, string(text)); got != "*** *** *** ***" {
		t.Errorf("gave %s", got)
	}
	if s.Reveal() != "hunter2" || new(config.Secret).Reveal() != "" {
		t.Error("Reveal")
	}
}

func TestRefs(t *testing.T) {
	lookup := func(space, name string) (string, bool, bool) {
		value, ok := map[string]string{"env.HOST": "h", "secret.key": "k"}[space+"."+name]
		return value, space == "secret", ok
	}
	for _, test := range []struct {
		src, want, text string
		secret          bool
	}{
		{src: "https://${env.HOST}/x?k=${secret.key}", text: "https://h/x?k=k", secret: true},
		{src: "${ env.HOST }", text: "h"},
		{src: "a $${x} $b", text: "a ${x} $b"},
		{src: "", text: ""},
		{src: "a ${env.X", want: "f:1:6: E105 found ${ that is not closed\n= close it with }, or write $${ for the characters themselves"},
		{src: "${enw.X}", want: "f:1:4: E105 found ${enw.X}, expected ${env.NAME} or ${secret.NAME}\n= did you mean ${env.X}?"},
		{src: "è ${body.x}", want: "f:1:6: E105 found ${body.x}, expected ${env.NAME} or ${secret.NAME}"},
		{src: "${env.}", want: "f:1:4: E105 found ${env.}, expected ${env.NAME} or ${secret.NAME}"},
		{src: "${secret.../../etc}", want: "f:1:4: E105 found ${secret.../../etc}, expected ${env.NAME} or ${secret.NAME}\n= names have ASCII " +
			"letters, digits, - and _"},
		{src: "${env.NО}", want: "f:1:4: E105 found ${env.NО}, expected ${env.NAME} or ${secret.NAME}\n= names have ASCII letters, " +
			"digits, - and _"},
	} {
		var out diag.List
		n := config.Parse("f", []byte("a: "+test.src+"\n"), &out)
		r := config.ParseRefs(n.Get("a").Text, []string{"env", "secret"}, &out)
		if told(&out) != test.want {
			t.Errorf("%s gave %s\nwant %s", test.src, told(&out), test.want)
		}
		text, secret, err := r.Resolve(lookup)
		if test.want == "" && (text != test.text || secret != test.secret || err != nil || r.HasSecret() != secret) {
			t.Errorf("%s gave %q %v %v", test.src, text, secret, err)
		}
	}
	var out diag.List
	r := config.ParseRefs(config.Text{Value: "${env.NONE}", Pos: diag.Pos{File: "f", Line: 1, Col: 2}}, []string{"env"}, &out)
	_, _, err := r.Resolve(lookup)
	if !errors.Is(err, config.ErrNoReference) || err.Error() != "f:1:2: ${env.NONE} is not set" || r.Names()[0].Name != "NONE" ||
		r.IsLiteral() {
		t.Errorf("gave %v", err)
	}
}

// TestLiteralSecret is row Y13.
func TestLiteralSecret(t *testing.T) {
	for src, want := range map[string]string{
		"abc": "f:1:1: E106 api-key: a secret is written into the file\n= write ${secret.api_key}, and put the value into the secrets " +
			"folder or FONDACO_SECRET_API_KEY",
		"${secret.x}": "", "Bearer ${env.X}": "", "": "",
	} {
		var out diag.List
		config.CheckSecret("api-key", config.ParseRefs(config.Text{Value: src, Pos: diag.Pos{File: "f", Line: 1, Col: 1}},
			[]string{"env", "secret"}, &out), &out)
		if told(&out) != want {
			t.Errorf("%s gave %s", src, told(&out))
		}
	}
}

func TestSecretsFrom(t *testing.T) {
	env := func(name string) (string, bool) {
		value, ok := map[string]string{"FONDACO_SECRET_POLIZIA_LOCALE": "e", "FONDACO_SECRET_A": "e"}[name]
		return value, ok
	}
	get := config.SecretsFrom(fstest.MapFS{
		"a":     {Data: []byte("f\n"), Mode: 0o600},
		"open":  {Data: []byte("f"), Mode: 0o666},
		"group": {Data: []byte("f"), Mode: 0o620},
		"large": {Data: make([]byte, 70_000), Mode: 0o600},
		"d/x":   {Data: []byte("f")},
	}, env)
	for name, want := range map[string]string{
		"a": "f true <nil>", "polizia-locale": "e true <nil>", "none": " false <nil>",
		"open":  " false secret open: others may write to its file; take that right away (chmod go-w)",
		"group": " false secret group: others may write to its file; take that right away (chmod go-w)",
		"large": " false secret large: the file has 70000 bytes, expected at most 65536",
		"d":     " false secret d: it is not a file", "../a": " false <nil>",
	} {
		s, ok, err := get(name)
		if got := fmt.Sprintf("%s %v %v", s.Reveal(), ok, err); got != want {
			t.Errorf("%s gave %s, want %s", name, got, want)
		}
	}
}

// TestNames is row Y21.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"multe": "", "a_b.c-d9": "", "multe\u0430": "f:1:6: E104 found 'а' (U+0430) in the name \"multeа\", expected ASCII letters, " +
			"digits, - and _",
		"9a": "f:1:1: E104 found '9' in the name \"9a\", expected ASCII letters, digits, - and _, a letter first",
		"":   "f:1:1: E104 found a name of 0 letters, expected 1 to 100",
	} {
		var out diag.List
		if ok := config.CheckName(config.Text{Value: name, Pos: diag.Pos{File: "f", Line: 1, Col: 1}}, &out); told(&out) != want ||
			ok != (want == "") {
			t.Errorf("%s gave %s", name, told(&out))
		}
	}
}
