package soap

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/soap/wss"
	"fondaco/schema"
)

// signers tell whose signatures count, of those that an authority vouches for, and which certificates were revoked. It is
// not changed once it is made.
type signers struct {
	trusted []*x509.Certificate
	names   []string // subjects as RFC 4514 writes them
	keys    [][sha256.Size]byte
	revoked []*x509.RevocationList
}

// keyPrefix begins a signer that is named by its public key.
const keyPrefix = "sha256:"

// keyOf reads the hash of a public key (SubjectPublicKeyInfo) in hexadecimal, with colons or without.
func keyOf(text string) (sum [sha256.Size]byte, ok bool) {
	b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimPrefix(text, keyPrefix), ":", ""))
	return [sha256.Size]byte(append(b, make([]byte, sha256.Size)...)), err == nil && len(b) == sha256.Size
}

// authority reports whether a certificate is an authority's and not a signer's own: it may sign certificates, and no messages.
func authority(c *x509.Certificate) bool {
	return c.IsCA && c.KeyUsage != 0 && c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0
}

const howToName = "write signers: [\"CN=…,O=…,C=IT\"] with the subjects of the certificates, or [\"sha256:…\"] with the hashes of " +
	"their public keys"

// checkSigners reports signers that name nobody, and an authority in a file of the project without signers.
func (x *signature) checkSigners(c *connectors.Connector, out *diag.List) {
	for _, t := range x.signers {
		_, ok := keyOf(t.Value)
		if key := strings.HasPrefix(t.Value, keyPrefix); key && !ok || !key && !strings.Contains(t.Value, "=") {
			t.Report(out, diag.BadValue, "signers: found %q, expected the subject of a certificate as \"CN=Anagrafe,O=Comune di Venezia,C=IT\", "+
				"or sha256: and the 64 digits of its public key's hash", t.Value)
		}
	}
	if x.trusted.IsZero() && (len(x.signers) > 0 || !x.crl.IsZero()) {
		x.certificate.Text.Report(out, diag.BadConnector, "signers or crl are written, and trusted is missing: whose certificates they are")
	}
	if len(x.signers) > 0 || x.trusted.IsZero() || !x.trusted.IsLiteral() {
		return
	}
	data, err := config.ReadPlain(c.FS, x.trusted.Text.Value, maxTrusted)
	if err != nil {
		return // told when the system is opened
	}
	if list, err := parseCertificates(data); err == nil && slices.ContainsFunc(list, authority) {
		x.trusted.Text.Report(out, diag.BadConnector, "trusted holds an authority, and signers is missing: anybody to whom it issues a "+
			"certificate could sign").WithHint(howToName)
	}
}

// maxTrusted is the largest file of certificates that is looked at when a project is checked.
const maxTrusted = 1 << 20

// newSigners resolves what the connector says of whom it trusts.
func (x *signature) newSigners(s *connectors.System, trusted []*x509.Certificate) (*signers, error) {
	out := &signers{trusted: trusted}
	for _, t := range x.signers {
		if key, ok := keyOf(t.Value); ok {
			out.keys = append(out.keys, key)
		} else {
			out.names = append(out.names, t.Value)
		}
	}
	if len(x.signers) == 0 && slices.ContainsFunc(trusted, authority) {
		return nil, fmt.Errorf("system %s: trusted holds an authority, and signers is missing: %s", s.Name, howToName)
	}
	data, err := s.File(x.crl)
	if err != nil || x.crl.IsZero() {
		return out, err
	}
	if out.revoked, err = parseRevoked(data, trusted); err != nil {
		return nil, fmt.Errorf("system %s: crl: %w", s.Name, err)
	}
	return out, nil
}

// parseRevoked reads lists of revoked certificates, PEM or DER, each signed by a trusted authority.
func parseRevoked(data []byte, trusted []*x509.Certificate) (lists []*x509.RevocationList, err error) {
	parse := func(der []byte) error {
		list, err := x509.ParseRevocationList(der)
		if err != nil {
			return errors.New("a list of revoked certificates cannot be read")
		}
		if !slices.ContainsFunc(trusted, func(c *x509.Certificate) bool { return c.IsCA && list.CheckSignatureFrom(c) == nil }) {
			return errors.New("a list of revoked certificates is not signed by an authority of trusted")
		}
		for _, e := range list.Extensions {
			if e.Critical { // it lists a part of what is revoked, or what others have issued (RFC 5280 §5.2)
				return errors.New("a list of revoked certificates is a delta or an indirect one; expected a complete one")
			}
		}
		lists = append(lists, list)
		return nil
	}
	if !bytes.Contains(data, []byte("-----BEGIN")) {
		return lists, parse(data)
	}
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type == "X509 CRL" {
			if err := parse(block.Bytes); err != nil {
				return nil, err
			}
		}
	}
	if len(lists) == 0 {
		err = errPEM
	}
	return lists, err
}

// check reports why a certificate that is trusted may not sign, "" if it may. One that is in trusted itself is named by that.
func (x *signers) check(c *x509.Certificate, now time.Time) wss.Reason {
	itself := slices.ContainsFunc(x.trusted, func(t *x509.Certificate) bool { return bytes.Equal(t.Raw, c.Raw) })
	if !itself && !slices.Contains(x.keys, sha256.Sum256(c.RawSubjectPublicKeyInfo)) &&
		!slices.ContainsFunc(x.names, func(name string) bool { return wss.SameName(name, c.Subject.String()) }) {
		return wss.CertificateUnnamed
	}
	if x.revoked == nil {
		return ""
	}
	listed := itself
	for _, list := range x.revoked {
		if !bytes.Equal(list.RawIssuer, c.RawIssuer) {
			continue
		}
		if slices.ContainsFunc(list.RevokedCertificateEntries,
			func(e x509.RevocationListEntry) bool { return e.SerialNumber.Cmp(c.SerialNumber) == 0 }) {
			return wss.CertificateRevoked
		}
		if listed = list.NextUpdate.IsZero() || now.Before(list.NextUpdate); !listed {
			return wss.RevocationUnknown
		}
	}
	if !listed {
		return wss.RevocationUnknown
	}
	return ""
}

// signed returns what a connector must say for its requests to be signed, "" if it does.
func signed(c *connectors.Connector) string {
	if w, ok := c.Wire.(*wire); ok && w.signature.given {
		return ""
	}
	return "signature: { certificate: our.pem, key: \"${secret.our_key}\", trusted: theirs.pem } under soap:"
}

// signerOf returns the owner of a certificate that has signed, as a value of connectors.SignerType.
func signerOf(c *x509.Certificate) schema.Value {
	whole, key := sha256.Sum256(c.Raw), sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return schema.RecordOf(connectors.SignerType, schema.Text(c.Subject.String()), schema.Text(c.Issuer.String()),
		schema.Text(hex.EncodeToString(whole[:])), schema.Text(keyPrefix+hex.EncodeToString(key[:])))
}
