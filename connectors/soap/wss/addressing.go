package wss

import (
	"crypto/rand"
	"fmt"

	"fondaco/transform/codec"
)

// The addresses that stand for the connection the request came by, and for nobody.
const (
	anonymous   = wsaSpace + "/anonymous"
	anonymous04 = wsaSpace04 + "/role/anonymous"
	none        = wsaSpace + "/none"
)

// Anonymous is the address to which the answer goes back on the same connection.
const Anonymous = anonymous

// Addressing is what the headers of WS-Addressing say. "" is a header that is not there; of ReplyTo, FaultTo and From it
// is the Address.
type Addressing struct {
	To, Action, MessageID, RelatesTo string
	ReplyTo, FaultTo, From           string
}

// NewMessageID returns a new identifier, a urn:uuid of version 4.
func NewMessageID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Add returns a copy of an envelope with the headers of WS-Addressing 1.0 that a has. It must hold none of them yet. The
// error is an *Error.
func (a Addressing) Add(message []byte) ([]byte, error) {
	e, err := open(message, "")
	if err != nil {
		return nil, err
	}
	text := []byte{}
	for _, h := range a.headers() {
		switch {
		case *h.value == "":
			continue
		case e.parts[h.part] != nil:
			return nil, refuse(AddressingThere, h.part.String())
		case !codec.XMLTextOK(*h.value):
			return nil, refuse(NotXML, h.part.String())
		}
		text = append(text, "<wsa:"+h.local+` xmlns:wsa="`+wsaSpace+`">`...)
		if h.endpoint {
			text = append(text, "<wsa:Address>"...)
		}
		text = codec.AppendXMLText(text, *h.value)
		if h.endpoint {
			text = append(text, "</wsa:Address>"...)
		}
		text = append(text, "</wsa:"+h.local+">"...)
	}
	changes := splices{}
	changes.header(e, string(text))
	return changes.apply(message), nil
}

// header is a header of WS-Addressing and its place in Addressing.
type header struct {
	part     Parts
	local    string
	endpoint bool
	value    *string
}

func (a *Addressing) headers() []header {
	return []header{
		{Action, "Action", false, &a.Action},
		{MessageID, "MessageID", false, &a.MessageID},
		{RelatesTo, "RelatesTo", false, &a.RelatesTo},
		{To, "To", false, &a.To},
		{From, "From", true, &a.From},
		{ReplyTo, "ReplyTo", true, &a.ReplyTo},
		{FaultTo, "FaultTo", true, &a.FaultTo},
	}
}

// ReadAddressing reads the headers of WS-Addressing 1.0, or of August 2004, whether they are signed or not. What is
// signed is in Verified. The error is an *Error.
func ReadAddressing(message []byte) (Addressing, error) {
	e, err := open(message, "")
	if err != nil {
		return Addressing{}, err
	}
	return e.readAddressing(^Parts(0))
}

func (e *envelope) readAddressing(of Parts) (a Addressing, err error) {
	for _, h := range a.headers() {
		n := e.parts[h.part]
		if n == nil || of&h.part == 0 {
			continue
		}
		if h.endpoint {
			address, count := n.child(n.space, "Address")
			if count != 1 {
				return Addressing{}, refuse(PartTwice, h.part.String())
			}
			n = address
		}
		text, ok := n.content()
		if !ok || text == "" {
			return Addressing{}, refuse(PartMissing, h.part.String())
		}
		*h.value = text
	}
	return a, nil
}

// AnswersHere refuses a request that wants its answer or faults sent elsewhere: whoever follows such an address can be
// made to call anything (row X23). What is not told means the same connection (WS-Addressing 1.0, Core 3.4).
func (a Addressing) AnswersHere() error {
	for part, address := range map[Parts]string{ReplyTo: a.ReplyTo, FaultTo: a.FaultTo} {
		switch address {
		case "", anonymous, anonymous04, none:
		default:
			return refuse(ReplyElsewhere, part.String())
		}
	}
	return nil
}

// Answers refuses an answer that is not to the request of that identifier.
func (a Addressing) Answers(messageID string) error {
	if messageID == "" || a.RelatesTo != messageID {
		return refuse(ReplyUnrelated, "wsa:RelatesTo")
	}
	return nil
}
