package funcs

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // old systems ask for it; nothing is protected by it
	"crypto/sha1" //nolint:gosec // old systems ask for it; nothing is protected by it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"net/url"
	"unicode/utf8"

	"fondaco/schema"
)

var octets = of("x", schema.KindText, schema.KindBytes)

// bytesOf returns the octets of bytes, or a text's UTF-8.
func bytesOf(v schema.Value) []byte {
	if v.Kind() == schema.KindBytes {
		return schema.Octets(v)
	}
	return []byte(v.Str())
}

func digest(name, doc, result string, sum func([]byte) []byte) *Function {
	return &Function{
		Name: name, Group: "codes", Doc: doc, Example: name + `("abc")`, Result: result, Params: []Param{octets}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			return schema.Text(hex.EncodeToString(sum(bytesOf(a[0])))), nil
		},
	}
}

// macHashes are the hashes that hmac knows.
var macHashes = map[string]func() hash.Hash{"SHA-1": sha1.New, "SHA-256": sha256.New, "SHA-384": sha512.New384, "SHA-512": sha512.New}

var codes = []*Function{
	{
		Name: "base64", Group: "codes", Doc: "In base64 (RFC 4648 §4), of a text's UTF-8 or of octets.", Example: `base64("abc")`,
		Result: `"YWJj"`, Params: []Param{octets}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			return schema.Text(base64.StdEncoding.EncodeToString(bytesOf(a[0]))), nil
		},
	},
	{
		Refuses: true,
		Name:    "bytes", Group: "codes", Doc: "Octets from base64.", Example: `bytes("YWJj")`, Result: `"YWJj"`, Params: []Param{text("base64")},
		Gives: schema.TypeBytes,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			b, err := base64.StdEncoding.DecodeString(a[0].Str())
			if err != nil {
				return schema.Value{}, errors.New("the text is not base64")
			}
			return schema.Bytes(b), nil
		},
	},
	{
		Refuses: true,
		Name:    "fromBase64Text", Group: "codes", Doc: "The text that base64 holds, as UTF-8; anything else fails.",
		Example: `fromBase64Text("YWJj")`, Result: `"abc"`, Params: []Param{of("x", schema.KindText, schema.KindBytes)}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			b := schema.Octets(a[0])
			if a[0].Kind() != schema.KindBytes {
				var err error
				if b, err = base64.StdEncoding.DecodeString(a[0].Str()); err != nil {
					return schema.Value{}, errors.New("the text is not base64")
				}
			}
			if !utf8.Valid(b) {
				return schema.Value{}, errors.New("it holds no UTF-8")
			}
			return schema.Text(string(b)), nil
		},
	},
	{
		Name: "hex", Group: "codes", Doc: "In hexadecimal digits, of a text's UTF-8 or of octets.", Example: `hex("abc")`, Result: `"616263"`,
		Params: []Param{octets}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			return schema.Text(hex.EncodeToString(bytesOf(a[0]))), nil
		},
	},
	{
		Refuses: true,
		Name:    "fromHex", Group: "codes", Doc: "Octets from hexadecimal digits.", Example: `fromBase64Text(fromHex("616263"))`, Result: `"abc"`,
		Params: []Param{text("digits")}, Gives: schema.TypeBytes,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			b, err := hex.DecodeString(a[0].Str())
			if err != nil {
				return schema.Value{}, errors.New("the text is not hexadecimal digits")
			}
			return schema.Bytes(b), nil
		},
	},
	digest("sha256", "The SHA-256 digest in hexadecimal digits.", `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`,
		func(b []byte) []byte { h := sha256.Sum256(b); return h[:] }),
	digest("sha512", "The SHA-512 digest in hexadecimal digits.",
		`"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"`,
		func(b []byte) []byte { h := sha512.Sum512(b); return h[:] }),
	digest("sha1", "The SHA-1 digest in hexadecimal digits, for systems that ask for it; it protects nothing.",
		`"a9993e364706816aba3e25717850c26c9cd0d89d"`, func(b []byte) []byte { h := sha1.Sum(b); return h[:] }), //nolint:gosec // as it says
	digest("md5", "The MD5 digest in hexadecimal digits, for systems that ask for it; it protects nothing.",
		`"900150983cd24fb0d6963f7d28e17f72"`, func(b []byte) []byte { h := md5.Sum(b); return h[:] }), //nolint:gosec // as it says
	{
		Name: "hmac", Group: "codes", Doc: "A message authentication code (RFC 2104) over a text's UTF-8 or octets, by the hash SHA-256, " +
			"SHA-384, SHA-512 or, for systems that ask for it, SHA-1.",
		Example: `hex(hmac("SHA-256", "Jefe", "what do ya want for nothing?"))`,
		Result:  `"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"`,
		Params:  []Param{hides(text("hash")), hides(of("key", schema.KindText, schema.KindBytes)), octets}, Gives: schema.TypeBytes,
		Bind: func(c []*schema.Value) (Call, error) {
			if c[0] == nil || macHashes[c[0].Str()] == nil {
				return nil, errors.New(`the hash must be one of "SHA-256", "SHA-384", "SHA-512" and "SHA-1"`)
			}
			sum := macHashes[c[0].Str()]
			return func(_ World, a []schema.Value) (schema.Value, error) {
				h := hmac.New(sum, bytesOf(a[1]))
				_, _ = h.Write(bytesOf(a[2]))
				return schema.Bytes(h.Sum(nil)), nil
			}, nil
		},
	},
	{
		Name: "octets", Group: "codes", Doc: "Texts, in UTF-8, and octets, one behind the other.", Example: `hex(octets("ab", fromHex("63")))`,
		Result: `"616263"`,
		Params: []Param{{Name: "x", Of: octets.Of, Many: true}}, Gives: schema.TypeBytes,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			var all []byte
			for _, v := range a {
				all = append(all, bytesOf(v)...)
			}
			return schema.Bytes(all), nil
		},
	},
	{
		Name: "urlEncode", Group: "codes", Doc: "As a value in a URL's query.", Example: `urlEncode("a b&c")`, Result: `"a+b%26c"`,
		Params: []Param{text("s")}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			return schema.Text(url.QueryEscape(a[0].Str())), nil
		},
	},
}
