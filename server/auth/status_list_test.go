package auth

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"
)

// packed compresses a list as §4.1 of the draft has it.
func packed(octets []byte) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	_, _ = w.Write(octets)
	_ = w.Close()
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// TestStatusListExamples: the lists that the draft shows as examples (§4.1), and those of 4 and 8 bits.
func TestStatusListExamples(t *testing.T) {
	for _, x := range []struct {
		bits int64
		lst  string
		want []byte
	}{
		{1, "eNrbuRgAAhcBXQ", []byte{1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1}},
		{2, "eNo76fITAAPfAgc", []byte{1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3}},
		{4, packed([]byte{0x21, 0xf0}), []byte{1, 2, 0, 15}},
		{8, packed([]byte{0, 255, 2}), []byte{0, 255, 2}},
	} {
		octets, err := inflate(x.lst)
		if err != nil {
			t.Errorf("%d bits: %v", x.bits, err)
			continue
		}
		l := &statusList{bits: x.bits, octets: octets}
		for i, want := range x.want {
			if got, ok := l.at(int64(i)); !ok || got != want {
				t.Errorf("%d bits: at %d found %d, expected %d", x.bits, i, got, want)
			}
		}
		for _, idx := range []int64{-1, int64(len(x.want)), 1 << 62} {
			if _, ok := l.at(idx); ok {
				t.Errorf("%d bits: found a status at %d", x.bits, idx)
			}
		}
	}
}

// listService answers with what it was last told to, and counts.
type listService struct {
	*httptest.Server
	asked atomic.Int64
	says  atomic.Pointer[func(w http.ResponseWriter, r *http.Request)]
}

func newListService(t *testing.T) *listService {
	l := &listService{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.asked.Add(1)
		(*l.says.Load())(w, r)
	}))
	t.Cleanup(func() { l.Client().CloseIdleConnections(); l.Close() })
	return l
}

func (l *listService) uri() string { return l.URL + "/lists/1" }

func (l *listService) text(status int, body string) {
	say := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = w.Write([]byte(body)) }
	l.says.Store(&say)
}

// list has the service answer with a list of one bit each, signed now; with changes its claims.
func (l *listService) list(now time.Time, octets []byte, with object) {
	l.text(200, smith.es256(object{"alg": "ES256", "kid": "e", "typ": "statuslist+jwt"}, l.claims(now, octets, with)))
}

