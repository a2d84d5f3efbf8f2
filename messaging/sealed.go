package messaging

import (
	"context"
	"errors"
)

// OpenSealed reads what a broker keeps encrypted of a message: all of its headers, and the body. ErrErased if nobody can any more; a
// *Flaw if it is damaged for good. Every other error may pass.
type OpenSealed func(ctx context.Context) (headers []Attribute, body []byte, err error)

// ErrErased reports that a message can be read by nobody: the person was erased whose it is.
var ErrErased = errors.New("the person was erased whose message it is")

// sealedFlaw is that of a message that nobody has opened.
var sealedFlaw = Flaw{Reason: Corrupt, Detail: "it is encrypted, and was not opened"}

// opened is Received of a message that its broker may keep encrypted. With an error there is what its broker keeps readable beside it.
func opened(ctx context.Context, e *Envelope) (Message, *Flaw, error) {
	c, ours := e.Context().Value(controlKey{}).(*control)
	if !ours || c.open == nil {
		m, flaw := Received(e)
		return m, flaw, nil
	}
	headers, body, err := c.open(ctx)
	var flaw *Flaw
	switch {
	case errors.As(err, &flaw):
		c.flaw = flaw
	case err != nil:
		m, _ := Received(e)
		return m, nil, err
	default:
		place := c.message.Place
		c.message, c.flaw = Read(headers, body, c.arrived)
		c.message.Place = place
		e.ID = c.message.ID
	}
	c.open = nil
	m, flaw := Received(e)
	return m, flaw, nil
}
