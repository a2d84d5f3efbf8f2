package wss

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"time"
)

// Verifier verifies the signatures of messages that come in. Its fields must not change while it is in use; it is then
// safe for concurrent use.
type Verifier struct {
	// Certificates are trusted themselves, each until it expires: how parties trust each other directly. References
	// by key identifier, thumbprint and serial number are looked up here.
	Certificates []*x509.Certificate
	// Roots are the authorities whose certificates are trusted, with what lies between; nil trusts none of them.
	Roots, Intermediates *x509.CertPool
	// Revoked reports whether a certificate that is trusted otherwise was revoked; nil means that none is.
	Revoked func(*x509.Certificate) bool
	// Signs reports why a certificate that is trusted and not revoked may not sign, "" if it may; nil means that each may.
	Signs func(c *x509.Certificate, now time.Time) Reason
	// Algorithms are the signatures allowed; nil means all that are known.
	Algorithms []Algorithm

	Now    func() time.Time
	Skew   time.Duration // how far ahead the sender's clock may be; 0 means 5 seconds (GovWay's default)
	MaxAge time.Duration // how old wsu:Created may be, whatever wsu:Expires says; 0 means 5 minutes (GovWay's default)

	// Actor is a role (SOAP 1.1: actor) that we play besides being the last receiver; "" if none.
	Actor string
	// To are our addresses: a message whose wsa:To is signed must be for one of them. Nil allows any.
	To []string
	// Replays remembers messages, so that none is taken twice; nil takes them again. With it wsu:Timestamp must be
	// signed, and what is remembered is wsa:MessageID if it is signed, and otherwise the signature.
	Replays Once

	here bool // answers elsewhere are refused
}

// Verified is what a signature vouches for. Nothing else of the message is worth anything.
type Verified struct {
	Certificate *x509.Certificate // the signer's
	Algorithm   Algorithm
	Parts       Parts // what is signed, of what has a name here
	// Body is soap:Body as it was signed, canonical, nil if it was not. A prefix that stands only in values, as in
	// xsi:type="xs:int", is bound in it only if the signer listed it in InclusiveNamespaces: otherwise what it means
	// is not signed.
	Body             []byte
	Addressing       Addressing // of the signed headers
	Created, Expires time.Time  // of wsu:Timestamp, zero if it is not signed

	soap string
}

// Envelope returns an envelope, of the version of the one that came, that holds Body and nothing else; nil if Body is
// not signed. It is what a decoder should be given.
func (v *Verified) Envelope() []byte {
	if v.Body == nil {
		return nil
	}
	out := make([]byte, 0, len(v.Body)+len(v.soap)+64)
	out = append(append(append(out, `<signed:Envelope xmlns:signed="`...), v.soap...), `">`...)
	return append(append(out, v.Body...), "</signed:Envelope>"...)
}

func (v *Verifier) skew() time.Duration {
	if v.Skew == 0 {
		return 5 * time.Second
	}
	return v.Skew
}

func (v *Verifier) maxAge() time.Duration {
	if v.MaxAge == 0 {
		return 5 * time.Minute
	}
	return v.MaxAge
}

