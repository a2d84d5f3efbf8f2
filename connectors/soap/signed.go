package soap

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/soap/wss"
)

// signature is what a connector says of signed messages.
type signature struct {
	patterns    []config.Text
	parts       []config.Text
	certificate config.Ref
	key         config.Ref
	trusted     config.Ref
	signers     []config.Text
	crl         config.Ref
	to          config.Ref
	reference   string
	answers     bool
	given       bool
}

// patternsOf are ModI's patterns by their names.
var patternsOf = map[string]wss.Pattern{
	"ID_AUTH_SOAP_01": wss.IDAuthSOAP01, "ID_AUTH_SOAP_02": wss.IDAuthSOAP02,
	"INTEGRITY_SOAP_01": wss.IntegritySOAP01,
}

// partsOf are the parts of a message that may be signed, by our words.
var partsOf = map[string]wss.Parts{
	"body": wss.Body, "timestamp": wss.Timestamp, "token": wss.Token, "to": wss.To, "action": wss.Action, "message_id": wss.MessageID,
	"reply_to": wss.ReplyTo,
}

// referencesOf are the ways to tell the certificate, by our words.
var referencesOf = map[string]wss.Reference{
	"token": wss.BinarySecurityToken, "embedded": wss.Embedded, "ski": wss.SubjectKeyID, "thumbprint": wss.ThumbprintSHA1,
	"issuer_serial": wss.IssuerSerial,
}

func words[T any](of map[string]T) []string {
	var list []string
	for w := range of {
		list = append(list, w)
	}
	slices.Sort(list)
	return list
}

func (x *signature) spec(o *spec.Object) {
	x.answers = true
	o.Texts("modi", &x.patterns).Doc("The patterns of ModI that messages follow: ID_AUTH_SOAP_01, ID_AUTH_SOAP_02, INTEGRITY_SOAP_01. They " +
		"say what is signed.").Example("[ID_AUTH_SOAP_02, INTEGRITY_SOAP_01]")
	o.Texts("parts", &x.parts).Doc("Without modi, what is signed: body, timestamp, token, to, action, message_id, reply_to.").
		Default("[body, timestamp]")
	o.Ref("certificate", &x.certificate, connectors.Spaces...).Required().Doc("Our certificate in PEM: a file of the project.")
	o.Ref("key", &x.key, connectors.Spaces...).Required().Doc("Its key in PEM: a file of the project, or ${secret.x} with the key itself.")
	o.Ref("trusted", &x.trusted, connectors.Spaces...).
		Doc("The certificates, or authorities, whose signatures are trusted, in PEM: a file of the project.")
	o.Texts("signers", &x.signers).Doc("Of the certificates that an authority of trusted has issued, those that may sign: their subjects, " +
		"or sha256: and the hash of their public keys (SubjectPublicKeyInfo). A certificate that is in trusted itself needs no name.").
		Example("[\"CN=Anagrafe,O=Comune di Venezia,C=IT\"]")
	o.Ref("crl", &x.crl, connectors.Spaces...).Doc("The lists of revoked certificates (CRL) of the authorities of trusted, in PEM or DER: a " +
		"file of the project. A certificate of an authority without a list, or with one that is out of date, is refused.")
	o.Ref("to", &x.to, connectors.Spaces...).Doc("The address that stands in wsa:To; the endpoint's if it is not written. Of a service it " +
		"is ours, which callers must mean.")
	o.Enum("reference", &x.reference, words(referencesOf)...).Default("token").Doc("How the signature names its certificate.")
	o.Bool("answers", &x.answers).Default("true").Doc("Answers are signed too, by somebody who is trusted; others are refused.")
}

// check reports what does not fit together.
func (x *signature) check(c *connectors.Connector, out *diag.List) {
	if !x.given {
		return
	}
	c.CheckRefs(out, x.certificate, x.key, x.trusted, x.crl, x.to)
	x.checkSigners(c, out)
	for _, list := range []struct {
		texts []config.Text
		words []string
	}{{x.patterns, words(patternsOf)}, {x.parts, words(partsOf)}} {
		for _, t := range list.texts {
			if !slices.Contains(list.words, t.Value) {
				t.Report(out, diag.BadValue, "found %q, expected one of %v", t.Value, list.words).WithNearest(t.Value, list.words)
			}
		}
	}
	if len(x.patterns) > 0 && len(x.parts) > 0 {
		x.parts[0].Report(out, diag.BadConnector, "the signature says modi and parts, expected one of them: the patterns say what is signed")
	}
	if x.answers && x.trusted.IsZero() {
		x.certificate.Text.Report(out, diag.BadConnector, "answers are signed, and trusted is missing: whose signatures are good").
			WithHint("write trusted, or answers: false if the system does not sign")
	}
}

// signing signs and verifies the messages of one system. Safe for concurrent use.
type signing struct {
	signer   *wss.Signer
	verifier *wss.Verifier // nil if what comes is not verified
	pattern  wss.Pattern   // 0 for parts
	parts    wss.Parts
	to       string
	memory   *memory // of what came
}

