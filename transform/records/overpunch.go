package records

// overpunched returns the digit and the sign that the last octet of a number stands for. In EBCDIC the sign is the octet's first
// half, whatever character a national table has there. In ASCII it is the character that EBCDIC 037 has there, or, as some compilers
// write it, a small letter from p for negative digits; files that were translated by an Italian table have à for +0 and è for -0.
func (c *charset) overpunched(b byte) (digit int, neg, ok bool) {
	if c.ebcdic {
		digit = int(b & 0x0F)
		switch b >> 4 {
		case 0xC, 0xF, 0xA, 0xE:
			return digit, false, digit <= 9
		case 0xD, 0xB:
			return digit, true, digit <= 9
		}
		return 0, false, false
	}
	switch {
	case b >= '0' && b <= '9':
		return int(b - '0'), false, true
	case b == '{':
		return 0, false, true
	case b >= 'A' && b <= 'I':
		return int(b-'A') + 1, false, true
	case b == '}':
		return 0, true, true
	case b >= 'J' && b <= 'R':
		return int(b-'J') + 1, true, true
	case b >= 'p' && b <= 'y':
		return int(b - 'p'), true, true
	case c.page != nil && c.page[b] == 'à':
		return 0, false, true
	case c.page != nil && c.page[b] == 'è':
		return 0, true, true
	}
	return 0, false, false
}

// overpunch returns the octet of a digit with its sign.
func (c *charset) overpunch(digit byte, neg bool) byte {
	switch {
	case c.ebcdic && neg:
		return 0xD0 | digit
	case c.ebcdic:
		return 0xC0 | digit
	case neg:
		return "}JKLMNOPQR"[digit]
	}
	return "{ABCDEFGHI"[digit]
}
