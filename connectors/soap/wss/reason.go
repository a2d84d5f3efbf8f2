package wss

// Reason is why a message was refused or could not be signed: a fixed word for logs, metrics and tests.
type Reason string

// The reasons. Each one's sentence, which says what was expected, is in the table below.
const (
	NotXML             Reason = "not-xml"
	NotEnvelope        Reason = "not-envelope"
	NoSecurity         Reason = "no-security"
	ManySecurity       Reason = "many-security"
	NoSignature        Reason = "no-signature"
	ManySignatures     Reason = "many-signatures"
	SignatureForm      Reason = "signature-form"
	AlgorithmRefused   Reason = "algorithm"
	TransformRefused   Reason = "transform"
	ReferenceForeign   Reason = "reference-foreign"
	ReferenceTwice     Reason = "reference-twice"
	IdentifierTwice    Reason = "identifier-twice"
	PartMissing        Reason = "part-missing"
	PartTwice          Reason = "part-twice"
	PartUnsigned       Reason = "part-unsigned"
	DigestWrong        Reason = "digest"
	SignatureWrong     Reason = "signature"
	TokenForm          Reason = "token-form"
	TokenUnknown       Reason = "token-unknown"
	CertificateDates   Reason = "certificate-dates"
	CertificateUsage   Reason = "certificate-usage"
	CertificateWeak    Reason = "certificate-weak"
	CertificateTrust   Reason = "certificate-trust"
	CertificateRevoked Reason = "certificate-revoked"
	CertificateUnnamed Reason = "certificate-unnamed"
	RevocationUnknown  Reason = "revocation-unknown"
	TimestampForm      Reason = "timestamp-form"
	TimestampFuture    Reason = "timestamp-future"
	TimestampOld       Reason = "timestamp-old"
	TimestampExpired   Reason = "timestamp-expired"
	Replayed           Reason = "replayed"
	ReplaysFull        Reason = "replays-full"
	AddressForeign     Reason = "address-foreign"
	ReplyElsewhere     Reason = "reply-elsewhere"
	ReplyUnrelated     Reason = "reply-unrelated"
	AddressingThere    Reason = "addressing-there"
	SignedAlready      Reason = "signed-already"
	KeyUnfit           Reason = "key-unfit"
	ClockMissing       Reason = "clock-missing"
)

// Faults of WS-Security 1.1, section 12: local names in the namespace of wsse.
const (
	failedCheck        = "FailedCheck"
	invalidSecurity    = "InvalidSecurity"
	invalidToken       = "InvalidSecurityToken"
	unsupportedAlgo    = "UnsupportedAlgorithm"
	tokenNotRetrieved  = "SecurityTokenUnavailable"
	messageExpired     = "MessageExpired"
	failedAuthenticate = "FailedAuthentication"
)

