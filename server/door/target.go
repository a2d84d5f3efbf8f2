package door

import (
	"bytes"
	"unicode/utf8"
)

// checkTarget checks a request's target. host is the authority of an absolute one, nil otherwise. Afterwards the path
// has one reading: no empty or dot segment, nothing encoded that separates, ends or escapes.
func checkTarget(target []byte, options bool, rules *Rules) (host []byte, r *Refusal) {
	switch {
	case len(target) == 1 && target[0] == '*':
		if !options {
			return nil, errTarget
		}
		return nil, nil
	case target[0] != '/':
		rest, ok := bytes.CutPrefix(target, []byte("http://"))
		if !ok {
			if rest, ok = bytes.CutPrefix(target, []byte("https://")); !ok {
				return nil, errTarget
			}
		}
		end := bytes.IndexByte(rest, '/')
		if end < 1 {
			return nil, errTarget
		}
		host, target = rest[:end], rest[end:]
	}
	path, query, _ := bytes.Cut(target, []byte{'?'})
	if r := checkPath(path, rules.EncodedSlash); r != nil {
		return nil, r
	}
	return host, checkQuery(query, rules.MaxParams)
}

// checkPath checks a path that begins with a slash. encoded lets slashes be encoded, as parts of a segment.
func checkPath(path []byte, encoded bool) *Refusal {
	high, ended := false, true // ended: what came last is no encoded slash
	length, dots := 0, 0       // of the segment so far, decoded
	for i := 1; i < len(path); i++ {
		c := path[i]
		if octets[c]&inPath != 0 {
			length++
			if c == '.' {
				dots++
			}
			ended = true
			continue
		}
		switch c {
		case '/':
			if length == 0 {
				return errSlashes
			}
			if length == dots && dots <= 2 {
				return errDots
			}
			length, dots, ended = 0, 0, true
		case '%':
			if i+2 >= len(path) || octets[path[i+1]]&octets[path[i+2]]&isHex == 0 {
				return errEscape
			}
			c = unhex(path[i+1])<<4 | unhex(path[i+2])
			i += 2
			if ended = c != '/' || !encoded; !ended {
				if length == 0 {
					return errSlashes
				}
				if length == dots && dots <= 2 {
					return errDots
				}
				length, dots = 0, 0
				continue
			}
			if mustNotBeEncoded(c, path[i+1:]) {
				return errEncoded
			}
			if c == '.' {
				dots++
			}
			high = high || c >= 0x80
			length++
		default:
			return errTarget
		}
	}
	if length > 0 && length == dots && dots <= 2 {
		return errDots
	}
	if !ended {
		return errSlashes
	}
	if high && !utf8.Valid(decode(path)) {
		return errUTF8
	}
	return nil
}

// mustNotBeEncoded reports whether an octet may not come encoded: what controls and separates, and what is encoded twice with the octets
// behind it.
func mustNotBeEncoded(c byte, rest []byte) bool {
	switch {
	case c < ' ' || c == 0x7f || c == '/' || c == '\\':
		return true
	case c == '%':
		return len(rest) >= 2 && octets[rest[0]]&octets[rest[1]]&isHex != 0
	}
	return false
}

// decode undoes the percent-encoding of a path that has been checked.
func decode(path []byte) []byte {
	out := make([]byte, 0, len(path))
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' {
			c = unhex(path[i+1])<<4 | unhex(path[i+2])
			i += 2
		}
		out = append(out, c)
	}
	return out
}

func checkQuery(query []byte, maxParams int) *Refusal {
	params := 1
	for i := 0; i < len(query); i++ {
		c := query[i]
		if octets[c]&inQuery == 0 {
			if c != '%' {
				return errTarget
			}
			if i+2 >= len(query) || octets[query[i+1]]&octets[query[i+2]]&isHex == 0 {
				return errEscape
			}
			if query[i+1] == '0' && query[i+2] == '0' {
				return errEscape
			}
			i += 2
		} else if c == '&' {
			if params++; params > maxParams {
				return errParams
			}
		}
	}
	return nil
}

// checkHost checks an authority as the Host header has it: a name or an address, and perhaps a port.
func checkHost(host []byte) bool {
	name := host
	if len(host) > 0 && host[0] == '[' {
		end := bytes.IndexByte(host, ']')
		if end < 3 {
			return false
		}
		for _, c := range host[1:end] {
			if octets[c]&isHex == 0 && c != ':' && c != '.' {
				return false
			}
		}
		if end+1 == len(host) {
			return true
		}
		return host[end+1] == ':' && checkPort(host[end+2:])
	}
	if colon := bytes.IndexByte(host, ':'); colon >= 0 {
		name = host[:colon]
		if !checkPort(host[colon+1:]) {
			return false
		}
	}
	for _, c := range name {
		if octets[c]&inHost == 0 {
			return false
		}
	}
	return len(name) > 0 && len(name) < 256
}

func checkPort(port []byte) bool {
	for _, c := range port {
		if octets[c]&isFinite == 0 {
			return false
		}
	}
	return len(port) > 0 && len(port) <= 5
}
