package wss

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // the digests that may be used
	_ "crypto/sha512"
	"encoding/asn1"
	"math/big"
)

// Algorithm is a signature algorithm of XML Signature, by its URI (RFC 9231).
type Algorithm string

// The algorithms that are known. SHA-1, MD5 and HMAC are not among them, so nothing can allow them.
const (
	RSASHA256   Algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	RSASHA384   Algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
	RSASHA512   Algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
	ECDSASHA256 Algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	ECDSASHA384 Algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
	ECDSASHA512 Algorithm = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
)

var algorithms = map[Algorithm]struct {
	hash     crypto.Hash
	elliptic bool
}{
	RSASHA256:   {crypto.SHA256, false},
	RSASHA384:   {crypto.SHA384, false},
	RSASHA512:   {crypto.SHA512, false},
	ECDSASHA256: {crypto.SHA256, true},
	ECDSASHA384: {crypto.SHA384, true},
	ECDSASHA512: {crypto.SHA512, true},
}

const sha256URI = "http://www.w3.org/2001/04/xmlenc#sha256"

// digests are the algorithms of ds:DigestMethod.
var digests = map[string]crypto.Hash{
	sha256URI: crypto.SHA256,
	"http://www.w3.org/2001/04/xmldsig-more#sha384": crypto.SHA384,
	"http://www.w3.org/2001/04/xmlenc#sha512":       crypto.SHA512,
}

func sum(h crypto.Hash, b []byte) []byte {
	d := h.New()
	_, _ = d.Write(b)
	return d.Sum(nil)
}

// sign makes the bytes of ds:SignatureValue.
func (a Algorithm) sign(key crypto.Signer, signed []byte) ([]byte, error) {
	with := algorithms[a]
	value, err := key.Sign(rand.Reader, sum(with.hash, signed), with.hash)
	if err != nil {
		return nil, &Error{Reason: KeyUnfit, Err: err}
	}
	public, ok := key.Public().(*ecdsa.PublicKey)
	if !ok {
		return value, nil
	}
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(value, &rs); err != nil {
		return nil, &Error{Reason: KeyUnfit, Err: err}
	}
	size := (public.Curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*size) // r and s, each as long as the curve's order (RFC 9231, 2.3.6)
	rs.R.FillBytes(out[:size])
	rs.S.FillBytes(out[size:])
	return out, nil
}

// verify reports whether value is the signature that the key's owner made.
func (a Algorithm) verify(key any, signed, value []byte) bool {
	with := algorithms[a]
	digest := sum(with.hash, signed)
	switch key := key.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, with.hash, digest, value) == nil
	case *ecdsa.PublicKey:
		size := (key.Curve.Params().BitSize + 7) / 8
		if len(value) != 2*size {
			return false
		}
		der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:size]), new(big.Int).SetBytes(value[size:])})
		return err == nil && ecdsa.VerifyASN1(key, digest, der)
	}
	return false
}

// fits reports whether the algorithm is for this kind of key.
func (a Algorithm) fits(key any) bool {
	with, known := algorithms[a]
	switch key.(type) {
	case *rsa.PublicKey:
		return known && !with.elliptic
	case *ecdsa.PublicKey:
		return known && with.elliptic
	}
	return false
}

// strong reports whether a key is of a kind and size that is good today (BSI TR-02102-1, NIST SP 800-131A).
func strong(key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= 2048 && key.N.BitLen() <= 8192
	case *ecdsa.PublicKey:
		return key.Curve == elliptic.P256() || key.Curve == elliptic.P384() || key.Curve == elliptic.P521()
	}
	return false
}