// reasons holds for each reason its sentence and the fault that a caller gets.
var reasons = map[Reason]struct{ text, fault string }{
	NotXML:         {"the message is not well formed XML, or has a document type; a SOAP envelope is expected", invalidSecurity},
	NotEnvelope:    {"a SOAP 1.1 or 1.2 Envelope with at most one Header, first, and one Body, last, is expected", invalidSecurity},
	NoSecurity:     {"no wsse:Security header is for us; the caller must sign", invalidSecurity},
	ManySecurity:   {"more than one wsse:Security header is for us; exactly one is expected", invalidSecurity},
	NoSignature:    {"the wsse:Security header holds no ds:Signature", invalidSecurity},
	ManySignatures: {"the wsse:Security header holds more than one ds:Signature; exactly one is expected", invalidSecurity},
	SignatureForm:  {"ds:Signature is not SignedInfo, SignatureValue, KeyInfo with references by #identifier", invalidSecurity},
	AlgorithmRefused: {"an algorithm is not allowed; by default SHA-256 or longer with RSA or ECDSA, and exclusive canonicalization " +
		"without comments, are", unsupportedAlgo},
	TransformRefused: {"a reference must have exactly one transform, exclusive canonicalization without comments", unsupportedAlgo},
	ReferenceForeign: {"a reference points at something else than the Body, a header, or what the wsse:Security header holds", failedCheck},
	ReferenceTwice:   {"two references point at the same part", failedCheck},
	IdentifierTwice:  {"an identifier stands twice in the message", failedCheck},
	PartMissing:      {"a part that must be signed is not in the message", failedCheck},
	PartTwice:        {"a part that may stand once stands twice", failedCheck},
	PartUnsigned:     {"a part that must be signed is not", failedCheck},
	DigestWrong:      {"a signed part was changed, or canonicalized in another way", failedCheck},
	SignatureWrong:   {"the signature is not the certificate's over ds:SignedInfo", failedCheck},
	TokenForm: {"ds:KeyInfo does not name one X.509 certificate: a BinarySecurityToken of type X509v3, a key identifier or " +
		"X509Data is expected", invalidToken},
	TokenUnknown: {"the certificate that ds:KeyInfo refers to is not among the known ones; add it to the trusted certificates or " +
		"have the token sent", tokenNotRetrieved},
	CertificateDates: {"the certificate is not valid now: it has expired or is not valid yet", invalidToken},
	CertificateUsage: {"the certificate's key usage has neither digitalSignature nor nonRepudiation", invalidToken},
	CertificateWeak: {
		"the certificate's key is too weak: RSA of 2048 bits or more, or ECDSA on P-256, P-384 or P-521 is expected",
		invalidToken,
	},
	CertificateTrust:   {"the certificate is neither trusted itself nor issued by a trusted authority", failedAuthenticate},
	CertificateRevoked: {"the certificate was revoked", failedAuthenticate},
	CertificateUnnamed: {
		"the certificate is issued by a trusted authority, and its subject and key are not among the named signers",
		failedAuthenticate,
	},
	RevocationUnknown: {
		"whether the certificate was revoked is not known: there is no list of its issuer, or it is out of date",
		failedAuthenticate,
	},
	TimestampForm:    {"wsu:Timestamp must hold wsu:Created, then wsu:Expires after it, as dates with their zone", invalidSecurity},
	TimestampFuture:  {"wsu:Created lies in the future; compare the clocks of both sides", messageExpired},
	TimestampOld:     {"wsu:Created lies too far in the past", messageExpired},
	TimestampExpired: {"wsu:Expires is over", messageExpired},
	Replayed:         {"the message was received before", failedCheck},
	ReplaysFull:      {"too many messages are remembered to tell whether this one is new; try again later", failedCheck},
	AddressForeign:   {"wsa:To is not one of our addresses", failedCheck},
	ReplyElsewhere:   {"an answer elsewhere is asked for; only the anonymous address is answered", failedCheck},
	ReplyUnrelated:   {"wsa:RelatesTo is not the identifier of the request", failedCheck},
	AddressingThere:  {"the envelope holds a WS-Addressing header already that was to be written", invalidSecurity},
	SignedAlready:    {"the wsse:Security header holds a ds:Signature already", invalidSecurity},
	KeyUnfit:         {"the key is not the certificate's, or does not fit the algorithm or the form of reference", invalidSecurity},
	ClockMissing:     {"no clock was given: Now is nil", invalidSecurity},
}

// Error is why a message was refused or could not be signed. Part is the element concerned, by its fixed name as in
// "wsa:To", "" if it is none; Err is what a library said, nil if none did. Nothing in it is the message's own text.
type Error struct {
	Reason Reason
	Part   string
	Err    error
}

func (e *Error) Error() string {
	text := "ws-security: " + reasons[e.Reason].text
	if e.Part != "" {
		text += " (" + e.Part + ")"
	}
	return text
}

// Unwrap returns the library's error.
func (e *Error) Unwrap() error { return e.Err }

// Fault returns the local name of the fault that WS-Security has for this reason, in the namespace of wsse (SOAP Message
// Security 1.1, section 12). It is all that a caller should be told.
func (e *Error) Fault() string { return reasons[e.Reason].fault }

func refuse(r Reason, part string) *Error { return &Error{Reason: r, Part: part} }
