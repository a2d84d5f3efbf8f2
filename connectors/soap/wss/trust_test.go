package wss

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Whoever signs must be trusted, be the owner of the key, and have a certificate that is good for it now.
func TestTrust(t *testing.T) {
	us := somebody(t, "rsa")
	pool := func(c *x509.Certificate) *x509.CertPool {
		p := x509.NewCertPool()
		p.AddCert(c)
		return p
	}
	byRoots := func(p *party) *Verifier { return &Verifier{Roots: pool(p.issuer), Now: at(noon)} }
	for name, c := range map[string]struct {
		signer *party
		verify func(*party) *Verifier
		want   Reason
	}{
		"by authority":                      {us, byRoots, ""},
		"by itself":                         {us, (*party).verifier, ""},
		"nobody":                            {us, func(*party) *Verifier { return &Verifier{Now: at(noon)} }, CertificateTrust},
		"another one of the same authority": {somebody(t, "other"), func(*party) *Verifier { return us.verifier() }, CertificateTrust},
		"another authority":                 {us, func(p *party) *Verifier { return &Verifier{Roots: pool(p.certificate), Now: at(noon)} }, ""},
		"another authority of the same name": {us, func(p *party) *Verifier {
			impostor := *p.issuer
			impostor.PublicKey = nil
			raw, err := x509.CreateCertificate(rand.Reader, &impostor, &impostor, keys()["other"].Public(), keys()["other"])
			if err != nil {
				t.Fatal(err)
			}
			c, err := x509.ParseCertificate(raw)
			if err != nil {
				t.Fatal(err)
			}
			return &Verifier{Roots: pool(c), Now: at(noon)}
		}, CertificateTrust},
		"revoked": {us, func(p *party) *Verifier {
			v := byRoots(p)
			v.Revoked = func(c *x509.Certificate) bool { return c.SerialNumber.Cmp(big.NewInt(77001)) == 0 }
			return v
		}, CertificateRevoked},
		"expired": {
			somebody(t, "rsa", func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Second) }), (*party).verifier,
			CertificateDates,
		},
		"not yet valid": {somebody(t, "rsa", func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Second) }), byRoots, CertificateDates},
		"no clock": {us, func(p *party) *Verifier {
			v := p.verifier()
			v.Now = nil
			return v
		}, ClockMissing},
		"for agreeing on keys": {
			somebody(t, "rsa", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }), (*party).verifier,
			CertificateUsage,
		},
		"for not denying": {
			somebody(t, "rsa", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageContentCommitment }), (*party).verifier,
			"",
		},
		"for anything": {somebody(t, "rsa", func(c *x509.Certificate) { c.KeyUsage = 0 }), (*party).verifier, ""},
		"itself an authority": {
			somebody(t, "rsa", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCertSign }), (*party).verifier,
			CertificateUsage,
		},
	} {
		t.Run(name, func(t *testing.T) {
			signed, err := c.signer.signer().Sign([]byte(messages["1.2"]), SignOptions{Parts: Body | Timestamp})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.verify(c.signer).Verify(signed, Body|Timestamp)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			reason(t, err, c.want)
		})
	}
	good := theirs(t, us)
	weak := somebody(t, "p224")
	_, err := weak.signer().Sign([]byte(messages["1.2"]), SignOptions{Parts: Body})
	reason(t, err, KeyUnfit)
	_, err = weak.provider().VerifyRequest([]byte(put(t, good, tokenThere, string(appendToken(nil, weak.certificate, "id")))), all)
	reason(t, err, TokenForm) // another identifier
	weakID := idThere.FindStringSubmatch(tokenThere.FindString(good))[1]
	_, err = weak.provider().VerifyRequest([]byte(put(t, good, tokenThere, string(appendToken(nil, weak.certificate, weakID)))), all)
	reason(t, err, CertificateWeak)
	// Somebody else's certificate with our signature.
	other := somebody(t, "other")
	token := string(appendToken(nil, other.certificate, idThere.FindStringSubmatch(tokenThere.FindString(good))[1]))
	v := us.provider()
	v.Certificates = append(v.Certificates, other.certificate)
	_, err = v.VerifyRequest([]byte(put(t, good, tokenThere, token)), all)
	reason(t, err, SignatureWrong)
}

