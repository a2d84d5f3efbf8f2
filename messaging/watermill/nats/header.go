package nats

import (
	"net/url"
	"strings"

	"github.com/ThreeDotsLabs/watermill/message"
	client "github.com/nats-io/nats.go"
)

// ours begins the headers of CloudEvents in a message's metadata, theirs on NATS (CloudEvents' binding for NATS, 3.1.3.1).
const (
	ours   = "ce_"
	theirs = "ce-"
)

// outward returns metadata as it travels: attributes bear the prefix of NATS's binding, and their values are percent-encoded where they
// are no printable ASCII (CloudEvents' binding for NATS, 3.1.3.2), as NATS would cut spaces off.
func outward(in message.Metadata) message.Metadata {
	out := make(message.Metadata, len(in))
	for name, value := range in {
		if rest, ce := strings.CutPrefix(name, ours); ce {
			name = theirs + rest
		}
		out[name] = encoded(value)
	}
	return out
}

// inward returns the metadata of a message's headers. NATS's own headers, and Watermill's, are left out; of a header that stands twice
// the first counts.
func inward(h client.Header) message.Metadata {
	out := make(message.Metadata, len(h))
	for name, values := range h {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "nats-") || strings.HasPrefix(lower, "_watermill") || len(values) == 0 {
			continue
		}
		if rest, ce := strings.CutPrefix(lower, theirs); ce {
			lower = ours + rest
		}
		out[lower] = decoded(values[0])
	}
	return out
}

// encoded percent-encodes what is no printable ASCII, the space, the double quote and the percent sign.
func encoded(s string) string {
	const digits = "0123456789ABCDEF"
	escaped := func(c byte) bool { return c <= ' ' || c > '~' || c == '"' || c == '%' }
	n := 0
	for i := range len(s) {
		if escaped(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	out := make([]byte, 0, len(s)+2*n)
	for i := range len(s) {
		if c := s[i]; escaped(c) {
			out = append(out, '%', digits[c>>4], digits[c&15])
		} else {
			out = append(out, c)
		}
	}
	return string(out)
}

// decoded returns what encoded made of s; a text that is not percent-encoded well is taken as it is.
func decoded(s string) string {
	if text, err := url.PathUnescape(s); err == nil {
		return text
	}
	return s
}
