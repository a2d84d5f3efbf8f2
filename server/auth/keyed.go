package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strconv"
	"time"

	"fondaco/config/project"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// caller is one of whom a scheme by keys or passwords knows.
type caller struct {
	user     *User
	password []byte // its digest by bcrypt
	expires  time.Time
}

// callerOf makes the caller of what a project says of one.
func callerOf(c *project.Caller, k *project.Keyed) *caller {
	fields := map[string]schema.Value{"subject": schema.Text(c.Name.Value)}
	if len(c.Roles) > 0 {
		list := make([]schema.Value, len(c.Roles))
		for i, role := range c.Roles {
			list[i] = schema.Text(role)
		}
		fields["roles"] = schema.List(list)
	}
	quota := c.Quota
	if quota.IsZero() {
		quota = k.Quota
	}
	slots := schema.Slots(trigger.UserType)
	for i, f := range trigger.UserType.Fields {
		slots[i+1] = fields[f.Name]
	}
	return &caller{
		user: &User{
			Value: schema.Record(trigger.UserType, slots), Subject: c.Name.Value, Roles: c.Roles, Quota: Quota{Count: quota.Count, Per: quota.Per},
		},
		password: []byte(c.Password), expires: c.Expires,
	}
}

// let returns the caller's user if it is let in at a moment; ended is what a caller hears who is not any longer.
func (c *caller) let(now time.Time, ended string) (*User, error) {
	if !c.expires.IsZero() && !now.Before(c.expires) {
		return nil, &Refusal{
			Status: http.StatusUnauthorized, Description: ended,
			Err: errors.New("the last day of " + strconv.Quote(c.user.Subject) + " is over"),
		}
	}
	return c.user, nil
}

// apiKey knows callers by the keys that they bring in a header.
type apiKey struct {
	header  string // as net/http writes names
	callers map[[sha256.Size]byte]*caller
	now     func() time.Time
}

// NewAPIKey makes the scheme of callers with API keys. A key is looked up by its digest: what lies in memory and in the file lets nobody
// in, and how long a look-up takes depends on no key. There is nothing to close.
func NewAPIKey(k *project.Keyed, now func() time.Time) Scheme {
	s := &apiKey{header: k.Header, callers: map[[sha256.Size]byte]*caller{}, now: now}
	for _, c := range k.Callers {
		known := callerOf(c, k)
		for _, sum := range c.Keys {
			s.callers[sum] = known
		}
	}
	return s
}

// maxKey is the longest key that is looked at, in characters.
const maxKey = 512

// Authenticate looks up the key that the header brings.
func (s *apiKey) Authenticate(_ context.Context, head http.Header) (*User, error) {
	values := head[s.header]
	switch {
	case len(values) == 0:
		return nil, &Refusal{Status: http.StatusUnauthorized, Description: "An API key is needed."}
	case len(values) > 1:
		return nil, &Refusal{Status: http.StatusBadRequest, Description: "The header with the API key stands twice."}
	}
	if len(values[0]) <= maxKey {
		if c := s.callers[KeySum(values[0])]; c != nil {
			return c.let(s.now(), "The API key has expired.")
		}
	}
	return nil, &Refusal{Status: http.StatusUnauthorized, Description: "The API key is not known.", Err: errors.New("nobody has the API key")}
}

// Challenge names the header. No specification registers a scheme for API keys; RFC 9110 §11.6.1 wants a challenge with every 401.
func (s *apiKey) Challenge(_, _ string, _ Need) string {
	return `ApiKey header="` + s.header + `"`
}
