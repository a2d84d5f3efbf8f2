package wss

import (
	"crypto"
	"crypto/rand"
	_ "crypto/sha1"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

const all = IDAuthSOAP02 | IntegritySOAP01

// theirs is a good message as it is sent, in its pieces.
func theirs(t testing.TB, us *party) string {
	return string(request(t, us.signer(), messages["1.2"], all))
}

func (p *party) provider() *Verifier {
	v := p.verifier()
	v.To, v.Replays = []string{address}, &Replays{}
	return v
}

var (
	signedBody  = regexp.MustCompile(`(?s)<soap:Body.*</soap:Body>`)
	stampThere  = regexp.MustCompile(`(?s)<wsu:Timestamp.*</wsu:Timestamp>`)
	toThere     = regexp.MustCompile(`(?s)<wsa:To.*</wsa:To>`)
	replyThere  = regexp.MustCompile(`(?s)<wsa:ReplyTo.*</wsa:ReplyTo>`)
	tokenThere  = regexp.MustCompile(`(?s)<wsse:BinarySecurityToken.*</wsse:BinarySecurityToken>`)
	sigThere    = regexp.MustCompile(`(?s)<ds:Signature .*</ds:Signature>`)
	infoThere   = regexp.MustCompile(`(?s)<ds:SignedInfo.*</ds:SignedInfo>`)
	valueThere  = regexp.MustCompile(`<ds:SignatureValue>[^<]*`)
	idThere     = regexp.MustCompile(`wsu:Id="([^"]*)"`)
	digestThere = regexp.MustCompile(`<ds:DigestValue>[^<]*`)
)

// put replaces what matches, once, and fails if nothing does.
func put(t testing.TB, message string, what *regexp.Regexp, with string) string {
	t.Helper()
	old := what.FindString(message)
	if old == "" || old == with {
		t.Fatalf("%s is not in the message", what)
	}
	return strings.Replace(message, old, with, 1)
}

func swap(t testing.TB, message, old, with string) string {
	t.Helper()
	return put(t, message, regexp.MustCompile(regexp.QuoteMeta(old)), with)
}

// Row X20: signature wrapping. The signed Body is kept somewhere, whole, and another one stands where it is read.
func TestWrapping(t *testing.T) {
	us := somebody(t, "rsa")
	good := theirs(t, us)
	body := signedBody.FindString(good)
	id := idThere.FindStringSubmatch(body)[1]
	evil := func(attr string) string {
		return `<soap:Body` + attr + `><ns2:sayHi xmlns:ns2="urn:m"><arg0>EVIL</arg0></ns2:sayHi></soap:Body>`
	}
	other, same := ` xmlns:wsu="`+wsuSpace+`" wsu:Id="evil"`, ` xmlns:wsu="`+wsuSpace+`" wsu:Id="`+id+`"`
	inHeader := func(what, bodyNow string) string {
		return swap(t, swap(t, good, body, bodyNow), "</soap:Header>", what+"</soap:Header>")
	}
	wrapped := `<w:wrapper xmlns:w="urn:w" soap:mustUnderstand="0">` + body + `</w:wrapper>`
	stamp, to := stampThere.FindString(good), toThere.FindString(good)
	stampID, toID := idThere.FindStringSubmatch(stamp)[1], idThere.FindStringSubmatch(to)[1]
	later := strings.ReplaceAll(stamp, "2026-11-23T12:0", "2026-11-23T12:1")
	for name, c := range map[string]struct {
		message string
		want    Reason
	}{
		"1 in a header's wrapper, another identifier": {inHeader(wrapped, evil(other)), ReferenceForeign},
		"2 in a header's wrapper, the same one":       {inHeader(wrapped, evil(same)), IdentifierTwice},
		"3 in a header's wrapper, none":               {inHeader(wrapped, evil("")), ReferenceForeign},
		"4 beside, before":                            {swap(t, good, body, body+evil(other)), NotEnvelope},
		"4 beside, after":                             {swap(t, good, body, evil(other)+body), NotEnvelope},
		"5 within the other Body": {
			swap(t, good, body, strings.Replace(evil(other), "<ns2:sayHi", body+"<ns2:sayHi", 1)),
			ReferenceForeign,
		},
		"6 in ds:Object": {swap(t, swap(t, good, body, evil(other)), "</ds:Signature>", "<ds:Object>"+body+
			"</ds:Object></ds:Signature>"), SignatureForm},
		"7 in the Security header": {
			swap(t, swap(t, good, body, evil(other)), "</wsse:Security>", wrapped+"</wsse:Security>"),
			ReferenceForeign,
		},
		"7 directly in it": {
			swap(t, swap(t, good, body, evil(other)), "</wsse:Security>", body+"</wsse:Security>"),
			ReferenceForeign,
		},
		"8 as a header":                {inHeader(body, evil(other)), ReferenceForeign},
		"8 as a header, no identifier": {inHeader(body, evil("")), ReferenceForeign},
		"identifier without namespace": {inHeader(wrapped, evil(` Id="`+id+`"`)), IdentifierTwice},
		"identifier of xml":            {inHeader(wrapped, evil(` xml:id="`+id+`"`)), IdentifierTwice},
		"identifier in another case":   {inHeader(wrapped, evil(` ID="`+id+`"`)), IdentifierTwice},
		"identifier of nothing signed twice": {
			inHeader(strings.Repeat(`<w xmlns:wsu="`+wsuSpace+`" wsu:Id="free"/>`, 2), body+" "),
			IdentifierTwice,
		},
		"whole envelope within": {`<soap:Envelope xmlns:soap="` + soap12 + `"><soap:Header/>` +
			strings.Replace(evil(other), "</soap:Body>", good+"</soap:Body>", 1) + `</soap:Envelope>`, NoSecurity},
		"header of the envelope within": {`<soap:Envelope xmlns:soap="` + soap12 + `"><soap:Header>` +
			regexp.MustCompile(`(?s)<wsse:Security.*</wsse:Security>`).FindString(good) + `<w>` + to + good + `</w></soap:Header>` +
			evil(other) + `</soap:Envelope>`, IdentifierTwice},
		"timestamp wrapped": {
			swap(t, good, stamp, strings.Replace(later, stampID, "evil", 1)+"<w>"+stamp+"</w>"),
			ReferenceForeign,
		},
		"timestamp twice":       {swap(t, good, stamp, strings.Replace(later, stampID, "evil", 1)+stamp), PartTwice},
		"timestamp as a header": {swap(t, good, "</soap:Header>", stamp+"</soap:Header>"), IdentifierTwice},
		"address wrapped": {
			swap(t, good, to, `<wsa:To xmlns:wsa="`+wsaSpace+`">`+address+`</wsa:To><w>`+to+"</w>"),
			ReferenceForeign,
		},
		"address twice":             {swap(t, good, to, `<wsa:To xmlns:wsa="`+wsaSpace+`">urn:evil</wsa:To>`+to), PartTwice},
		"address of 2004 too":       {swap(t, good, to, `<wsa:To xmlns:wsa="`+wsaSpace04+`">urn:evil</wsa:To>`+to), PartTwice},
		"address in another header": {swap(t, good, to, `<wsa:From xmlns:wsa="`+wsaSpace+`">`+to+`</wsa:From>`), ReferenceForeign},
		"reply moved to where it is none": {swap(t, put(t, good, replyThere, ""), "</wsse:Security>", replyThere.FindString(good)+
			"</wsse:Security>"), ReferenceForeign},
		"identifier of the address": {strings.ReplaceAll(good, `"#`+toID+`"`, `"#`+stampID+`"`), ReferenceTwice},
		"security twice": {
			swap(t, good, "</soap:Header>", `<wsse:Security xmlns:wsse="`+wsseSpace+`"/></soap:Header>`),
			ManySecurity,
		},
		"two signatures": {
			swap(t, good, sigThere.FindString(good), strings.Repeat(sigThere.FindString(good), 2)),
			ManySignatures,
		},
		"no signature": {put(t, good, sigThere, ""), NoSignature},
		"signature outside the header": {
			swap(t, put(t, good, sigThere, ""), "</soap:Header>", sigThere.FindString(good)+"</soap:Header>"),
			NoSignature,
		},
		"signature in the Body": {
			swap(t, put(t, good, sigThere, ""), "</soap:Body>", sigThere.FindString(good)+"</soap:Body>"),
			NoSignature,
		},
		"security for somebody else":     {swap(t, good, `soap:mustUnderstand="1"`, `soap:role="urn:x"`), NoSecurity},
		"comment in the value":           {swap(t, good, ">OK<", ">O<!-- -->KO<"), DigestWrong},
		"processing instruction for one": {swap(t, good, ">OK<", ">O<?p?>KO<"), DigestWrong},
		"body changed":                   {swap(t, good, ">OK<", ">KO<"), DigestWrong},
		"timestamp changed":              {swap(t, good, stamp, later), DigestWrong},
		"address changed":                {swap(t, good, address+"</", "https://evil.example</"), DigestWrong},
		"prefix made another's":          {swap(t, good, `xmlns:ns2="urn:m"`, `xmlns:ns2="urn:n"`), DigestWrong},
		"digest changed":                 {put(t, good, digestThere, "<ds:DigestValue>AAAA"), SignatureWrong},
		"signature changed":              {put(t, good, valueThere, "<ds:SignatureValue>AAAA"), SignatureWrong},
		"signature empty":                {put(t, good, valueThere, "<ds:SignatureValue>"), SignatureWrong},
		"signature no base64":            {put(t, good, valueThere, "<ds:SignatureValue>?"), SignatureForm},
		"token changed":                  {put(t, good, tokenThere, strings.Replace(tokenThere.FindString(good), ">MII", ">MIJ", 1)), TokenForm},
		"token by another's identifier":  {put(t, good, regexp.MustCompile(`URI="#X509[^"]*`), `URI="#`+stampID), TokenForm},
		"token gone":                     {put(t, good, tokenThere, ""), TokenForm},
		"token of another type":          {swap(t, good, "#X509v3\" wsu:Id", "#X509PKIPathv1\" wsu:Id"), TokenForm},
		"token elsewhere": {
			swap(t, put(t, good, tokenThere, ""), "</soap:Header>", tokenThere.FindString(good)+"</soap:Header>"),
			TokenForm,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := us.provider().VerifyRequest([]byte(c.message), all)
			reason(t, err, c.want)
			if err != nil && (strings.Contains(err.Error(), "EVIL") || strings.Contains(err.Error(), address)) {
				t.Errorf("the refusal discloses what the message held: %v", err)
			}
		})
	}
	if _, err := us.provider().VerifyRequest([]byte(good), all); err != nil {
		t.Error("the good one:", err)
	}
}

