package mail

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
)

// remembered is how many of the messages that were taken last are known again by their Message-ID, when they come to the folder once more;
// what is older is known by the ids of its messages, for as long as those are kept.
const remembered = 500

// place is how far a watch has come: what is kept between two polls, durably.
type place struct {
	Validity uint32   `json:"validity,omitempty"` // of the numbers: another one makes them mean nothing
	UID      uint32   `json:"uid,omitempty"`      // of the last message that was looked at
	Moves    []uint32 `json:"moves,omitempty"`    // messages that are durable here, and lie in the folder still
	Recent   []string `json:"recent,omitempty"`   // what names the messages that were taken last
	Played   []string `json:"played,omitempty"`   // of a simulated watch: what was told
}

// took remembers a message.
func (p *place) took(id string) {
	if p.Recent = append(p.Recent, id); len(p.Recent) > remembered {
		p.Recent = slices.Clone(p.Recent[len(p.Recent)-remembered:])
	}
}

// knows reports whether a message is one of those that were taken last.
func (p *place) knows(id string) bool { return slices.Contains(p.Recent, id) }

// identity is what names a message, by its Message-ID or that of its envelope.
func identity(id string) string {
	h := sha256.Sum256([]byte(id))
	return base64.RawURLEncoding.EncodeToString(h[:18])
}
