package wss

import (
	"strings"
	"testing"
)

// fourKilobytes is an envelope as connectors make them.
func fourKilobytes() []byte {
	const person = `<n0:persona><n0:nome>Giovanna</n0:nome><n0:cognome>Rossi</n0:cognome><n0:nascita>1970-01-01</n0:nascita><n0:codice tipo="CF">XXXXXX00X00X000X</n0:codice></n0:persona>`
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="` + soap11 +
		`" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n0="urn:anagrafe"><soap:Body><n0:elenco>` +
		strings.Repeat(person, 4000/len(person)) + `</n0:elenco></soap:Body></soap:Envelope>`)
}

func BenchmarkSign(b *testing.B) {
	for _, key := range []string{"rsa", "p256"} {
		b.Run(key, func(b *testing.B) {
			s, message := somebody(b, key).signer(), fourKilobytes()
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := s.SignRequest(message, all, address, action); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, key := range []string{"rsa", "p256"} {
		b.Run(key, func(b *testing.B) {
			us := somebody(b, key)
			signed := request(b, us.signer(), string(fourKilobytes()), all)
			v := us.provider()
			b.SetBytes(int64(len(signed)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(signed, 0); err != nil && err.(*Error).Reason != Replayed {
					b.Fatal(err)
				}
			}
		})
	}
}

// Canonicalizing and digesting alone, without keys.
func BenchmarkCanonical(b *testing.B) {
	message := fourKilobytes()
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		root, err := parse(message)
		if err != nil {
			b.Fatal(err)
		}
		if len(canonical(nil, root, nil)) < 3000 {
			b.Fatal("too short")
		}
	}
}
