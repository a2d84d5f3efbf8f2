package server

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"fondaco/connectors"
	"fondaco/server/auth"
)

// authenticate finds out who calls and whether they may; nil if it has answered that they may not.
func (v *visit) authenticate(ctx context.Context) *auth.User {
	if tokenInQuery(v.r.URL.RawQuery) {
		v.refuse(http.StatusBadRequest, "A token must come in the header Authorization, never in the query.")
		return nil
	}
	scheme, need := v.route.scheme, v.route.Auth
	if auth.OverTLS(scheme) && !v.sealed() {
		const why = "A password is taken over TLS alone."
		v.refused = why
		v.refuse(http.StatusForbidden, why)
		return nil
	}
	user, err := scheme.Authenticate(ctx, v.r.Header)
	if err != nil {
		v.unknown(err, auth.Need{Level: need.Level, MaxAge: need.MaxAge})
		return nil
	}
	why := ""
	p := need.Refuses(user.Level, user.Roles)
	switch {
	case p != nil && p.Status == http.StatusUnauthorized:
		why = p.Detail
	case need.MaxAge > 0 && (user.Login.IsZero() || v.s.clock.Now().Sub(user.Login) > need.MaxAge):
		why = "The login is too long ago: log in again."
	}
	if why != "" {
		v.refused = why
		v.challenge(scheme.Challenge(auth.InsufficientAuthentication, why, auth.Need{Level: need.Level, MaxAge: need.MaxAge}))
		v.refuse(http.StatusUnauthorized, why)
		return nil
	}
	if p != nil {
		v.refused = p.Detail
		v.refuse(p.Status, p.Detail)
		return nil
	}
	return user
}

// unknown answers a caller who is not known.
func (v *visit) unknown(err error, need auth.Need) {
	var refusal *auth.Refusal
	if !errors.As(err, &refusal) {
		refusal = &auth.Refusal{Status: http.StatusServiceUnavailable, Description: "The caller cannot be authenticated right now.", Err: err}
	}
	if refusal.Status < http.StatusInternalServerError {
		v.refused = refusal.Description
		if refusal.Err != nil {
			v.refused = refusal.Err.Error()
		}
	}
	if refusal.Status == http.StatusUnauthorized {
		v.challenge(v.route.scheme.Challenge(refusal.Code, refusal.Description, need))
	}
	p := problemOf(err)
	p.Status, p.Detail, p.Err = refusal.Status, refusal.Description, refusal.Err
	v.problem(p)
}

// bearer returns the token of a request whose caller was authenticated by it (RFC 6750 §2.1).
func bearer(h http.Header) string {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimLeft(token, " ")
}

// sealed reports whether a request came over TLS as far as is known here: from a proxy of ours that does not say otherwise in
// X-Forwarded-Proto, or from this machine.
func (v *visit) sealed() bool {
	peer, err := netip.ParseAddrPort(v.r.RemoteAddr)
	if err != nil {
		return false
	}
	from := peer.Addr().Unmap()
	if !v.s.config.trusted(from) {
		return from.IsLoopback()
	}
	said := v.r.Header["X-Forwarded-Proto"]
	return len(said) == 0 || strings.EqualFold(strings.TrimSpace(said[len(said)-1]), "https")
}

func (v *visit) challenge(value string) { v.w.Header()["Www-Authenticate"] = []string{value} }

// tokenInQuery reports whether a query carries a token, where logs and histories would keep it.
func tokenInQuery(query string) bool {
	if query == "" {
		return false
	}
	const name = "access_token="
	return strings.HasPrefix(query, name) || strings.Contains(query, "&"+name)
}

// client returns the address of the caller: the peer's, or, behind a proxy of ours, the last one that no proxy of ours has.
func (v *visit) client() string {
	if a := v.address(); a.IsValid() {
		return a.String()
	}
	return v.r.RemoteAddr
}

// behalf returns on whose behalf systems are called: the subject's, or whoever has the address.
func (v *visit) behalf(user *auth.User) connectors.Behalf {
	if user != nil && user.Subject != "" {
		return connectors.BehalfOfSubject(user.Subject)
	}
	return connectors.BehalfOfAddress(v.address())
}

// address returns client's address, the zero value if the peer has none. It is found out once.
func (v *visit) address() netip.Addr {
	if !v.located {
		v.from, v.located = v.locate(), true
	}
	return v.from
}

func (v *visit) locate() netip.Addr {
	peer, err := netip.ParseAddrPort(v.r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr().Unmap()
	if !v.s.config.trusted(client) {
		return client
	}
	hops := strings.Split(strings.Join(v.r.Header["X-Forwarded-For"], ","), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		if client = a.Unmap(); !v.s.config.trusted(client) {
			break
		}
	}
	return client
}