// Row X22: the dates of a message to the millisecond, and messages that come again.
func TestDates(t *testing.T) {
	us := somebody(t, "p256")
	for name, c := range map[string]struct {
		sent, received, lifetime time.Duration // from noon
		want                     Reason
	}{
		"at once":                {0, 0, 0, ""},
		"on its way":             {0, 119999 * time.Millisecond, 0, ""},
		"expired":                {0, 120 * time.Second, 0, TimestampExpired},
		"expired long":           {0, time.Hour, 0, TimestampExpired},
		"clock ahead, within":    {5 * time.Second, 0, 0, ""},
		"clock ahead, too far":   {5001 * time.Millisecond, 0, 0, TimestampFuture},
		"far future":             {24 * time.Hour, 0, 0, TimestampFuture},
		"long life, still young": {0, 5 * time.Minute, 100 * time.Hour, ""},
		"long life, too old":     {0, 5*time.Minute + time.Millisecond, 100 * time.Hour, TimestampOld},
		"no life":                {0, 0, -time.Second, TimestampForm},
	} {
		t.Run(name, func(t *testing.T) {
			s := us.signer()
			s.Now, s.Lifetime = at(noon.Add(c.sent)), c.lifetime
			signed := request(t, s, messages["1.1"], all)
			v := us.provider()
			v.Now = at(noon.Add(c.received))
			_, err := v.VerifyRequest(signed, all)
			if c.want != "" {
				reason(t, err, c.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = v.VerifyRequest(signed, all)
			reason(t, err, Replayed)
		})
	}
	for name, stamp := range map[string]string{
		"no zone":      `<u:Created>2026-11-23T12:00:00</u:Created><u:Expires>2026-11-23T12:05:00</u:Expires>`,
		"only created": `<u:Created>2026-11-23T12:00:00Z</u:Created>`,
		"backwards":    `<u:Expires>2026-11-23T12:05:00Z</u:Expires><u:Created>2026-11-23T12:00:00Z</u:Created>`,
		"twice":        `<u:Created>2026-11-23T12:00:00Z</u:Created><u:Expires>2026-11-23T12:05:00Z</u:Expires><u:Expires>2036-11-23T12:05:00Z</u:Expires>`,
		"element in":   `<u:Created><x/>2026-11-23T12:00:00Z</u:Created><u:Expires>2026-11-23T12:05:00Z</u:Expires>`,
		"date only":    `<u:Created>2026-11-23</u:Created><u:Expires>2026-11-24</u:Expires>`,
	} {
		t.Run(name, func(t *testing.T) {
			there := regexp.MustCompile(`<u:Created>.*</u:Expires>`)
			signed, err := us.signer().Sign([]byte(put(t, messages["stamped"], there, stamp)), SignOptions{Parts: Body | Timestamp})
			if err != nil {
				t.Fatal(err)
			}
			_, err = us.verifier().Verify(signed, Body)
			reason(t, err, TimestampForm)
		})
	}
}

// Of many known certificates the one that is meant is found; two that are meant are nobody.
func TestKnown(t *testing.T) {
	us, other := somebody(t, "rsa"), somebody(t, "other", func(c *x509.Certificate) { c.SerialNumber = big.NewInt(5) })
	twin := somebody(t, "rsa", func(c *x509.Certificate) { c.NotAfter = noon.AddDate(2, 0, 0) })
	for r := SubjectKeyID; r <= IssuerSerial; r++ {
		s := us.signer()
		s.Reference = r
		signed, err := s.Sign([]byte(messages["1.2"]), SignOptions{Parts: Body})
		if err != nil {
			t.Fatal(err)
		}
		v := &Verifier{Certificates: []*x509.Certificate{other.certificate, us.certificate, us.certificate}, Now: at(noon)}
		if got, err := v.Verify(signed, Body); err != nil || !got.Certificate.Equal(us.certificate) {
			t.Errorf("%d: %+v %v", r, got, err)
		}
		v.Certificates = append(v.Certificates, twin.certificate)
		_, err = v.Verify(signed, Body)
		if r == ThumbprintSHA1 {
			if err != nil {
				t.Error(err)
			}
		} else {
			reason(t, err, TokenUnknown)
		}
		v.Certificates = v.Certificates[:1]
		_, err = v.Verify(signed, Body)
		reason(t, err, TokenUnknown)
	}
	for name, same := range map[string][2]string{
		"spaces": {"CN=Prova CA, O=Comune di Prova\\, Ufficio & Co, C=IT", "cn=Prova CA,O=Comune di Prova\\, Ufficio & Co,C=IT"},
	} {
		if !SameName(same[0], same[1]) {
			t.Error(name)
		}
	}
	if SameName("CN=a b", "CN=ab") || SameName("CN=a,O=b", "CN=a\\,O=b") {
		t.Error("different names are the same")
	}
}

// What comes again is known by its signature where it has no identifier, also when ECDSA's other value stands for it;
// and an identifier is somebody's own.
func TestComingAgain(t *testing.T) {
	us := somebody(t, "p256")
	v := us.verifier()
	v.Replays = &Replays{}
	signed, err := us.signer().Sign([]byte(messages["1.2"]), SignOptions{Parts: Body | Timestamp})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(signed, Body); err != nil {
		t.Fatal(err)
	}
	old := strings.TrimPrefix(valueThere.FindString(string(signed)), "<ds:SignatureValue>")
	raw, _ := base64.StdEncoding.DecodeString(old)
	order, _ := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
	new(big.Int).Sub(order, new(big.Int).SetBytes(raw[32:])).FillBytes(raw[32:])
	twin := strings.Replace(string(signed), old, base64.StdEncoding.EncodeToString(raw), 1)
	if _, err := us.verifier().Verify([]byte(twin), Body); err != nil {
		t.Fatal("the other value is no signature, so nothing is tested:", err)
	}
	_, err = v.Verify([]byte(twin), Body)
	reason(t, err, Replayed)

	unsigned, err := us.signer().Sign([]byte(messages["1.2"]), SignOptions{Parts: Body})
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Verify(unsigned, Body) // without a date nobody knows how long to remember it
	reason(t, err, PartMissing)

	// The same identifier of two senders is not the same.
	other := somebody(t, "rsa")
	a := Addressing{To: address, MessageID: "urn:uuid:same"}
	ready, err := a.Add([]byte(messages["1.2"]))
	if err != nil {
		t.Fatal(err)
	}
	v.Certificates = append(v.Certificates, other.certificate)
	for i, p := range []*party{us, other, us} {
		signed, err := p.signer().Sign(ready, SignOptions{Parts: all.Request()})
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Verify(signed, all.Request())
		if i == 2 {
			reason(t, err, Replayed)
		} else if err != nil {
			t.Error(err)
		}
	}

	// One that is refused is not remembered: nobody can use up another's identifiers.
	good := theirs(t, us)
	v = us.provider()
	_, err = v.VerifyRequest([]byte(swap(t, good, ">OK<", ">KO<")), all)
	reason(t, err, DigestWrong)
	if _, err := v.VerifyRequest([]byte(good), all); err != nil {
		t.Error(err)
	}
	v.Replays = &Replays{Max: 1}
	if _, err := v.VerifyRequest([]byte(theirs(t, us)), all); err != nil {
		t.Error(err)
	}
	_, err = v.VerifyRequest([]byte(theirs(t, us)), all)
	reason(t, err, ReplaysFull)
}
