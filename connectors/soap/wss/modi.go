package wss

// Pattern is a security pattern of ModI for SOAP, or several.
type Pattern uint8

// The patterns (Linee Guida sull'interoperabilità tecnica, Pattern di sicurezza). INTEGRITY_SOAP_01 extends either of
// the others: without one of them it stands on ID_AUTH_SOAP_01.
const (
	IDAuthSOAP01    Pattern = 1 << iota // X.509 signature over wsu:Timestamp and wsa:To
	IDAuthSOAP02                        // and over wsa:MessageID, which is taken once
	IntegritySOAP01                     // and over soap:Body
)

// Request returns the parts of a request that the pattern has signed.
func (p Pattern) Request() Parts { return p.parts(To) }

// Answer returns the parts of an answer that are signed where the provider uses the pattern too ("specularmente", steps'
// notes): it is tied to its request by wsa:RelatesTo.
func (p Pattern) Answer() Parts { return p.parts(RelatesTo) }

func (p Pattern) parts(addressed Parts) Parts {
	parts := Timestamp | addressed
	if p&IDAuthSOAP02 != 0 {
		parts |= MessageID
	}
	if p&IntegritySOAP01 != 0 {
		parts |= Body
	}
	return parts
}

// SignRequest returns a copy of a finished envelope with WS-Addressing's headers and the signature that the pattern
// demands, and the request's identifier. All of WS-Addressing's headers are signed, also those that it leaves free. to is the
// provider's address, action the operation's; the answer is asked for
// on the same connection. Every attempt must be signed anew: identifiers are taken once.
func (s *Signer) SignRequest(message []byte, p Pattern, to, action string) (signed []byte, messageID string, err error) {
	a := Addressing{To: to, Action: action, MessageID: NewMessageID(), ReplyTo: Anonymous}
	signed, err = s.addressed(message, a, p.Request()|Action|MessageID|ReplyTo)
	return signed, a.MessageID, err
}

// SignAnswer does for an answer what SignRequest does for a request; messageID is the request's.
func (s *Signer) SignAnswer(message []byte, p Pattern, action, messageID string) ([]byte, error) {
	a := Addressing{To: Anonymous, Action: action, MessageID: NewMessageID(), RelatesTo: messageID}
	return s.addressed(message, a, p.Answer()|To|Action|MessageID)
}

func (s *Signer) addressed(message []byte, a Addressing, parts Parts) ([]byte, error) {
	message, err := a.Add(message)
	if err != nil {
		return nil, err
	}
	return s.Sign(message, SignOptions{Parts: parts})
}

// VerifyRequest verifies a request by a pattern (steps B of each): dates, wsa:To against v.To, the signature and its
// certificate, and for ID_AUTH_SOAP_02 that the identifier is new, for which v.Replays must be there. An answer
// elsewhere is refused.
func (v *Verifier) VerifyRequest(message []byte, p Pattern) (*Verified, error) {
	once, err := v.once(p)
	if err != nil {
		return nil, err
	}
	if len(v.To) == 0 {
		return nil, refuse(AddressForeign, "the service's own address is not known")
	}
	once.here = true
	return once.Verify(message, p.Request())
}

// VerifyAnswer verifies an answer by a pattern, and that it is to the request of that identifier.
func (v *Verifier) VerifyAnswer(message []byte, p Pattern, messageID string) (*Verified, error) {
	once, err := v.once(p)
	if err != nil {
		return nil, err
	}
	once.To = nil // it came by the connection that we opened
	out, err := once.Verify(message, p.Answer())
	if err != nil {
		return nil, err
	}
	if err := out.Addressing.Answers(messageID); err != nil {
		return nil, err
	}
	return out, nil
}

// once returns the verifier with the memory that the pattern needs: with ID_AUTH_SOAP_02 one must be there.
func (v *Verifier) once(p Pattern) (*Verifier, error) {
	if p&IDAuthSOAP02 != 0 && v.Replays == nil {
		return nil, refuse(ReplaysFull, "no memory was given")
	}
	own := *v
	if p&IDAuthSOAP02 == 0 { // ID_AUTH_SOAP_01 lets the same message be sent again
		own.Replays = nil
	}
	return &own, nil
}
