package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/project"
	"fondaco/config/spec"

	"golang.org/x/crypto/bcrypt"
)

// refusedBy returns the status of a refusal, 0 if there is none.
func refusedBy(t *testing.T, err error) int {
	t.Helper()
	var r *Refusal
	if err != nil && !errors.As(err, &r) {
		t.Fatalf("%v is no refusal", err)
	}
	if r == nil {
		return 0
	}
	return r.Status
}

func TestAPIKey(t *testing.T) {
	now := time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC)
	key, old, late := "", "", ""
	sums := make([][32]byte, 3)
	for i, to := range []*string{&key, &old, &late} {
		*to, _ = NewKey()
		sums[i] = KeySum(*to)
	}
	k := &project.Keyed{Header: "X-Api-Key", Quota: spec.Rate{Count: 100, Per: time.Hour}, Callers: []*project.Caller{
		{Name: config.Text{Value: "mira"}, Keys: sums[:2], Roles: []string{"catasto"}},
		{
			Name: config.Text{Value: "dolo"}, Keys: sums[2:], Quota: spec.Rate{Count: 5, Per: time.Minute},
			Expires: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		},
	}}
	s := NewAPIKey(k, func() time.Time { return now })
	for _, one := range []struct {
		name, subject string
		values        []string
		status        int
	}{
		{"its key", "mira", []string{key}, 0},
		{"the key before", "mira", []string{old}, 0},
		{"another's", "dolo", []string{late}, 0},
		{"none", "", nil, 401},
		{"two", "", []string{key, key}, 400},
		{"empty", "", []string{""}, 401},
		{"a part", "", []string{key[:len(key)-1]}, 401},
		{"with a blank", "", []string{key + " "}, 401},
		{"its digest", "", []string{KeyDigest(key)}, 401},
		{"long", "", []string{strings.Repeat(key, 100)}, 401},
	} {
		u, err := s.Authenticate(t.Context(), http.Header{"X-Api-Key": one.values})
		if got := refusedBy(t, err); got != one.status {
			t.Errorf("%s: %d, expected %d: %v", one.name, got, one.status, err)
		} else if got == 0 && u.Subject != one.subject {
			t.Errorf("%s: %q", one.name, u.Subject)
		}
		if err != nil && strings.Contains(err.Error(), key[:20]) {
			t.Errorf("%s: the refusal has the key: %v", one.name, err)
		}
	}
	u, _ := s.Authenticate(t.Context(), http.Header{"X-Api-Key": {key}})
	if u.Quota != (Quota{100, time.Hour}) || len(u.Roles) != 1 || u.Value.Get("roles").Items()[0].Str() != "catasto" ||
		!u.Value.Get("fiscal_code").IsNil() {
		t.Errorf("%+v", u)
	}
	now = now.Add(time.Second) // the day after its last
	if _, err := s.Authenticate(t.Context(), http.Header{"X-Api-Key": {late}}); refusedBy(t, err) != 401 {
		t.Errorf("an expired key: %v", err)
	}
}

func TestBasic(t *testing.T) {
	digest := func(password string) string {
		d, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		return string(d)
	}
	long := strings.Repeat("x", maxPassword)
	k := &project.Keyed{Basic: true, Callers: []*project.Caller{
		{Name: config.Text{Value: "protocollo"}, Password: digest("perché no: una frase")},
		{Name: config.Text{Value: "lungo"}, Password: digest(long)},
	}}
	s, err := NewBasic("uffici", k, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	plain := base64.StdEncoding.EncodeToString
	for _, one := range []struct {
		value  string
		status int
	}{
		{"Basic " + plain([]byte("protocollo:perché no: una frase")), 0},
		{"basic  " + plain([]byte("protocollo:perché no: una frase")), 0},
		{"Basic " + plain([]byte("lungo:"+long)), 0},
		{"Basic " + plain([]byte("lungo:"+long+"y")), 401}, // bcrypt sees no difference
		{"Basic " + plain([]byte("protocollo:perche no: una frase")), 401},
		{"Basic " + plain([]byte("protocollo:")), 401},
		{"Basic " + plain([]byte("nessuno:perché no: una frase")), 401},
		{"Basic " + plain([]byte(":")), 401},
		{"Basic " + plain([]byte("protocollo")), 401},
		{"Basic " + plain([]byte("protocollo:\xff")), 401},
		{"Basic !", 401},
		{"Bearer x", 401},
		{"", 401},
	} {
		for range 2 { // what was right once is right again, and a guess stays wrong
			if _, err := s.Authenticate(t.Context(), http.Header{"Authorization": {one.value}}); refusedBy(t, err) != one.status {
				t.Errorf("%q: %v, expected %d", one.value, err, one.status)
			}
		}
	}
	if _, err := s.Authenticate(t.Context(), http.Header{"Authorization": {"Basic eA==", "Basic eA=="}}); refusedBy(t, err) != 400 {
		t.Errorf("twice: %v", err)
	}
	if !OverTLS(s) || OverTLS(NewAPIKey(k, time.Now)) {
		t.Error("passwords come over TLS alone, keys wherever they come")
	}
}

// TestGuesses: guesses wait for each other, and one who was let in before waits for none of them.
func TestGuesses(t *testing.T) {
	d, err := PasswordDigest("una frase lunga")
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := NewBasic("uffici", &project.Keyed{Basic: true, Callers: []*project.Caller{{Name: config.Text{Value: "a"}, Password: d}}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := scheme.(*basic)
	right := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("a:una frase lunga"))}}
	if _, err := s.Authenticate(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	s.turn <- struct{}{} // somebody's password is being compared, and takes for ever
	if _, err := s.Authenticate(t.Context(), right); err != nil {
		t.Errorf("one who is known waited: %v", err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			guess := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("a:guess"))}}
			if _, err := s.Authenticate(ctx, guess); refusedBy(t, err) != 503 {
				t.Errorf("a guess beyond what is compared: %v", err)
			}
		})
	}
	all.Wait()
}

func TestPasswordDigest(t *testing.T) {
	for _, bad := range []string{"", "short", strings.Repeat("x", 73), "twelve\x00letters", "twelve\nletters", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
		if d, err := PasswordDigest(bad); err == nil || d != "" {
			t.Errorf("%q: %s", bad, d)
		}
	}
}