// signing resolves what the connector says; nil if it says nothing. endpoint stands for to where that is not written; m
// remembers what came.
func (w *wire) signing(s *connectors.System, endpoint string, m *memory, clock config.Clock) (*signing, error) {
	x := &w.signature
	if !x.given {
		return nil, nil //nolint:nilnil // nothing is signed
	}
	out := &signing{to: endpoint, memory: m, parts: wss.Body | wss.Timestamp}
	if !x.to.IsZero() {
		var err error
		if out.to, err = resolve(s, x.to); err != nil {
			return nil, err
		}
	}
	for _, p := range x.patterns {
		out.pattern |= patternsOf[p.Value]
	}
	if len(x.parts) > 0 {
		out.parts = 0
	}
	for _, p := range x.parts {
		out.parts |= partsOf[p.Value]
	}
	certificates, err := certificatesOf(s, x.certificate)
	if err != nil {
		return nil, err
	}
	key, err := privateKey(s, x.key)
	if err != nil {
		return nil, err
	}
	out.signer = &wss.Signer{Certificate: certificates[0], Key: key, Reference: referencesOf[x.reference], Now: clock.Now}
	if x.trusted.IsZero() {
		return out, nil
	}
	trusted, err := certificatesOf(s, x.trusted)
	if err != nil {
		return nil, err
	}
	named, err := x.newSigners(s, trusted)
	if err != nil {
		return nil, err
	}
	out.verifier = &wss.Verifier{Now: clock.Now, Signs: named.check, Roots: x509.NewCertPool(), Skew: wss.Skew}
	for _, c := range trusted {
		if c.IsCA {
			out.verifier.Roots.AddCert(c)
		} else {
			out.verifier.Certificates = append(out.verifier.Certificates, c)
		}
	}
	if out.to != "" {
		out.verifier.To = []string{out.to}
	}
	return out, nil
}

var errPEM = errors.New("there is no PEM that can be read")

// certificatesOf reads the certificates in a file of the project.
func certificatesOf(s *connectors.System, r config.Ref) (list []*x509.Certificate, err error) {
	data, err := s.File(r)
	if err != nil {
		return nil, err
	}
	if list, err = parseCertificates(data); err != nil {
		return nil, fmt.Errorf("system %s: %w", s.Name, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("system %s: certificate: %w", s.Name, errPEM)
	}
	return list, nil
}

// parseCertificates reads the certificates in PEM, and passes over what else is there.
func parseCertificates(data []byte) (list []*x509.Certificate, err error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return list, nil
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("a certificate cannot be read: %w", err)
		}
		list = append(list, c)
	}
}

// privateKey reads an RSA or ECDSA key. The error holds nothing of it.
func privateKey(s *connectors.System, r config.Ref) (crypto.Signer, error) {
	data, err := s.File(r)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("system %s: key: %w", s.Name, errPEM)
	}
	var key any
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err == nil {
		switch k := key.(type) {
		case *rsa.PrivateKey:
			return k, nil
		case *ecdsa.PrivateKey:
			return k, nil
		}
	}
	return nil, fmt.Errorf("system %s: the key of the signature is not an RSA or ECDSA key in PEM", s.Name)
}

// request signs a request; id is its wsa:MessageID, to tell its answer by.
func (x *signing) request(envelope []byte, action string) (signed []byte, id string, err error) {
	if x.pattern != 0 {
		return x.signer.SignRequest(envelope, x.pattern, x.to, action)
	}
	if x.parts&(wss.To|wss.Action|wss.MessageID|wss.ReplyTo) != 0 {
		a := wss.Addressing{To: x.to, Action: action, MessageID: wss.NewMessageID(), ReplyTo: wss.Anonymous}
		if envelope, err = a.Add(envelope); err != nil {
			return nil, "", err
		}
		id = a.MessageID
	}
	signed, err = x.signer.Sign(envelope, wss.SignOptions{Parts: x.parts})
	return signed, id, err
}

// response verifies an answer, and returns what is to be read of it: what was signed, where its body was. An answer that
// says to which request it belongs is remembered as long as the system is open; another as long as its time lasts.
func (x *signing) response(ctx context.Context, envelope []byte, id string) ([]byte, error) {
	var v *wss.Verified
	var err error
	once := *x.verifier
	if x.pattern != 0 {
		once.Replays = &x.memory.own
		v, err = once.VerifyAnswer(envelope, x.pattern, id)
	} else {
		once.To, once.Replays = nil, x.memory.of(ctx)
		if v, err = once.Verify(envelope, x.parts&(wss.Body|wss.Timestamp)); err == nil && v.Addressing.RelatesTo != "" {
			err = v.Addressing.Answers(id)
		}
	}
	if err != nil {
		return nil, err
	}
	if v.Body != nil {
		return v.Envelope(), nil
	}
	return envelope, nil
}

// arrived verifies a request to a service of ours, and returns what its signature vouches for.
func (x *signing) arrived(ctx context.Context, envelope []byte) (*wss.Verified, error) {
	once := *x.verifier
	once.Replays = x.memory.of(ctx)
	if x.pattern != 0 {
		return once.VerifyRequest(envelope, x.pattern)
	}
	return once.Verify(envelope, x.parts)
}

// reply signs an answer of a service of ours.
func (x *signing) reply(envelope []byte, action, id string) ([]byte, error) {
	if x.pattern != 0 {
		return x.signer.SignAnswer(envelope, x.pattern, action+"Response", id)
	}
	if id != "" {
		a := wss.Addressing{To: wss.Anonymous, Action: action + "Response", MessageID: wss.NewMessageID(), RelatesTo: id}
		var err error
		if envelope, err = a.Add(envelope); err != nil {
			return nil, err
		}
	}
	return x.signer.Sign(envelope, wss.SignOptions{Parts: x.parts &^ (wss.To | wss.Action | wss.MessageID | wss.ReplyTo)})
}
