package server

import (
	"fondaco/server/auth"
	"fondaco/store"
)

// marks returns the pseudonyms of a caller, under which what is kept of the request is found when the caller asks for it or
// wants it erased; "" for one who is not known, or where the project keeps nothing.
func (v *visit) marks(user *auth.User) store.Marks {
	secret := v.s.topics.Pseudonyms
	if secret == nil {
		secret = v.s.topics.Secret
	}
	if user == nil || secret == nil {
		return ""
	}
	key := secret()
	if len(key) == 0 {
		return ""
	}
	return store.MarksOf(key, user.Value.Get("subject").Str(), user.Value.Get("fiscal_code").Str())
}

// marked returns the pseudonyms of a caller for what is published. The error is that they are not known yet: nobody would find what is kept
// without them.
func (v *visit) marked(user *auth.User) (string, error) {
	if t := v.s.topics; t.Sealed && t.Pseudonyms == nil && t.Secret != nil && len(t.Secret()) == 0 {
		return "", errNoSecret
	}
	return string(v.marks(user)), nil
}
