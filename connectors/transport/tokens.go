package transport

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// Tokens is the server of OAuth 2 tokens beside a simulated system (RFC 6749 §4.4, RFC 8693): a request for one is known by its
// form, not by its path, since it may be meant for another host than the system's. A form with a token is a call.
type Tokens struct {
	ClientID, ClientSecret, Token string
	Exchanges                     bool // for the token of a caller (RFC 8693)
}

// Answer answers a request for a token; false, and nothing is written, if the request is none.
func (t *Tokens) Answer(w http.ResponseWriter, r *http.Request) bool {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") ||
		media != "application/x-www-form-urlencoded" {
		return false
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	user, password, ok := r.BasicAuth()
	w.Header().Set("Content-Type", "application/json")
	grant := "client_credentials"
	if t.Exchanges {
		grant = exchangeGrant
	}
	if r.ParseForm() != nil || !ok || user != url.QueryEscape(t.ClientID) || password != url.QueryEscape(t.ClientSecret) ||
		r.PostForm.Get("grant_type") != grant ||
		t.Exchanges && (r.PostForm.Get("subject_token") == "" || r.PostForm.Get("subject_token_type") != accessTokenType) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
		return true
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": t.Token, "token_type": "Bearer", "expires_in": 3600,
		"issued_token_type": accessTokenType,
	})
	return true
}

// Known reports whether a request bears the token.
func (t *Tokens) Known(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+t.Token)) == 1
}
