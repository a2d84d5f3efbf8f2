package soap

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // WS-Security's digest of passwords is made with it
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"fondaco/connectors/soap/wss"
	"fondaco/connectors/soap/xsd"
	"fondaco/transform/codec"
)

// The words of WS-Security 1.0 (OASIS 200401).
const (
	wsseSpace = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	wsuSpace  = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	tokens    = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#"
	base64Of  = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
)

// security is what goes into the header: who we are, and when the message was made.
type security struct {
	user, password string
	digest         bool
	timestamp      bool
	now            func() time.Time
}

const (
	instant = "2006-01-02T15:04:05.000Z"
	goodFor = 5 * time.Minute
	skew    = time.Minute // how far another clock may be ahead
)

// header returns what appends the security to a header, nil if there is none.
func (x *security) header() func(dst []byte) []byte {
	if x.user == "" && !x.timestamp {
		return nil
	}
	return x.append
}

func (x *security) append(dst []byte) []byte {
	now := x.now().UTC()
	dst = append(dst, `<wsse:Security soap:mustUnderstand="1" xmlns:wsse="`+wsseSpace+`" xmlns:wsu="`+wsuSpace+`">`...)
	if x.timestamp {
		dst = now.AppendFormat(append(dst, "<wsu:Timestamp><wsu:Created>"...), instant)
		dst = now.Add(goodFor).AppendFormat(append(dst, "</wsu:Created><wsu:Expires>"...), instant)
		dst = append(dst, "</wsu:Expires></wsu:Timestamp>"...)
	}
	if x.user != "" {
		dst = codec.AppendXMLText(append(dst, "<wsse:UsernameToken><wsse:Username>"...), x.user)
		if x.digest {
			var nonce [16]byte
			_, _ = rand.Read(nonce[:])
			created := now.Format(instant)
			dst = append(dst, `</wsse:Username><wsse:Password Type="`+tokens+`PasswordDigest">`...)
			dst = append(dst, passwordDigest(nonce[:], created, x.password)...)
			dst = append(dst, `</wsse:Password><wsse:Nonce EncodingType="`+base64Of+`">`...)
			dst = base64.StdEncoding.AppendEncode(dst, nonce[:])
			dst = append(dst, `</wsse:Nonce><wsu:Created>`+created+`</wsu:Created>`...)
		} else {
			dst = append(dst, `</wsse:Username><wsse:Password Type="`+tokens+`PasswordText">`...)
			dst = append(codec.AppendXMLText(dst, x.password), "</wsse:Password>"...)
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

// presented is the security that a message came with.
type presented struct {
	user, password, nonce, created string
	digest                         bool
	stampCreated, stampExpires     string
	tokens, stamps                 int
}

var errSecurity = errors.New("the message's security is not accepted")

// read reads the header element whose start was the last step; elements other than Security are passed over.
func (p *presented) read(s *codec.XMLScanner) error {
	if space, local := s.Name(); space != wsseSpace || local != "Security" {
		return s.Skip()
	}
	r := &xsd.Reading{Scanner: s}
	return inside(r, func(local string) error {
		switch local {
		case "UsernameToken":
			p.tokens++
			return inside(r, func(local string) (err error) {
				switch local {
				case "Username":
					p.user, err = r.Text()
				case "Password":
					for _, a := range s.Attrs() {
						p.digest = p.digest || a.Local == "Type" && a.Value == tokens+"PasswordDigest"
					}
					p.password, err = r.Text()
				case "Nonce":
					p.nonce, err = r.Text()
				case "Created":
					p.created, err = r.Text()
				default:
					err = s.Skip()
				}
				return err
			})
		case "Timestamp":
			p.stamps++
			return inside(r, func(local string) (err error) {
				switch local {
				case "Created":
					p.stampCreated, err = r.Text()
				case "Expires":
					p.stampExpires, err = r.Text()
				default:
					err = s.Skip()
				}
				return err
			})
		}
		return s.Skip()
	})
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

// errUnasked tells that it is not known whether a message came before.
var errUnasked = errors.New("it is not known whether the message came before")

// check reports whether the security is what x would have sent: the same user and password, and dates that are good now.
func (x *security) check(p *presented, seen wss.Once) error {
	now := x.now()
	fresh := func(created string, within time.Duration) bool {
		t, err := time.Parse(time.RFC3339Nano, created)
		return err == nil && t.Before(now.Add(skew)) && t.After(now.Add(-within))
	}
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	if x.user != "" {
		want := x.password
		var nonce []byte
		if p.digest {
			var ok bool
			if nonce, ok = nonceOf(p.nonce); !ok || len(nonce) == 0 || !fresh(p.created, goodFor) {
				return errSecurity
			}
			want = passwordDigest(nonce, p.created, x.password)
		}
		if p.tokens != 1 || p.digest != x.digest || !same(p.user, x.user) || !same(p.password, want) {
			return errSecurity
		}
		// only nonces of the user's are kept: a stranger can neither use them up nor fill the memory
		if p.digest {
			switch err := seen.Take("nonce "+x.user+"\x00"+string(nonce), now, now.Add(goodFor+skew)); {
			case errors.Is(err, wss.ErrReplayed):
				return errSecurity
			case err != nil:
				return fmt.Errorf("%w: %w", errUnasked, err)
			}
		}
	}
	if x.timestamp {
		end, err := time.Parse(time.RFC3339Nano, p.stampExpires)
		if p.stamps != 1 || !fresh(p.stampCreated, 24*time.Hour) || err != nil || !end.After(now) {
			return errSecurity
		}
	}
	return nil
}
