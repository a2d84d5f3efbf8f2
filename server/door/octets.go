package door

// What an octet may be part of.
const (
	inToken  = 1 << iota // a method or a field's name
	inValue              // a field's value
	inPath               // a path, as it stands
	inQuery              // a query, as it stands
	isHex                // a hexadecimal digit
	isOdd                // the underscore: a token in which gateways see a hyphen
	inHost               // a host's name
	isFinite             // a decimal digit
)

// octets says for each octet what it may be part of.
var octets = classify()

func classify() (t [256]uint8) {
	mark := func(s string, as uint8) {
		for i := range len(s) {
			t[s[i]] |= as
		}
	}
	const digits, letters = "0123456789", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	mark(digits+letters+"!#$%&'*+-.^_`|~", inToken)
	mark(digits+letters+"-._~!$&'()*+,=:@", inPath) // no semicolon: gateways disagree on what follows it
	mark(digits+"abcdefABCDEF", isHex)
	mark(digits+letters+"-._", inHost)
	mark(digits, isFinite)
	mark("_", isOdd)
	for c := range 256 {
		if c >= ' ' && c != 0x7f || c == '\t' {
			t[c] |= inValue
		}
		if c > ' ' && c < 0x7f && c != '#' && c != '%' {
			t[c] |= inQuery
		}
	}
	return t
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	default:
		return c&^0x20 - 'A' + 10
	}
}

// fold reports whether name is want, which is in lower case, whatever the case of its letters. Only tokens are compared.
func fold(name []byte, want string) bool {
	return len(name) == len(want) && foldPrefix(name, want)
}

func foldPrefix(name []byte, want string) bool {
	if len(name) < len(want) {
		return false
	}
	for i := range len(want) {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != want[i] {
			return false
		}
	}
	return true
}
