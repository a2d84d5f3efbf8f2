package rest

import (
	"strings"

	"fondaco/transform/codec"
)

const upperHex = "0123456789ABCDEF"

// unreserved reports whether RFC 3986 §2.3 lets a byte stand as it is anywhere.
func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// escape appends text percent-encoded but for what RFC 3986 calls unreserved.
func escape(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = escapeByte(dst, s[i], unreserved(s[i]))
	}
	return dst
}

// escapeForm appends text as application/x-www-form-urlencoded has it: a space is a plus.
func escapeForm(dst []byte, s string) []byte {
	for i := range len(s) {
		if s[i] == ' ' {
			dst = append(dst, '+')
			continue
		}
		dst = escapeByte(dst, s[i], unreserved(s[i]))
	}
	return dst
}

// escapingIn returns escapeForm of text in a charset.
func escapingIn(charset *codec.Charset) escaping {
	if charset == nil {
		return escapeForm
	}
	return func(dst []byte, s string) []byte { return escapeForm(dst, string(charset.Append(nil, []byte(s), nil))) }
}

// escapeReserved appends text of a query whose reserved characters stay, as do triplets that are percent-encoded
// already (RFC 6570 §3.2.3). What would end the query, begin another parameter or be read as a space is encoded all the
// same (OpenAPI 3.1.1 §4.8.12.3).
func escapeReserved(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		stays := unreserved(c) || strings.IndexByte(":/?@!$'()*,;", c) >= 0 ||
			c == '%' && i+2 < len(s) && hexDigit(s[i+1]) && hexDigit(s[i+2])
		dst = escapeByte(dst, c, stays)
	}
	return dst
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func escapeByte(dst []byte, c byte, stays bool) []byte {
	if stays {
		return append(dst, c)
	}
	return append(dst, '%', upperHex[c>>4], upperHex[c&15])
}

// unchanged appends text as it is: in headers nothing is percent-encoded (OpenAPI 3.1.1, appendix D).
func unchanged(dst []byte, s string) []byte { return append(dst, s...) }
