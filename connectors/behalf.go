package connectors

import (
	"context"
	"hash/maphash"
	"net/netip"
	"time"
)

// Behalf is on whose behalf systems are called: the message that is worked on, or whoever sent the request. Breakers and
// attempts tell by it one caller's trouble from that of all. The zero value is a caller like no other.
type Behalf struct {
	id    uint64    // 0: like no other. A hash, so that nothing personal is kept
	Known bool      // it is a message or an identified subject; false for an address, which many may share
	Since time.Time // of a message: when it began to wait for a system; zero if it never did
}

var callers = maphash.MakeSeed()

// BehalfOfMessage returns the caller that a message is. Messages of one key are one caller: they are about one thing.
func BehalfOfMessage(key, identity string, since time.Time) Behalf {
	if key != "" {
		return Behalf{id: maphash.String(callers, "key\x00"+key) | 1, Known: true, Since: since}
	}
	return Behalf{id: maphash.String(callers, "message\x00"+identity) | 1, Known: true, Since: since}
}

// BehalfOfSubject returns the caller whom a login scheme identified.
func BehalfOfSubject(subject string) Behalf {
	return Behalf{id: maphash.String(callers, "subject\x00"+subject) | 1, Known: true}
}

// BehalfOfAddress returns a caller of whom the address alone is known.
func BehalfOfAddress(a netip.Addr) Behalf {
	if !a.IsValid() {
		return Behalf{}
	}
	b := a.As16()
	return Behalf{id: maphash.Bytes(callers, b[:]) | 1}
}

// ID returns what distinguishes callers within this process, 0 for one that is like no other.
func (c Behalf) ID() uint64 { return c.id }

// BehalfOf returns on whose behalf ctx calls: the caller of its trace, the zero value if it carries none.
func BehalfOf(ctx context.Context) Behalf {
	if t := TraceOf(ctx); t != nil {
		return t.Behalf
	}
	return Behalf{}
}
