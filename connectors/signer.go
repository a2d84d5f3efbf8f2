package connectors

import (
	"context"

	"fondaco/schema"
)

// SignerType is the type of the name signer: who signed the message that a service was sent. The subject may be a person's.
var SignerType = schema.RecordType(
	schema.Field{
		Name: "subject", Type: schema.TypeText.AsPersonal(), Required: true,
		Doc: "The subject of the certificate, as RFC 4514 writes it: CN=Anagrafe,O=Comune di Venezia,C=IT.",
	},
	schema.Field{Name: "issuer", Type: schema.TypeText, Required: true, Doc: "Who issued the certificate, written likewise."},
	schema.Field{
		Name: "fingerprint", Type: schema.TypeText, Required: true,
		Doc: "SHA-256 of the certificate: 64 hexadecimal digits in small letters.",
	},
	schema.Field{
		Name: "key", Type: schema.TypeText, Required: true,
		Doc: "The public key as signers names it: sha256: and the hash of its SubjectPublicKeyInfo. It stays when a certificate is renewed " +
			"with its key.",
	},
)

// signerKey is where a context holds who signed a request.
type signerKey struct{}

// WithSigner returns a context for the answer of a request that signer, a value of SignerType, has signed. A protocol calls
// it once the signature is verified, and not before.
func WithSigner(ctx context.Context, signer schema.Value) context.Context {
	return context.WithValue(ctx, signerKey{}, signer)
}

// SignerOf returns who signed the request that is being answered; false where no signature was verified.
func SignerOf(ctx context.Context) (schema.Value, bool) {
	v, ok := ctx.Value(signerKey{}).(schema.Value)
	return v, ok
}
