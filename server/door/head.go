package door

import (
	"bytes"
)

// chunked is the length of a body that comes in chunks.
const chunked = -1

// Fields that must not stand twice: what reads the first and what reads the last would disagree.
const (
	seenHost = 1 << iota
	seenLength
	seenCoding
	seenType
	seenAuthorization
	seenExpect
	seenEncoding
	seenKey
	seenTimeout
	seenAction
)

// head is what the door must know of a request's head.
type head struct {
	rules   *Rules
	trusted bool // the peer is a proxy of ours
	old     bool // HTTP/1.0
	seen    uint16
	cookies int
	length  int64 // of the body, or chunked
	host    []byte
	target  []byte // the authority of an absolute target
}

// check reads a whole head, from its first octet to the empty line, and returns how long it is without the fields that
// are left out: it moves the rest together, at its start.
func (h *head) check(raw []byte) (int, *Refusal) {
	end := bytes.IndexByte(raw, '\n') + 1
	if r := h.line(raw[:end-2]); r != nil {
		return 0, r
	}
	out, fields := end, 0
	for {
		start := end
		end += bytes.IndexByte(raw[end:], '\n') + 1
		line := raw[start : end-2]
		if len(line) == 0 {
			break
		}
		if fields++; fields > h.rules.MaxFields {
			return 0, errManyFields
		}
		keep, r := h.field(line)
		if r != nil {
			return 0, r
		}
		if !keep {
			h.rules.Dropped()
			continue
		}
		if out != start {
			copy(raw[out:], raw[start:end])
		}
		out += end - start
	}
	out += copy(raw[out:], "\r\n")
	return out, h.whole()
}

// line reads the request line.
func (h *head) line(line []byte) *Refusal {
	space := bytes.IndexByte(line, ' ')
	if space <= 0 {
		return errLine
	}
	method, rest := line[:space], line[space+1:]
	space = bytes.IndexByte(rest, ' ')
	if space <= 0 {
		return errLine
	}
	target, version := rest[:space], rest[space+1:]
	switch string(version) {
	case "HTTP/1.1":
	case "HTTP/1.0":
		h.old = true
	default:
		if bytes.HasPrefix(version, []byte("HTTP/")) && bytes.IndexByte(version, ' ') < 0 {
			return errVersion
		}
		return errLine
	}
	options := false
	switch string(method) {
	case "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD":
	case "OPTIONS":
		options = true
	case "TRACE", "CONNECT":
		return errMethod
	default:
		for _, c := range method {
			if octets[c]&inToken == 0 {
				return errLine
			}
		}
		return errNoMethod
	}
	if len(target) > h.rules.MaxTarget {
		return errLongTarget
	}
	host, r := checkTarget(target, options, h.rules)
	h.target = host
	return r
}

// field reads a header field and reports whether it is kept.
func (h *head) field(line []byte) (keep bool, r *Refusal) {
	if line[0] == ' ' || line[0] == '\t' {
		return false, errFold
	}
	i, odd := 0, uint8(0)
	for i < len(line) && octets[line[i]]&inToken != 0 {
		odd |= octets[line[i]]
		i++
	}
	if i == 0 || i == len(line) || line[i] != ':' {
		return false, errField
	}
	name, value := line[:i], line[i+1:]
	all := uint8(inValue)
	for _, c := range value {
		all &= octets[c]
	}
	if all == 0 {
		return false, errField
	}
	if odd&isOdd != 0 {
		return false, nil // X_Real_IP, which some programs take for X-Real-IP
	}
	return h.known(name, value)
}

