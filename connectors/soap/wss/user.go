package wss

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // WS-Security's digest of passwords is made with it
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"fondaco/transform/codec"
)

const (
	userProfile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#"
	goodFor     = 5 * time.Minute
)

// Skew is how far the clock of a sender may be ahead of ours.
const Skew = time.Minute

// Credentials are what stands in the header of each message without a signature: a user (UsernameToken Profile 1.0), and when the message
// was made. They are not changed while they are used. Safe for concurrent use.
type Credentials struct {
	User, Password string // User is "" for none
	Digest         bool   // a digest of the password is sent, with a nonce and a date
	Timestamp      bool
	Now            func() time.Time
}

// Header returns a function that appends the Security entry to a header, nil if there is none.
func (x *Credentials) Header() func(dst []byte) []byte {
	if x.User == "" && !x.Timestamp {
		return nil
	}
	return x.append
}

func (x *Credentials) append(dst []byte) []byte {
	now := x.Now().UTC()
	dst = append(dst, `<wsse:Security soap:mustUnderstand="1" xmlns:wsse="`+wsseSpace+`" xmlns:wsu="`+wsuSpace+`">`...)
	if x.Timestamp {
		dst = now.AppendFormat(append(dst, "<wsu:Timestamp><wsu:Created>"...), instant)
		dst = now.Add(goodFor).AppendFormat(append(dst, "</wsu:Created><wsu:Expires>"...), instant)
		dst = append(dst, "</wsu:Expires></wsu:Timestamp>"...)
	}
	if x.User != "" {
		dst = codec.AppendXMLText(append(dst, "<wsse:UsernameToken><wsse:Username>"...), x.User)
		if x.Digest {
			var nonce [16]byte
			_, _ = rand.Read(nonce[:])
			created := now.Format(instant)
			dst = append(dst, `</wsse:Username><wsse:Password Type="`+userProfile+`PasswordDigest">`...)
			dst = append(dst, passwordDigest(nonce[:], created, x.Password)...)
			dst = append(dst, `</wsse:Password><wsse:Nonce EncodingType="`+base64Type+`">`...)
			dst = base64.StdEncoding.AppendEncode(dst, nonce[:])
			dst = append(dst, `</wsse:Nonce><wsu:Created>`+created+`</wsu:Created>`...)
		} else {
			dst = append(dst, `</wsse:Username><wsse:Password Type="`+userProfile+`PasswordText">`...)
			dst = append(codec.AppendXMLText(dst, x.Password), "</wsse:Password>"...)
		}
		dst = append(dst, "</wsse:UsernameToken>"...)
	}
	return append(dst, "</wsse:Security>"...)
}

// passwordDigest is Base64(SHA-1(nonce + created + password)).
func passwordDigest(nonce []byte, created, password string) string {
	h := sha1.New() //nolint:gosec // as the profile says
	_, _ = h.Write(nonce)
	_, _ = h.Write([]byte(created))
	_, _ = h.Write([]byte(password))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// nonceOf decodes xsd:base64Binary: white space may stand anywhere, and the bits that the last character does not need are
// zero, so that there is one text for the octets.
func nonceOf(text string) ([]byte, bool) {
	text = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, text)
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	return b, err == nil
}

var errSecurity = errors.New("the message's security is not accepted")

// ErrUnasked is wrapped by what Check returns where it is not known whether a message came before: the sender is to try again.
var ErrUnasked = errors.New("it is not known whether the message came before")

// Check returns an error unless what was presented is what x would have sent: the same user and password, and dates that are good now. seen
// remembers the nonces of the user's messages.
func (x *Credentials) Check(p *Presented, seen Once) error {
	now := x.Now()
	fresh := func(created string, within time.Duration) bool {
		t, err := time.Parse(time.RFC3339Nano, created)
		return err == nil && t.Before(now.Add(Skew)) && t.After(now.Add(-within))
	}
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	if x.User != "" {
		want := x.Password
		var nonce []byte
		if p.digest {
			var ok bool
			if nonce, ok = nonceOf(p.nonce); !ok || len(nonce) == 0 || !fresh(p.created, goodFor) {
				return errSecurity
			}
			want = passwordDigest(nonce, p.created, x.Password)
		}
		if p.tokens != 1 || p.digest != x.Digest || !same(p.user, x.User) || !same(p.password, want) {
			return errSecurity
		}
		// only nonces of the user's are kept: a stranger can neither use them up nor fill the memory
		if p.digest {
			switch err := seen.Take("nonce "+x.User+"\x00"+string(nonce), now, now.Add(goodFor+Skew)); {
			case errors.Is(err, ErrReplayed):
				return errSecurity
			case err != nil:
				return fmt.Errorf("%w: %w", ErrUnasked, err)
			}
		}
	}
	if x.Timestamp {
		end, err := time.Parse(time.RFC3339Nano, p.stampExpires)
		if p.stamps != 1 || !fresh(p.stampCreated, 24*time.Hour) || err != nil || !end.After(now) {
			return errSecurity
		}
	}
	return nil
}
