package schema

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// seed makes the hashes of this process its own: nobody outside can prepare values that share one.
var seed = maphash.MakeSeed()

// Hash returns a number that Equal values share, and others as a rule do not: 1 and 1.0, a moment in two zones, records
// whose fields stand in another order. It goes over the whole value, once. It is another one in the next process.
func Hash(v Value) uint64 {
	switch v.kind {
	case KindAbsent, KindNull:
		return uint64(v.kind) + 1
	case KindBool:
		return mix(hashBool, uint64(v.n))
	case KindInt, KindDecimal:
		return hashNumber(v)
	case KindBytes:
		return mix(hashBytes, maphash.Bytes(seed, Octets(v)))
	case KindList:
		h := uint64(hashList)
		for _, x := range v.Items() {
			h = mix(h, Hash(x))
		}
		return h
	case KindRecord, KindMap:
		h := uint64(hashRecord) + uint64(v.kind)
		names, values := entriesOf(v)
		for i, x := range values {
			if !x.IsAbsent() { // the order does not count
				h += mix(maphash.String(seed, names[i]), Hash(x))
			}
		}
		return mix(hashRecord, h)
	}
	return hashText(v.Str())
}

// What the hashes of the kinds begin with.
const (
	hashBool = 0x9e3779b97f4a7c15 + iota
	hashBytes
	hashList
	hashRecord
	hashWhole
	hashLong
)

// mix joins two hashes in their order.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return high ^ low ^ a
}

// hashText is the hash of texts, dates and times. A text equals the moment that is spelled so, and that one the same
// moment in another spelling: what looks like a moment is hashed as one.
func hashText(s string) uint64 {
	kind := KindText
	switch {
	case len(s) >= 19 && len(s) <= 40 && s[10] == 'T':
		kind = KindDateTime
	case len(s) >= 8 && len(s) <= 30 && s[2] == ':' && s[5] == ':':
		kind = KindTime
	}
	if kind != KindText {
		if t, _, ok := AsTime(TextOf(kind, s)); ok {
			return mix(mix(uint64(kind), uint64(t.Unix())), uint64(t.Nanosecond()))
		}
	}
	return maphash.String(seed, s)
}

// hashNumber is the hash of what a number is worth: its digits without zeros at the end, and where the point stands.
func hashNumber(v Value) uint64 {
	n, ok := numberOf(v)
	if !ok {
		return maphash.String(seed, v.Str())
	}
	small, scale := n.small, n.scale
	if n.big != nil {
		text := n.big.String()
		digits := strings.TrimRight(text, "0")
		scale -= len(text) - len(digits)
		if len(strings.TrimPrefix(digits, "-")) > 18 {
			return mix(hashLong+maphash.String(seed, digits), uint64(scale))
		}
		small = 0
		for i := range len(digits) {
			if digits[i] != '-' {
				small = small*10 + int64(digits[i]-'0')
			}
		}
		if n.big.Sign() < 0 {
			small = -small
		}
	}
	if small == 0 {
		return hashWhole
	}
	for small%10 == 0 {
		small /= 10
		scale--
	}
	if small >= 1e18 || small <= -1e18 { // more than 18 digits: as those that do not fit
		return mix(hashLong+maphash.String(seed, Int(small).number()), uint64(scale))
	}
	return mix(hashWhole, mix(uint64(small), uint64(scale)))
}

// number returns a number's text.
func (v Value) number() string { return string(AppendNumber(nil, v)) }
