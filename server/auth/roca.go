package auth

import "math/big"

// rocaPrimes are primes by which the moduli of ROCA leave the remainders of powers of 65537 alone.
var rocaPrimes = [...]int64{
	3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139,
	149, 151, 157, 163, 167,
}

// roca reports whether a modulus is one that chips of Infineon made until 2017, whose factors can be found (Nemec et al., The
// Return of Coppersmith's Attack, 2017). Such chips are in identity cards. Of other keys, one in 2^27 is taken for one.
func roca(n *big.Int) bool {
	for _, p := range rocaPrimes {
		rest, power, found := new(big.Int).Mod(n, big.NewInt(p)).Int64(), int64(1), false
		for range p - 1 {
			found = found || power == rest
			power = power * 65537 % p
		}
		if !found {
			return false
		}
	}
	return true
}