func (l *listService) claims(now time.Time, octets []byte, with object) object {
	c := object{"sub": l.uri(), "iat": now.Unix(), "status_list": object{"bits": 1, "lst": packed(octets)}}
	for name, v := range with {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

func (l *listService) scheme(t *testing.T, now *time.Time, s StatusList, d Deps) Scheme {
	t.Helper()
	c := settings
	if c.StatusList = s; s.URI == "" {
		c.StatusList.URI = l.URL + "/lists/"
	}
	if d.Now == nil {
		d.Now = func() time.Time { return *now }
	}
	return scheme(t, c, d)
}

// referred is a token whose status stands at idx of the service's list.
func (l *listService) referred(now time.Time, idx any) string {
	return smith.es256(es(nil), claims(object{
		"exp": now.Unix() + 7*24*3600, "iat": now.Unix(),
		"status": object{"status_list": object{"idx": idx, "uri": l.uri()}},
	}))
}

// TestStatusList: a token holds if the list that it names says so, the list is used for its time, and nobody is let in
// whose list cannot be had.
func TestStatusList(t *testing.T) {
	l, now := newListService(t), noon
	s := l.scheme(t, &now, StatusList{Cache: 10 * time.Minute}, Deps{})
	step := func(what string, after time.Duration, token string, status, asked int) {
		t.Helper()
		now = now.Add(after)
		_, err := s.Authenticate(context.Background(), bearer(token))
		if got := statusOf(err); got != status || l.asked.Load() != int64(asked) {
			t.Errorf("%s: %d after %d questions (%v), expected %d after %d", what, got, l.asked.Load(), err, status, asked)
		}
	}
	good, revoked := l.referred(now, 0), l.referred(now, 9)
	octets := []byte{0, 2, 0, 0}
	l.list(now, octets, nil)
	step("valid", 0, good, 200, 1)
	step("invalid", time.Minute, revoked, 401, 1)
	step("beyond the list", 0, l.referred(now, 32), 401, 1)
	step("far beyond it", 0, l.referred(now, int64(1)<<60), 401, 1)
	l.list(now, octets, object{"ttl": 60})
	step("after cache another is had", 10*time.Minute, good, 200, 2)
	l.list(now, []byte{1, 2, 0, 0}, object{"ttl": 3600, "exp": now.Unix() + 60 + 30})
	step("after its ttl too, and the token was revoked", time.Minute, good, 401, 3)
	l.list(now.Add(30*time.Second), octets, nil)
	step("after its exp too", 30*time.Second, good, 200, 4)
	l.text(500, "x")
	step("the service is down", 10*time.Minute, good, 503, 5)
	step("not asked again at once", time.Second, good, 503, 5)
	l.list(now.Add(2*time.Second), octets, nil)
	step("but after two seconds", time.Second, good, 200, 6)
	moved := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}
	l.says.Store(&moved)
	step("it sends elsewhere", 10*time.Minute, good, 503, 7)
	l.list(now.Add(time.Minute), []byte{0x80}, object{"status_list": object{"bits": 2, "lst": packed([]byte{0x80, 0})}})
	step("suspended", time.Minute, l.referred(now, 3), 401, 8)
	if _, err := s.Authenticate(context.Background(), bearer(good[:len(good)-4]+"AAAA")); statusOf(err) != 401 {
		t.Errorf("a token of a stranger: %v", err)
	}
}

// TestStatusListRefused: a list that is not signed by those who may, is another's, not of its time, not a list or too
// large is none, and the answer is 503.
func TestStatusListRefused(t *testing.T) {
	l, now := newListService(t), noon
	token := l.referred(now, 0)
	larger := 0
	if !testing.Short() { // the race detector takes long over large lists
		larger = 8 * maxList
	}
	head := es(object{"typ": "statuslist+jwt"})
	signed := func(with object) string { return smith.es256(head, l.claims(now, []byte{0}, with)) }
	list := func(bits any, lst string) object { return object{"status_list": object{"bits": bits, "lst": lst}} }
	for what, answer := range map[string]string{
		"an access token":     smith.es256(es(nil), l.claims(now, []byte{0}, nil)),
		"another's signature": newForge().es256(head, l.claims(now, []byte{0}, nil)),
		"no signature":        part(object{"alg": "none", "typ": "statuslist+jwt"}) + "." + part(l.claims(now, []byte{0}, nil)) + ".",
		"another list":        signed(object{"sub": l.URL + "/lists/2"}),
		"no sub":              signed(object{"sub": nil}),
		"no iat":              signed(object{"iat": nil}),
		"of tomorrow":         signed(object{"iat": now.Unix() + 86400}),
		"expired":             signed(object{"exp": now.Unix()}),
		"exp is a text":       signed(object{"exp": "never"}),
		"ttl is 0":            signed(object{"ttl": 0}),
		"ttl is negative":     signed(object{"ttl": -1}),
		"no list":             signed(object{"status_list": nil}),
		"3 bits":              signed(list(3, packed([]byte{0}))),
		"bits is a text":      signed(list("1", packed([]byte{0}))),
		"0 bits":              signed(list(0, packed([]byte{0}))),
		"not base64url":       signed(list(1, "+++")),
		"nothing":             signed(list(1, "")),
		"not compressed":      signed(list(1, part("plain text"))),
		"cut off":             signed(list(1, packed([]byte("a longer list than one"))[:16])),
		"a name twice": smith.es256(head, `{"sub":"`+l.uri()+`","sub":"`+l.uri()+`","iat":1,"status_list":{"bits":1,"lst":"`+
			packed([]byte{0})+`"}}`),
		"one octet too many":    signed(list(1, packed(make([]byte, maxList+1)))),
		"66 million octets":     signed(list(1, packed(make([]byte, maxList+1+larger)))),
		"five million letters":  strings.Repeat("a", maxListToken+1),
		"HTML":                  "<html>",
		"":                      "",
		"JSON without a header": `{"status_list":{"bits":1,"lst":""}}`,
	} {
		l.text(200, answer)
		s := l.scheme(t, &now, StatusList{}, Deps{})
		if _, err := s.Authenticate(context.Background(), bearer(token)); statusOf(err) != 503 {
			t.Errorf("%s: found %v, expected 503", what, err)
		}
	}
	l.text(200, signed(list(1, packed(make([]byte, maxList)))))
	if _, err := l.scheme(t, &now, StatusList{}, Deps{}).Authenticate(context.Background(), bearer(token)); err != nil {
		t.Errorf("the largest list: %v", err)
	}
}

// TestStatusListClaim: a token that names no list, or one that is not under the configured address, is refused, and
// nothing is asked; required: false takes those that name none.
func TestStatusListClaim(t *testing.T) {
	l, now := newListService(t), noon
	l.list(now, []byte{0}, nil)
	status := func(list any) object { return object{"status": object{"status_list": list}} }
	for what, x := range map[string]struct {
		with     object
		optional int // the answer where lists are not required; required it is 401
	}{
		"no status":          {nil, 200},
		"another mechanism":  {object{"status": object{"other": 1}}, 200},
		"status is a text":   {object{"status": "valid"}, 401},
		"status is null":     {object{"status": nil}, 401},
		"an empty list":      {status(object{}), 401},
		"null":               {status(nil), 401},
		"no idx":             {status(object{"uri": l.uri()}), 401},
		"idx is negative":    {status(object{"idx": -1, "uri": l.uri()}), 401},
		"idx has a fraction": {status(object{"idx": 0.5, "uri": l.uri()}), 401},
		"idx is a text":      {status(object{"idx": "0", "uri": l.uri()}), 401},
		"no uri":             {status(object{"idx": 0}), 401},
		"another host":       {status(object{"idx": 0, "uri": "https://other.example/lists/1"}), 401},
		"beside":             {status(object{"idx": 0, "uri": l.URL + "/lists2/1"}), 401},
		"above":              {status(object{"idx": 0, "uri": l.URL + "/lists/../1"}), 401},
		"above, encoded":     {status(object{"idx": 0, "uri": l.URL + "/lists/%2e%2e/1"}), 401},
		"a long address":     {status(object{"idx": 0, "uri": l.uri() + strings.Repeat("1", maxListURI)}), 401},
	} {
		c := object{"exp": now.Unix() + 600, "iat": now.Unix()}
		for name, v := range x.with {
			c[name] = v
		}
		token := smith.es256(es(nil), claims(c))
		for optional, want := range map[bool]int{false: 401, true: x.optional} {
			s := l.scheme(t, &now, StatusList{Optional: optional}, Deps{})
			if _, err := s.Authenticate(context.Background(), bearer(token)); statusOf(err) != want {
				t.Errorf("%s, optional %v: found %v, expected %d", what, optional, err, want)
			}
		}
	}
	if l.asked.Load() != 0 {
		t.Errorf("%d lists were asked for", l.asked.Load())
	}
	for uri, want := range map[string]bool{
		"https://a.example/l": true, "https://a.example/l/": true, "https://a.example/l/x?y": true, "https://A.example/l": false,
		"http://a.example/l":      false,
		"https://a.example:444/l": false, "https://u@a.example/l": false, "https://a.example/l#x": false, "https://a.example/lx": false,
		"https://a.example/": false,
		"//a.example/l":      false, "/l": false, "https:a.example/l": false, "https://a.example/l/./x": false, "https://a.example/l/a;b": false,
	} {
		under, _ := url.Parse("https://a.example/l")
		if within(uri, under) != want {
			t.Errorf("%s: expected %v", uri, want)
		}
	}
}

// TestStatusListOutlives: a reload of the project goes on with the list that was had; with other keys it is had anew, and
// the keys of the lists may be others than the tokens'.
func TestStatusListOutlives(t *testing.T) {
	l, now, cache := newListService(t), noon, &KeyCache{}
	l.list(now, []byte{0}, nil)
	other := newForge()
	files := fstest.MapFS{"jwks.json": {Data: smith.jwks()}, "lists.json": {Data: other.jwks()}}
	try := func(what, keys string, status, asked int) {
		t.Helper()
		s := l.scheme(t, &now, StatusList{Keys: keys}, Deps{Keys: cache, FS: files})
		if _, err := s.Authenticate(context.Background(), bearer(l.referred(now, 0))); statusOf(err) != status || l.asked.Load() != int64(asked) {
			t.Errorf("%s: found %v after %d questions, expected %d after %d", what, err, l.asked.Load(), status, asked)
		}
	}
	try("the first", "", 200, 1)
	l.text(500, "")
	try("a reload while the service is down", "", 200, 1)
	try("by other keys nothing is known yet", "lists.json", 503, 2)
	l.text(200, other.es256(es(object{"typ": "application/statuslist+jwt"}), l.claims(now, []byte{0}, nil)))
	now = now.Add(3 * time.Second)
	try("signed by the other keys", "lists.json", 200, 3)
}

// TestStatusListRenewed: a list is asked for anew before it ends, and while that fails the one that is still good is used.
func TestStatusListRenewed(t *testing.T) {
	l := newListService(t)
	var passed atomic.Int64 // read by whoever asks in the background
	now := func() time.Time { return noon.Add(time.Duration(passed.Load())) }
	s := l.scheme(t, nil, StatusList{Cache: 4 * time.Minute}, Deps{Now: now})
	token := l.referred(noon, 0)
	ask := func() error {
		_, err := s.Authenticate(context.Background(), bearer(token))
		return err
	}
	until := func(what string, done func() bool) {
		t.Helper()
		deadline, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for !done() {
			select {
			case <-tick.C:
			case <-deadline.Done():
				t.Fatal(what)
			}
		}
	}
	l.list(noon, []byte{0}, nil)
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	l.text(500, "")
	passed.Store(int64(3*time.Minute + time.Second))
	until("the list was not asked for before its end", func() bool {
		if err := ask(); err != nil {
			t.Fatal("a list that is still good was not used:", err)
		}
		return l.asked.Load() >= 2
	})
	until("the failure was not noted", func() bool { // the next attempt comes after a pause, and brings the new list
		_, noted := s.(*jwt).listed.missed.GetIfPresent(s.(*jwt).listed.name + l.uri())
		return noted
	})
	l.list(now(), []byte{1}, nil)
	passed.Add(int64(10 * time.Second))
	until("the new list was not taken before the end of the old", func() bool { return statusOf(ask()) == 401 })
}

// TestStatusListConfigured: what cannot be is told at the start.
func TestStatusListConfigured(t *testing.T) {
	for want, l := range map[string]StatusList{
		"the uri is not an https address":  {URI: "http://login.example/"},
		"the uri is not an https address ": {URI: "https://login.example/?x=1"},
		"jwt: status_list: jwt: keys:":     {URI: "https://login.example/", Keys: "none.json"},
	} {
		c := settings
		c.StatusList = l
		if err := CheckJWT(c, Deps{FS: fstest.MapFS{"jwks.json": {Data: smith.jwks()}}}); err == nil ||
			!strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%+v: found %v, expected %s", l, err, want)
		}
	}
}
