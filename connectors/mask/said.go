package mask

import (
	"context"
	"strings"
	"sync"

	"fondaco/connectors"
	"fondaco/schema"
)

// maxSaid is how many bytes of what a system says of a failure reach a log.
const maxSaid = 500

// Of returns what makes the masks of a system, which know its secrets: the connector is looked through once. Safe for concurrent use.
func Of(s *connectors.System) func() *Mask {
	first := sync.OnceValue(func() *Mask {
		m := New(s.Connector, true)
		for _, p := range s.Connector.Params {
			if text, secret, err := s.Param(p.Name); err == nil && secret {
				m.Secret(text)
			}
		}
		return m
	})
	return func() *Mask { return first().Fork() }
}

// Said returns the body of an answer for logs: in one line of at most 500 bytes, without secrets, and without personal data of the
// connector or of what was sent. "" is returned for a body that is too large to be looked through.
func (m *Mask) Said(ctx context.Context, o *connectors.Operation, in schema.Value, media string, body []byte) string {
	if len(body) == 0 || len(body) > MaxBody {
		return ""
	}
	m.Value(in, o.Wired())
	if token, ok := connectors.CallerTokenOf(ctx); ok {
		m.Secret(token.Secret())
	}
	text := strings.Join(strings.Fields(m.Body(media, body)), " ")
	if _, inside, enveloped := strings.Cut(text, "Body> "); enveloped { // of an envelope of SOAP the beginning says nothing
		text, _, _ = strings.Cut(inside, "Body>")
		text = strings.TrimSpace(text[:max(0, strings.LastIndex(text, "</"))])
	}
	if len(text) > maxSaid {
		text = strings.ToValidUTF8(text[:maxSaid], "") + "..."
	}
	return text
}
