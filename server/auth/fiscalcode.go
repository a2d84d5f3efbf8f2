package auth

// oddValues are the values of the characters 0-9 and A-Z at odd places of a codice fiscale (D.M. 23 December 1976).
var oddValues = [36]int{
	1, 0, 5, 7, 9, 13, 15, 17, 19, 21,
	1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
}

// fiscalCode tells whether s is a person's codice fiscale: its pattern, with letters in the place of digits where two
// persons would have the same, and its check character.
func fiscalCode(s string) bool {
	const pattern = "LLLLLLNNLNNLNNNL"
	if len(s) != len(pattern) {
		return false
	}
	sum := 0
	for i := range len(s) {
		value := 0
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z':
			if pattern[i] == 'N' && !substitute(c) {
				return false
			}
			value = int(c-'A') + 10
		case c >= '0' && c <= '9' && pattern[i] == 'N':
			value = int(c - '0')
		default:
			return false
		}
		switch {
		case i == len(s)-1:
			return sum%26 == value-10
		case i%2 == 0:
			sum += oddValues[value]
		case value >= 10:
			sum += value - 10
		default:
			sum += value
		}
	}
	return false
}

// substitute tells whether a letter may stand for a digit.
func substitute(c byte) bool {
	switch c {
	case 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V':
		return true
	}
	return false
}
