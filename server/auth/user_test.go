package auth

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"fondaco/routes/trigger"
	"fondaco/schema"
)

// TestAbsentClaims: a claim that is not there, or is not what its field is made of, leaves the field absent, whatever else
// stands in its place; nothing of it becomes an empty value.
func TestAbsentClaims(t *testing.T) {
	s := scheme(t, settings, Deps{})
	nothing := map[string]any{
		"null": nil, "empty": "", "blank": " \t\n", "number": 7, "boolean": true, "object": object{"a": "b"}, "list of numbers": []any{1},
		"nested list": []any{[]any{"a"}},
	}
	for claim, field := range map[string]string{"fiscal_number": "fiscal_code", "acr": "level", "channel": "channel", "roles": "roles"} {
		for name, value := range nothing {
			u, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{claim: value}))))
			if err != nil {
				t.Errorf("%s %s: %v", claim, name, err)
				continue
			}
			if v := u.Value.Get(field); !v.IsAbsent() {
				t.Errorf("%s %s: found %s %v, expected it absent", claim, name, v.Kind(), v)
			}
		}
		c := claims(nil)
		delete(c, claim)
		if u, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), c))); err != nil || !u.Value.Get(field).IsAbsent() {
			t.Errorf("%s not there: %v", claim, err)
		}
	}
	for name, value := range map[string]any{"prefix alone": "TINIT-", "prefix and blank": "TINIT-  ", "list": []any{"RSSMRA80A01L736U"}} {
		if u, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{"fiscal_number": value})))); err != nil ||
			!u.Value.Get("fiscal_code").IsAbsent() {
			t.Errorf("fiscal_number %s: %v", name, err)
		}
	}
	u, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{"acr": "unheard-of", "roles": []any{}}))))
	if err != nil || u.Value.Get("level").Kind() != schema.KindInt || u.Value.Get("level").Int() != 0 ||
		u.Value.Get("roles").Kind() != schema.KindList {
		t.Errorf("an unknown level and no roles are said: %v", err)
	}
}

// TestRequiredClaims: without the subject, or what the scheme requires, the caller is refused with 403.
func TestRequiredClaims(t *testing.T) {
	c := settings
	c.Required = []string{"subject", "fiscal_code", "level", "channel", "roles"}
	s := scheme(t, c, Deps{})
	for claim, field := range map[string]string{
		"sub": "subject", "fiscal_number": "fiscal_code", "acr": "level", "channel": "channel",
		"roles": "roles",
	} {
		for name, value := range map[string]any{
			"null": nil, "empty": "", "blank": "  ", "number": 7, "object": object{},
			"list of lists": []any{[]any{}},
		} {
			_, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{claim: value}))))
			var r *Refusal
			if !errors.As(err, &r) || fmt.Sprint(r.Status, r.Code, r.Description) != fmt.Sprint(403, "", trigger.UnsaidDetail(field)) {
				t.Errorf("%s %s: found %v", claim, name, err)
			}
		}
	}
	if _, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(nil)))); err != nil {
		t.Error(err)
	}
}
