package auth

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"fondaco/routes/trigger"
	"fondaco/schema"
)

// user makes the caller of the claims. A claim that is not there, or is not of its type, leaves its field absent; where
// that is a field that every token must tell, the error is a *Refusal with 403.
func (s *jwt) user(claims map[string]any) (*User, error) {
	u := &User{}
	fields := map[string]schema.Value{}
	if subject, ok := said(claim(claims, s.Claims.Subject)); ok {
		u.Subject, fields["subject"] = subject, schema.Text(subject)
	}
	if code, ok := said(claim(claims, s.Claims.FiscalCode)); ok {
		if code, ok = said(strings.TrimPrefix(code, "TINIT-")); ok {
			if !schema.FiscalCode(code) {
				return nil, errors.New("its fiscal code is malformed")
			}
			fields["fiscal_code"] = schema.Text(code)
		}
	}
	if word, ok := said(claim(claims, s.Claims.Level)); ok {
		u.Level = s.Levels[word]
		fields["level"] = schema.Int(int64(u.Level))
	}
	if channel, ok := said(claim(claims, s.Claims.Channel)); ok {
		fields["channel"] = schema.Text(channel)
	}
	if roles, ok := words(claim(claims, s.Claims.Roles)); ok {
		u.Roles = roles
		list := make([]schema.Value, len(roles))
		for i, role := range roles {
			list[i] = schema.Text(role)
		}
		fields["roles"] = schema.List(list)
	}
	for _, f := range trigger.UserType.Fields {
		if _, told := fields[f.Name]; !told && (f.Required || slices.Contains(s.Required, f.Name)) {
			return nil, &Refusal{Status: http.StatusForbidden, Description: trigger.UnsaidDetail(f.Name)}
		}
	}
	if at, told := unixTime(claims["auth_time"]); told { // RFC 9068 §2.2.1
		u.Login = time.UnixMicro(int64(at * 1e6))
	}
	slots := schema.Slots(trigger.UserType)
	for i, f := range trigger.UserType.Fields {
		slots[i+1] = fields[f.Name]
	}
	u.Value = schema.Record(trigger.UserType, slots)
	return u, nil
}

// said returns a claim that is a text. A blank one says nothing.
func said(claim any) (string, bool) {
	text, _ := claim.(string)
	return text, strings.TrimSpace(text) != ""
}

// words returns the texts of a list, or the words of a text. A list with anything else in it says nothing.
func words(claim any) ([]string, bool) {
	switch c := claim.(type) {
	case string:
		all := strings.Fields(c)
		return all, len(all) > 0
	case []any:
		all := make([]string, 0, len(c))
		for _, item := range c {
			if _, isText := item.(string); !isText {
				return nil, false
			}
			if text, ok := said(item); ok {
				all = append(all, text)
			}
		}
		return all, true
	}
	return nil, false
}
