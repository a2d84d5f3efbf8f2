package trigger

import "strings"

// NoneMatch reports whether the lines of a header If-None-Match name a tag, or are "*" (RFC 9110 §13.1.2): tags are compared weakly, which
// passes over the mark W/. tag is as the header ETag has it; "" is that of nothing, which neither a tag nor "*" names.
func NoneMatch(lines []string, tag string) bool {
	return tag != "" && named(lines, func(t string) bool { return opaque(t) == opaque(tag) })
}

// Match reports whether the lines of a header If-Match name a tag, or are "*" (RFC 9110 §13.1.1): tags are compared strongly, so that a
// weak one is never the same. tag is as NoneMatch has it.
func Match(lines []string, tag string) bool {
	return tag != "" && named(lines, func(t string) bool { return t == tag && !strings.HasPrefix(t, "W/") })
}

// gzipMark ends the tags of compressed bodies.
const gzipMark = `-gzip"`

// TagOfGzip returns the tag that a body has once it is compressed, which is another representation. NoneMatch and Match take it for the
// tag that it was made from.
func TagOfGzip(tag string) string { return strings.TrimSuffix(tag, `"`) + gzipMark }

func opaque(tag string) string { return strings.TrimPrefix(tag, "W/") }

// named reports whether one of the tags of a list is wanted, or the list is "*" alone. What comes after a piece that is no tag is not read.
func named(lines []string, wanted func(tag string) bool) bool {
	if len(lines) == 1 && strings.Trim(lines[0], " \t") == "*" {
		return true
	}
	for _, line := range lines {
		for {
			line = strings.TrimLeft(line, " \t,")
			tag, rest, ok := cutTag(line)
			if !ok {
				break
			}
			if wanted(tag) || strings.HasSuffix(tag, gzipMark) && wanted(strings.TrimSuffix(tag, gzipMark)+`"`) {
				return true
			}
			line = rest
		}
	}
	return false
}

// cutTag returns the tag that a text begins with, and what comes after it.
func cutTag(s string) (tag, rest string, ok bool) {
	begin := len(s) - len(strings.TrimPrefix(s, "W/"))
	if begin == len(s) || s[begin] != '"' {
		return "", "", false
	}
	for i := begin + 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], s[i+1:], true
		case c < 0x21 || c == 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}