// resign changes ds:SignedInfo and signs it anew with the right key: what is refused is not the signature.
func resign(t testing.TB, p *party, message string, hash crypto.Hash, change func(info string) string) string {
	t.Helper()
	info := infoThere.FindString(message)
	message = swap(t, message, info, change(info))
	e, err := open([]byte(message), "")
	if err != nil {
		t.Fatal(err)
	}
	sig, _ := e.security.child(dsSpace, "Signature")
	at, _ := sig.child(dsSpace, "SignedInfo")
	value, err := p.key.Sign(rand.Reader, sum(hash, canonical(nil, at, nil)), hash)
	if err != nil {
		t.Fatal(err)
	}
	return put(t, message, valueThere, "<ds:SignatureValue>"+base64.StdEncoding.EncodeToString(value))
}

// Row X21: what a signature must not be, each signed by the right key.
func TestSignatureForms(t *testing.T) {
	us := somebody(t, "rsa")
	good := theirs(t, us)
	change := func(old, with string) func(string) string {
		return func(info string) string { return swap(t, info, old, with) }
	}
	const (
		transforms = `<ds:Transforms><ds:Transform Algorithm="` + exclusive + `">`
		method     = `<ds:SignatureMethod Algorithm="` + string(RSASHA256) + `">`
	)
	reference := regexp.MustCompile(`(?s)<ds:Reference URI="#TS.*?</ds:Reference>`).FindString(good)
	for name, c := range map[string]struct {
		hash   crypto.Hash
		change func(string) string
		want   Reason
	}{
		"as it was": {crypto.SHA256, func(s string) string { return strings.Replace(s, "<ds:Sign", " <ds:Sign", 2) }, ""},
		"SHA-1":     {crypto.SHA1, change(string(RSASHA256), dsSpace+"rsa-sha1"), AlgorithmRefused},
		"MD5":       {crypto.SHA256, change(string(RSASHA256), "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"), AlgorithmRefused},
		"HMAC":      {crypto.SHA256, change(string(RSASHA256), "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"), AlgorithmRefused},
		"HMAC-SHA1 of no length": {crypto.SHA256, change(method, `<ds:SignatureMethod Algorithm="`+dsSpace+
			`hmac-sha1"><ds:HMACOutputLength>0</ds:HMACOutputLength>`), AlgorithmRefused},
		"truncated":            {crypto.SHA256, change(method, method+`<ds:HMACOutputLength>8</ds:HMACOutputLength>`), AlgorithmRefused},
		"ECDSA with RSA's key": {crypto.SHA256, change(string(RSASHA256), string(ECDSASHA256)), AlgorithmRefused},
		"no method":            {crypto.SHA256, change(string(RSASHA256), ""), AlgorithmRefused},
		"digest SHA-1":         {crypto.SHA256, change(sha256URI, dsSpace+"sha1"), AlgorithmRefused},
		"digest MD5":           {crypto.SHA256, change(sha256URI, "http://www.w3.org/2001/04/xmldsig-more#md5"), AlgorithmRefused},
		"inclusive":            {crypto.SHA256, change(exclusive, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"), AlgorithmRefused},
		"with comments":        {crypto.SHA256, change(exclusive, exclusive+"WithComments"), AlgorithmRefused},
		"XSLT": {crypto.SHA256, change(transforms, transforms+
			`</ds:Transform><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"></x:stylesheet>`), TransformRefused},
		"XSLT alone": {crypto.SHA256, change(transforms,
			`<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">`), TransformRefused},
		"XPath": {crypto.SHA256, change(transforms,
			`<ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>true()</ds:XPath></ds:Transform>`+
				transforms[len("<ds:Transforms>"):]), TransformRefused},
		"enveloped": {crypto.SHA256, change(transforms, `<ds:Transforms><ds:Transform Algorithm="`+dsSpace+
			`enveloped-signature"></ds:Transform>`+transforms[len("<ds:Transforms>"):]), TransformRefused},
		"base64": {
			crypto.SHA256, change(transforms, `<ds:Transforms><ds:Transform Algorithm="`+dsSpace+`base64">`),
			TransformRefused,
		},
		"token by STR-Transform": {crypto.SHA256, change(transforms,
			`<ds:Transforms><ds:Transform Algorithm="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform">`), TransformRefused},
		"twice canonical": {
			crypto.SHA256, change(transforms, transforms+`</ds:Transform><ds:Transform Algorithm="`+exclusive+`">`),
			TransformRefused,
		},
		"no transforms": {crypto.SHA256, change(transforms+`</ds:Transform></ds:Transforms>`, ""), TransformRefused},
		"no reference": {crypto.SHA256, func(s string) string {
			return regexp.MustCompile(`(?s)<ds:Reference.*</ds:Reference>`).ReplaceAllString(s, "")
		}, SignatureForm},
		"timestamp not signed": {crypto.SHA256, change(reference, ""), PartUnsigned},
		"timestamp twice":      {crypto.SHA256, change(reference, reference+reference), ReferenceTwice},
		"the whole document":   {crypto.SHA256, change(`URI="#TS`, `URI="" x="`), SignatureForm},
		"an XPointer":          {crypto.SHA256, change(`URI="#TS`, `URI="#xpointer(id('TS')) `), SignatureForm},
		"a file":               {crypto.SHA256, change(`URI="#TS`, `URI="file:///etc/passwd#TS`), SignatureForm},
		"the net":              {crypto.SHA256, change(`URI="#TS`, `URI="http://169.254.169.254/#TS`), SignatureForm},
		"no such identifier":   {crypto.SHA256, change(`URI="#TS`, `URI="#XX`), ReferenceForeign},
		"text between":         {crypto.SHA256, change("</ds:SignedInfo>", "x</ds:SignedInfo>"), SignatureForm},
		"a hundred references": {crypto.SHA256, change("</ds:SignedInfo>", strings.Repeat(reference, 100)+"</ds:SignedInfo>"), SignatureForm},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := us.provider().VerifyRequest([]byte(resign(t, us, good, c.hash, c.change)), all)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			reason(t, err, c.want)
		})
	}
}
