package wss

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"time"
)

// Signer signs messages that go out. Its fields must not change while it is in use; it is then as safe for concurrent
// use as Key is.
type Signer struct {
	Certificate *x509.Certificate
	Key         crypto.Signer // the certificate's: RSA or ECDSA, from a file, a token or a service
	Algorithm   Algorithm     // "" means RSASHA256 or ECDSASHA256, as the key is
	Reference   Reference     // how the certificate is told

	Now      func() time.Time
	Lifetime time.Duration // from wsu:Created to wsu:Expires; 0 means 2 minutes; receivers take 5 (GovWay's default)
}

// SignOptions say what one signature is to cover.
type SignOptions struct {
	Parts Parts  // each must be in the envelope, but Timestamp and Token, which are made
	Actor string // the role (SOAP 1.1: actor) the signature is for; "" for the last receiver
}

// Sign returns a copy of a finished envelope with a signature in its wsse:Security header, which is made if there is none
// for that actor. A wsu:Timestamp that is in it is kept, and made if it is asked for. Nothing else of the envelope
// changes but that what is signed has a wsu:Id. The error is an *Error.
func (s *Signer) Sign(message []byte, o SignOptions) ([]byte, error) {
	algorithm, err := s.algorithm()
	if err != nil {
		return nil, err
	}
	if s.Now == nil {
		return nil, refuse(ClockMissing, "")
	}
	if o.Parts&Token != 0 && s.Reference != BinarySecurityToken {
		return nil, refuse(KeyUnfit, Token.String())
	}
	e, err := open(message, o.Actor)
	if err != nil {
		return nil, err
	}
	if e.security != nil {
		if _, count := e.security.child(dsSpace, "Signature"); count > 0 {
			return nil, refuse(SignedAlready, "")
		}
		if e.parts[Token] != nil && s.Reference == BinarySecurityToken {
			return nil, refuse(PartTwice, Token.String())
		}
	}
	ids, changes := map[Parts]string{}, splices{}
	made := s.made(e, o, ids)
	if err := o.Parts.each(func(part Parts, name string) error {
		if ids[part] != "" {
			return nil
		}
		n := e.parts[part]
		if n == nil {
			return refuse(PartMissing, name)
		}
		ids[part] = changes.identify(n, "id")
		return nil
	}); err != nil {
		return nil, err
	}
	if e.security != nil {
		changes.into(e.security, string(made), true)
	} else {
		changes.header(e, securityOpen(e, o.Actor)+string(made)+"</wsse:Security>")
	}
	message = changes.apply(message)
	if e, err = open(message, o.Actor); err != nil {
		return nil, err
	}
	signature, err := s.signature(e, o.Parts, ids, algorithm)
	if err != nil {
		return nil, err
	}
	// After the token, so that readers who go once through the message know it.
	return splices{{at: e.security.inner + len(made), text: string(signature)}}.apply(message), nil
}

// made returns what goes before the signature and is made here: token and timestamp.
func (s *Signer) made(e *envelope, o SignOptions, ids map[Parts]string) (made []byte) {
	if s.Reference == BinarySecurityToken {
		ids[Token] = newID("X509")
		made = appendToken(made, s.Certificate, ids[Token])
	}
	if o.Parts&Timestamp != 0 && e.parts[Timestamp] == nil {
		lifetime := s.Lifetime
		if lifetime == 0 {
			lifetime = 2 * time.Minute
		}
		ids[Timestamp] = newID("TS")
		now := s.Now()
		made = appendTimestamp(made, now, now.Add(lifetime), ids[Timestamp])
	}
	return made
}

// signature makes the ds:Signature over the parts of an envelope that is otherwise finished.
func (s *Signer) signature(e *envelope, parts Parts, ids map[Parts]string, algorithm Algorithm) ([]byte, error) {
	info := []byte(`<ds:SignedInfo xmlns:ds="` + dsSpace + `"><ds:CanonicalizationMethod Algorithm="` + exclusive +
		`"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm="` + string(algorithm) + `"></ds:SignatureMethod>`)
	_ = parts.each(func(part Parts, _ string) error {
		n := e.parts[part]
		var inclusive []string
		info = append(info, `<ds:Reference URI="#`+escaped(ids[part])+`"><ds:Transforms><ds:Transform Algorithm="`+exclusive+`">`...)
		if part == Body { // values such as xsi:type="xs:int" keep their meaning
			if list := n.inScope(); list != "" {
				info = append(info, `<ec:InclusiveNamespaces xmlns:ec="`+exclusive+`" PrefixList="`+list+`"></ec:InclusiveNamespaces>`...)
				inclusive = prefixList(list)
			}
		}
		info = append(info, `</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="`+sha256URI+`"></ds:DigestMethod><ds:DigestValue>`...)
		info = base64.StdEncoding.AppendEncode(info, sum(digests[sha256URI], canonical(nil, n, inclusive)))
		info = append(info, "</ds:DigestValue></ds:Reference>"...)
		return nil
	})
	info = append(info, "</ds:SignedInfo>"...) // written as its canonical form is
	value, err := algorithm.sign(s.Key, info)
	if err != nil {
		return nil, err
	}
	out := append([]byte(`<ds:Signature xmlns:ds="`+dsSpace+`" xmlns:wsse="`+wsseSpace+`" Id="`+newID("SIG")+`">`), info...)
	out = base64.StdEncoding.AppendEncode(append(out, "<ds:SignatureValue>"...), value)
	out, err = s.Reference.appendTo(append(out, "</ds:SignatureValue>"...), s.Certificate, ids[Token])
	if err != nil {
		return nil, err
	}
	return append(out, "</ds:Signature>"...), nil
}

// algorithm returns the algorithm, if certificate and key fit it.
func (s *Signer) algorithm() (Algorithm, error) {
	if s.Certificate == nil || s.Key == nil {
		return "", refuse(KeyUnfit, "")
	}
	public, ok := s.Key.Public().(interface{ Equal(x crypto.PublicKey) bool })
	if !ok || !public.Equal(s.Certificate.PublicKey) || !strong(s.Certificate.PublicKey) {
		return "", refuse(KeyUnfit, "")
	}
	a := s.Algorithm
	if a == "" {
		switch s.Certificate.PublicKey.(type) {
		case *rsa.PublicKey:
			a = RSASHA256
		case *ecdsa.PublicKey:
			a = ECDSASHA256
		}
	}
	if !a.fits(s.Certificate.PublicKey) {
		return "", refuse(KeyUnfit, "")
	}
	return a, nil
}

// securityOpen returns the start tag of a wsse:Security header for an envelope.
func securityOpen(e *envelope, actor string) string {
	role := "actor"
	if e.root.space == soap12 {
		role = "role"
	}
	tag := `<wsse:Security xmlns:wsse="` + wsseSpace + `" xmlns:soap="` + e.root.space + `" soap:mustUnderstand="1"`
	if actor != "" {
		tag += " soap:" + role + `="` + escaped(actor) + `"`
	}
	return tag + ">"
}

func escaped(s string) string { return string(appendEscaped(nil, s, &valueEscapes)) }

// newID returns an identifier that nobody has: a name of XML that begins with kind.
func newID(kind string) string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return kind + "-" + hex.EncodeToString(b[:])
}
