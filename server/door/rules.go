package door

import (
	"net/netip"
	"time"
)

// Rules are the limits of the door. The zero value of a field takes the default.
type Rules struct {
	MaxHead     int           // bytes of a request's head; 16 KiB
	MaxTarget   int           // bytes of a request's target; 8 KiB
	MaxFields   int           // header fields; 100
	MaxCookies  int           // cookies; 100
	MaxParams   int           // parameters of a query; 256
	HeadTimeout time.Duration // from the first byte of a head to its last; 5s
	MaxConns    int           // open connections: beyond it the longest idle one is closed; 10,000
	// EncodedSlash lets %2F into paths: whoever finds the route says whether a segment may hold it. Dot segments and empty ones are
	// refused beside it as beside a slash.
	EncodedSlash bool
	Trusted      func(netip.Addr) bool // peers whose X-Forwarded-* and Forwarded are believed; nil means none
	Dropped      func()                // called for each header field that is left out; may be nil; called concurrently
}

func (r Rules) withDefaults() *Rules {
	orInt := func(p *int, n int) {
		if *p == 0 {
			*p = n
		}
	}
	orInt(&r.MaxHead, 16<<10)
	orInt(&r.MaxTarget, 8<<10)
	orInt(&r.MaxFields, 100)
	orInt(&r.MaxCookies, 100)
	orInt(&r.MaxParams, 256)
	orInt(&r.MaxConns, 10_000)
	if r.HeadTimeout == 0 {
		r.HeadTimeout = 5 * time.Second
	}
	if r.Trusted == nil {
		r.Trusted = func(netip.Addr) bool { return false }
	}
	if r.Dropped == nil {
		r.Dropped = func() {}
	}
	return &r
}