// Verify verifies a message's signature, and that it covers the required parts. The error is an *Error. The message
// must not change while the result's Addressing is in use; Body is a copy.
func (v *Verifier) Verify(message []byte, required Parts) (*Verified, error) {
	if v.Now == nil {
		return nil, refuse(ClockMissing, "")
	}
	if v.Replays != nil {
		required |= Timestamp
	}
	now := v.Now()
	e, err := open(message, v.Actor)
	if err != nil {
		return nil, err
	}
	if e.security == nil {
		return nil, refuse(NoSecurity, "")
	}
	sig, count := e.security.child(dsSpace, "Signature")
	switch {
	case count == 0:
		return nil, refuse(NoSignature, "")
	case count > 1:
		return nil, refuse(ManySignatures, "")
	}
	s, err := readSignature(sig)
	if err != nil {
		return nil, err
	}
	if _, known := algorithms[s.algorithm]; !known || v.Algorithms != nil && !slices.Contains(v.Algorithms, s.algorithm) {
		return nil, refuse(AlgorithmRefused, "ds:SignatureMethod")
	}
	certificate, err := e.certificate(s.key, v.Certificates)
	if err != nil {
		return nil, err
	}
	if err := v.trust(certificate, now); err != nil {
		return nil, err
	}
	if !s.algorithm.fits(certificate.PublicKey) {
		return nil, refuse(AlgorithmRefused, "ds:SignatureMethod")
	}
	info := canonical(nil, s.info, s.inclusive)
	if !s.algorithm.verify(certificate.PublicKey, info, s.value) {
		return nil, refuse(SignatureWrong, "")
	}
	out := &Verified{Certificate: certificate, Algorithm: s.algorithm, soap: e.root.space}
	if err := e.check(s, out); err != nil {
		return nil, err
	}
	if err := required.each(func(part Parts, name string) error {
		switch {
		case e.parts[part] == nil:
			return refuse(PartMissing, name)
		case out.Parts&part == 0:
			return refuse(PartUnsigned, name)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if err := v.accept(e, out, info, now); err != nil {
		return nil, err
	}
	return out, nil
}

// check finds what each reference is about, compares the digests and keeps what is signed.
func (e *envelope) check(s *signature, out *Verified) error {
	byID, others, err := e.identifiers()
	if err != nil {
		return err
	}
	for _, r := range s.references {
		n := byID[r.id]
		if n == nil {
			return refuse(ReferenceForeign, "")
		}
		if others[r.id] > 1 {
			return refuse(IdentifierTwice, "")
		}
		part, ok := e.part(n)
		if !ok {
			return refuse(ReferenceForeign, "")
		}
		signed, err := r.check(n)
		if err != nil {
			return err
		}
		out.Parts |= part
		if part == Body {
			out.Body = signed
		}
	}
	return nil
}

// accept checks what the signed parts say: dates, addressee, and that the message is new.
func (v *Verifier) accept(e *envelope, out *Verified, info []byte, now time.Time) (err error) {
	if stamp := e.parts[Timestamp]; stamp != nil { // even one that is not signed must not be over
		created, expires, err := readTimestamp(stamp)
		if err != nil {
			return err
		}
		if err := v.current(created, expires, now); err != nil {
			return err
		}
		if out.Parts&Timestamp != 0 {
			out.Created, out.Expires = created, expires
		}
	}
	if out.Addressing, err = e.readAddressing(out.Parts); err != nil {
		return err
	}
	if out.Parts&To != 0 && v.To != nil && !slices.Contains(v.To, out.Addressing.To) {
		return refuse(AddressForeign, "wsa:To")
	}
	if v.here { // signed or not: nobody may lead us elsewhere
		all, err := e.readAddressing(^Parts(0))
		if err == nil {
			err = all.AnswersHere()
		}
		if err != nil {
			return err
		}
	}
	if v.Replays == nil {
		return nil
	}
	fingerprint := sha256.Sum256(out.Certificate.Raw)
	key := hex.EncodeToString(fingerprint[:])
	if out.Parts&MessageID != 0 {
		key += " id " + out.Addressing.MessageID
	} else { // not SignatureValue: of ECDSA's there are two for the same message
		hash := sha256.Sum256(info)
		key += " info " + hex.EncodeToString(hash[:])
	}
	until := out.Created.Add(v.maxAge())
	if out.Expires.Before(until) {
		until = out.Expires
	}
	switch err := v.Replays.Take(key, now, until.Add(v.skew())); { // longer than any of us still holds an older now
	case err == nil:
		return nil
	case errors.Is(err, ErrReplayed):
		return refuse(Replayed, "")
	default:
		return &Error{Reason: ReplaysFull, Err: err}
	}
}

// trust reports whether a certificate may sign for somebody we trust.
func (v *Verifier) trust(c *x509.Certificate, now time.Time) error {
	switch {
	case now.Before(c.NotBefore) || now.After(c.NotAfter):
		return refuse(CertificateDates, "")
	case c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return refuse(CertificateUsage, "")
	case !strong(c.PublicKey):
		return refuse(CertificateWeak, "")
	}
	if !slices.ContainsFunc(v.Certificates, func(t *x509.Certificate) bool { return bytes.Equal(t.Raw, c.Raw) }) {
		if v.Roots == nil {
			return refuse(CertificateTrust, "")
		}
		if _, err := c.Verify(x509.VerifyOptions{
			Roots: v.Roots, Intermediates: v.Intermediates, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		}); err != nil {
			return refuse(CertificateTrust, "") // what x509 says holds names of the message's certificate
		}
	}
	if v.Revoked != nil && v.Revoked(c) {
		return refuse(CertificateRevoked, "")
	}
	if v.Signs != nil {
		if why := v.Signs(c, now); why != "" {
			return refuse(why, "")
		}
	}
	return nil
}