// known reads the fields that the door has rules for.
func (h *head) known(name, value []byte) (keep bool, r *Refusal) {
	switch len(name) {
	case 4:
		if fold(name, "host") {
			h.host = trim(value)
			return h.once(seenHost)
		}
	case 5:
		if fold(name, "proxy") { // httpoxy
			return false, nil
		}
	case 6:
		switch {
		case fold(name, "expect"):
			if !fold(trim(value), "100-continue") {
				return false, errExpect
			}
			keep, r := h.once(seenExpect)
			return keep && !h.old, r
		case fold(name, "cookie"):
			h.cookies += bytes.Count(value, []byte{';'}) + 1
			if h.cookies > h.rules.MaxCookies {
				return false, errManyCookies
			}
		}
	case 7:
		switch {
		case fold(name, "upgrade"):
			if fold(trim(value), "websocket") {
				return false, errUpgrade
			}
			return false, nil
		case fold(name, "trailer"):
			return false, nil // trailers are left out
		}
	case 9:
		if fold(name, "forwarded") || fold(name, "x-real-ip") {
			return h.trusted, nil
		}
	case 10:
		if fold(name, "soapaction") {
			return h.once(seenAction)
		}
	case 12:
		if fold(name, "content-type") {
			return h.once(seenType)
		}
	case 13:
		if fold(name, "authorization") {
			return h.once(seenAuthorization)
		}
	case 14:
		switch {
		case fold(name, "content-length"):
			return h.contentLength(trim(value))
		case fold(name, "http2-settings"):
			return false, nil
		}
	case 15:
		switch {
		case fold(name, "idempotency-key"):
			return h.once(seenKey)
		}
	case 16:
		switch {
		case fold(name, "content-encoding"):
			return h.once(seenEncoding)
		case fold(name, "proxy-connection"):
			return false, nil
		}
	case 17:
		switch {
		case fold(name, "transfer-encoding"):
			return h.transferEncoding(trim(value))
		case fold(name, "x-request-timeout"):
			return h.once(seenTimeout)
		}
	case 19, 20, 22:
		if fold(name, "long-running-action") || fold(name, "x-method-override") || fold(name, "x-http-method-override") {
			return false, nil
		}
	}
	if name[0]|0x20 == 'x' {
		switch {
		case foldPrefix(name, "x-forwarded-"):
			return h.trusted, nil
		case foldPrefix(name, "x-fondaco-"), foldPrefix(name, "x-esb-"), foldPrefix(name, "x-method-override"),
			foldPrefix(name, "x-http-method"):
			return false, nil
		}
	}
	return true, nil
}

func (h *head) once(which uint16) (bool, *Refusal) {
	if h.seen&which != 0 {
		return false, errTwice
	}
	h.seen |= which
	return true, nil
}

func (h *head) contentLength(value []byte) (bool, *Refusal) {
	if len(value) == 0 || len(value) > 18 {
		return false, errLength
	}
	n := int64(0)
	for _, c := range value {
		if octets[c]&isFinite == 0 {
			return false, errLength
		}
		n = n*10 + int64(c-'0')
	}
	if h.length != chunked {
		h.length = n
	}
	return h.once(seenLength)
}

func (h *head) transferEncoding(value []byte) (bool, *Refusal) {
	switch {
	case h.old:
		return false, errOldChunked
	case fold(value, "chunked"):
		h.length = chunked
		return h.once(seenCoding)
	case len(value) == 0 || bytes.ContainsAny(value, ", \t;"):
		return false, errChunkedTwo
	}
	return false, errCoding
}

// whole checks what only the whole head can tell.
func (h *head) whole() *Refusal {
	switch {
	case h.seen&seenLength != 0 && h.seen&seenCoding != 0:
		return errLengthTwice
	case h.seen&seenHost == 0:
		if !h.old {
			return errHost
		}
	case !checkHost(h.host):
		return errHost
	}
	if h.target != nil && !bytes.EqualFold(h.target, h.host) {
		return errOtherHost
	}
	return nil
}

func trim(v []byte) []byte {
	for len(v) > 0 && (v[0] == ' ' || v[0] == '\t') {
		v = v[1:]
	}
	for len(v) > 0 && (v[len(v)-1] == ' ' || v[len(v)-1] == '\t') {
		v = v[:len(v)-1]
	}
	return v
}
