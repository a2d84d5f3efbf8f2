package auth

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestGoodTokens(t *testing.T) {
	s := scheme(t, settings, Deps{})
	for name, token := range map[string]string{
		"ES256":             smith.es256(es(nil), claims(nil)),
		"RS256":             smith.rs256(object{"alg": "RS256", "kid": "r", "typ": "JWT"}, claims(nil)),
		"no kid":            smith.es256(object{"alg": "ES256", "typ": "application/at+jwt"}, claims(nil)),
		"audience in list":  smith.es256(es(nil), claims(object{"aud": []string{"other", "dime"}})),
		"within the leeway": smith.es256(es(nil), claims(object{"exp": noon.Unix() - 29, "iat": noon.Unix() + 29, "nbf": noon.Unix() + 30})),
		"no type":           smith.es256(object{"alg": "ES256", "kid": "e"}, claims(nil)),
		"a bearer's claim":  smith.es256(es(nil), claims(object{"typ": "Bearer"})),
		"fractions": smith.es256(es(nil), claims(object{
			"exp": json.Number(fmt.Sprint(noon.Unix()+600, ".25")),
			"iat": json.Number(fmt.Sprint(noon.Unix()-1, ".75")), "auth_time": json.Number(fmt.Sprint(noon.Unix()-9, ".5")),
		})),
		"exponents": smith.es256(es(nil), claims(object{
			"exp": json.Number("1.9e9"), "nbf": json.Number("17E8"),
			"iat": json.Number("1700000000.0e+0"),
		})),
		"roles as words":   smith.es256(es(nil), claims(object{"roles": "cittadino operatore"})),
		"T03 foreign keys": smith.es256(es(object{"jku": "http://127.0.0.1:1/", "x5u": "http://127.0.0.1:1/"}), claims(nil)),
	} {
		for range 2 { // checked, then remembered
			u, err := s.Authenticate(context.Background(), bearer(token))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			v := u.Value
			got := fmt.Sprint(u.Subject, u.Level, u.Roles, v.Get("subject").Str(), v.Get("fiscal_code").Str(), v.Get("level").Int(),
				v.Get("channel").Str(), v.Get("roles").Len())
			if want := "s-12[cittadino operatore]s-1RSSMRA80A01L736U2web2"; strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
				t.Errorf("%s: found %s", name, got)
			}
		}
	}
}

// TestBadTokens: rows T01-T12, T15, T17 of the catalogue, and why each is refused.
func TestBadTokens(t *testing.T) {
	s := scheme(t, settings, Deps{})
	good := smith.es256(es(nil), claims(nil))
	head, rest, _ := strings.Cut(good, ".")
	body, sig, _ := strings.Cut(rest, ".")
	public, err := x509.MarshalPKIXPublicKey(&smith.rsa.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	hs := func(key []byte) string {
		signed := part(object{"alg": "HS256", "kid": "r", "typ": "JWT"}) + "." + part(claims(nil))
		m := hmac.New(sha256.New, key)
		m.Write([]byte(signed))
		return signed + "." + part(m.Sum(nil))
	}
	raw, err := base64.RawURLEncoding.DecodeString(sig)
	if err != nil {
		t.Fatal(err)
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])})
	if err != nil {
		t.Fatal(err)
	}
	thief := newForge()
	thiefKey := jose.JSONWebKey{Key: &thief.p256.PublicKey, KeyID: "e"}
	with := func(c object) string { return smith.es256(es(nil), claims(c)) }
	headed := func(h object) string { return smith.es256(es(h), claims(nil)) }
	without := func(name string) string {
		c := claims(nil)
		delete(c, name)
		return smith.es256(es(nil), c)
	}
	last := map[byte]string{'A': "B", 'Q': "R", 'g': "h", 'w': "x"}[sig[len(sig)-1]] // the same octets, other text
	const alg, crit, typ, noKey, wrong, form = "its algorithm is not one of the configured", "its header has critical extensions",
		"its type is not that of an access token", "no key fits its key id and algorithm", "its signature is wrong",
		"it is not three parts of base64url"
	const early, times, idToken, event = "it is not valid yet", "exp is missing or no date", "it is an ID token",
		"it is a security event token, not a log-in"
	for name, row := range map[string]struct{ token, why string }{
		"T01 none":              {part(object{"alg": "none", "typ": "JWT"}) + "." + body + ".", alg},
		"T01 None":              {part(object{"alg": "None", "typ": "JWT"}) + "." + body + ".", alg},
		"T01 nOnE, signed":      {part(object{"alg": "nOnE", "typ": "JWT"}) + "." + body + "." + sig, alg},
		"T02 public key as PEM": {hs(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})), alg},
		"T02 public key as DER": {hs(public), alg},
		"T03 own jwk":           {thief.es256(es(object{"jwk": thiefKey}), claims(nil)), wrong},
		"T03 own x5c": {
			thief.es256(es(object{"x5c": []string{"AAAA"}, "jku": "http://127.0.0.1:1/"}), claims(nil)),
			"it is not a signed token",
		},
		"T04 path":     {headed(object{"kid": "../../dev/null"}), noKey},
		"T04 SQL":      {headed(object{"kid": "e' OR '1'='1"}), noKey},
		"T04 long":     {headed(object{"kid": strings.Repeat("k", 5000)}), "its key id is too long"},
		"T05 dots":     {strings.Repeat(".", 1_000_000), form},
		"T05 few dots": {"....", form},
		"T05 long":     {head + "." + strings.Repeat("A", 9000) + "." + sig, form},
		"T06 JWE": {
			part(object{"alg": "PBES2-HS256+A128KW", "p2c": 1000000000, "enc": "A128GCM", "zip": "DEF"}) + "..." + ".",
			form,
		},
		"T06 JWE alg in a JWS":    {part(object{"alg": "PBES2-HS256+A128KW", "p2c": 1000000000}) + "." + body + "." + sig, alg},
		"T07 r=s=0":               {head + "." + body + "." + part(make([]byte, 64)), wrong},
		"T07 DER":                 {head + "." + body + "." + part(der), wrong},
		"T07 other text":          {good[:len(good)-1] + last, "a part is not base64url"},
		"T07 no signature":        {head + "." + body + ".", wrong},
		"T07 ES384 with P-256":    {headed(object{"alg": "ES384"}), alg},
		"T07 other payload":       {head + "." + part(claims(object{"sub": "s-2"})) + "." + sig, wrong},
		"T07 RS256 names EC key":  {smith.rs256(object{"alg": "RS256", "kid": "e", "typ": "JWT"}, claims(nil)), noKey},
		"T08 past":                {with(object{"exp": noon.Unix() - 30}), "it has expired"},
		"T08 absent":              {without("exp"), times},
		"T08 fraction past":       {with(object{"exp": json.Number(fmt.Sprint(noon.Unix()-30, ".0"))}), "it has expired"},
		"T08 negative":            {with(object{"exp": -1.5}), times},
		"T08 out of range":        {smith.es256(es(nil), fmt.Sprintf(`{"iss":%q,"aud":"dime","sub":"a","exp":1e999}`, settings.Issuer)), times},
		"T08 nbf 1e300":           {with(object{"nbf": 1e300}), "nbf is not a date"},
		"T08 nbf, a fraction":     {with(object{"nbf": json.Number(fmt.Sprint(noon.Unix()+30, ".5"))}), early},
		"T08 1e300":               {with(object{"exp": 1e300}), times},
		"T08 text":                {with(object{"exp": "1893456000"}), times},
		"T08 nbf":                 {with(object{"nbf": noon.Unix() + 31}), early},
		"T08 iat":                 {with(object{"iat": noon.Unix() + 31}), early},
		"T08 iat is text":         {with(object{"iat": "now"}), "iat is not a date"},
		"T09 slash":               {with(object{"iss": settings.Issuer + "/"}), "its issuer is another"},
		"T09 case":                {with(object{"iss": "https://Login.example"}), "its issuer is another"},
		"T09 absent":              {without("iss"), "its issuer is another"},
		"T10 other":               {with(object{"aud": "crm"}), "it is for another audience"},
		"T10 list":                {with(object{"aud": []string{"crm", "dime2"}}), "it is for another audience"},
		"T10 absent":              {without("aud"), "it is for another audience"},
		"T11 ID token by header":  {headed(object{"typ": "ID"}), typ},
		"T11 logout token":        {headed(object{"typ": "logout+jwt"}), typ},
		"T11 type in words":       {headed(object{"typ": "none"}), typ},
		"T11 no type, ID token":   {smith.es256(object{"alg": "ES256", "kid": "e"}, claims(object{"nonce": "n"})), idToken},
		"T11 nonce null":          {with(object{"nonce": nil}), idToken},
		"T11 c_hash":              {with(object{"c_hash": "x"}), idToken},
		"T11 events":              {with(object{"events": object{"http://schemas.openid.net/event/backchannel-logout": object{}}}), event},
		"T11 no type, events":     {smith.es256(object{"alg": "ES256", "kid": "e"}, claims(object{"events": object{}})), event},
		"T11 claim Logout":        {with(object{"typ": "Logout"}), event},
		"T11 claim id":            {with(object{"typ": "id"}), idToken},
		"T11 ID token by nonce":   {with(object{"nonce": "n"}), idToken},
		"T11 ID token by at_hash": {with(object{"at_hash": "n"}), idToken},
		"T11 ID token by claim":   {with(object{"typ": "ID"}), idToken},
		"T12 sub twice": {smith.es256(es(nil), fmt.Sprintf(`{"iss":%q,"aud":"dime","exp":%d,"sub":"a","sub":"b"}`, settings.Issuer,
			noon.Unix()+9)), "its claims are not JSON, or have a name twice"},
		"T12 alg twice": {
			smith.es256(`{"alg":"none","alg":"ES256","kid":"e","typ":"JWT"}`, claims(nil)),
			"its header is not JSON, or has a name twice",
		},
		"T15 bound to a key":    {with(object{"cnf": object{"jkt": "x"}}), "it is bound to a key whose possession cannot be shown here"},
		"T17 crit":              {headed(object{"crit": []string{"exp2"}, "exp2": 1}), crit},
		"T17 b64":               {headed(object{"crit": []string{"b64"}, "b64": false}), crit},
		"T17 b64 alone":         {headed(object{"b64": false}), crit},
		"malformed fiscal code": {with(object{"fiscal_number": "TINIT-RSSMRA80A01L736X"}), "its fiscal code is malformed"},
		"not JSON":              {part("x") + "." + body + "." + sig, "its header is not JSON, or has a name twice"},
		"trailing data":         {smith.es256(es(nil), written(claims(nil))+"x"), "something follows its claims"},
		"a second object":       {smith.es256(es(nil), written(claims(nil))+written(claims(nil))), "something follows its claims"},
		"after the header": {
			smith.es256(`{"alg":"ES256","kid":"e","typ":"JWT"} {}`, claims(nil)),
			"its header is not JSON, or has a name twice",
		},
		"null": {smith.es256(es(nil), "null"), "its claims are not JSON, or have a name twice"},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := s.Authenticate(context.Background(), bearer(row.token))
			var r *Refusal
			if !errors.As(err, &r) || u != nil {
				t.Fatalf("found %v, %v", u, err)
			}
			if r.Status != 401 || r.Code != InvalidToken || r.Description != "The access token is not valid." || r.Err.Error() != row.why {
				t.Errorf("found %d %s %q: %v, expected %s", r.Status, r.Code, r.Description, r.Err, row.why)
			}
		})
	}
}

func TestNoToken(t *testing.T) {
	s := scheme(t, settings, Deps{})
	for _, row := range []struct {
		values []string
		status int
	}{{nil, 401}, {[]string{"Basic YTpi"}, 401}, {[]string{"Bearer a.b.c", "Bearer a.b.c"}, 400}} {
		_, err := s.Authenticate(context.Background(), http.Header{"Authorization": row.values})
		var r *Refusal
		if !errors.As(err, &r) || r.Status != row.status || r.Code != "" {
			t.Errorf("%q: found %v", row.values, err)
		}
	}
}

// TestLevels: T13. A level that is not named exactly is none.
func TestLevels(t *testing.T) {
	s := scheme(t, settings, Deps{})
	for value, level := range map[any]int{acr + "L1": 1, acr + "L3": 3, "": 0, strings.ToLower(acr + "L2"): 0, "SpidL2": 0, 2: 0} {
		u, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{"acr": value}))))
		if err != nil || u.Level != level {
			t.Errorf("%v: found %+v %v", value, u, err)
		}
	}
	for want, got := range map[string]string{
		`Bearer realm="fondaco"`: s.Challenge("", "", Need{Level: 2}),
		`Bearer realm="fondaco", error="invalid_token", error_description="d"`: s.Challenge(InvalidToken, "d", Need{Level: 2}),
		`Bearer realm="fondaco", error="insufficient_user_authentication", error_description="d", acr_values="` + acr + `L2 ` + acr +
			`L3"`: s.Challenge(InsufficientAuthentication, "d", Need{Level: 2}),
		`Bearer realm="fondaco", error="insufficient_user_authentication", error_description="d", acr_values="` + acr +
			`L3", max_age="900"`: s.Challenge(InsufficientAuthentication, "d", Need{Level: 3, MaxAge: 15 * time.Minute}),
	} {
		if got != want {
			t.Errorf("found    %s\nexpected %s", got, want)
		}
	}
}

// TestLogin: T14. When the person logged in is what the token says, and nothing where it does not.
func TestLogin(t *testing.T) {
	s := scheme(t, settings, Deps{})
	for said, want := range map[any]time.Time{
		noon.Unix() - 90: noon.Add(-90 * time.Second), nil: {}, 0: time.Unix(0, 0),
		1.5: time.Unix(1, 500_000_000),
	} {
		u, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{"auth_time": said}))))
		if err != nil || !u.Login.Equal(want) {
			t.Errorf("%v: found %+v %v", said, u, err)
		}
	}
	for _, said := range []any{noon.Unix() + 3600, "now", 1e300, -1} {
		if _, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{"auth_time": said})))); err == nil {
			t.Errorf("the login at %v was believed", said)
		}
	}
}

// TestRememberedTokenExpires: what is remembered is still compared with the clock.
func TestRememberedTokenExpires(t *testing.T) {
	now := noon
	s := scheme(t, settings, Deps{Now: func() time.Time { return now }})
	head := bearer(smith.es256(es(nil), claims(nil)))
	for _, row := range []struct {
		after time.Duration
		good  bool
	}{{0, true}, {629 * time.Second, true}, {630 * time.Second, false}} {
		now = noon.Add(row.after)
		if _, err := s.Authenticate(context.Background(), head); (err == nil) != row.good {
			t.Errorf("after %v: %v", row.after, err)
		}
	}
}

func TestMint(t *testing.T) {
	c := settings
	c.Claims.Roles = "realm_access.roles"
	m, err := NewMint(c)
	if err != nil {
		t.Fatal(err)
	}
	set, err := m.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	s := scheme(t, c, Deps{FS: fstest.MapFS{"jwks.json": {Data: set}}})
	token, err := m.Token(Person{Subject: "demo", FiscalCode: "RSSMRA80A01L736U", Level: 2, Channel: "web", Roles: []string{"operatore"}},
		noon, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.Authenticate(context.Background(), bearer(token))
	if err != nil || u.Subject != "demo" || u.Level != 2 || len(u.Roles) != 1 || u.Value.Get("fiscal_code").Str() != "RSSMRA80A01L736U" {
		t.Errorf("found %+v, %v", u, err)
	}
	if strings.Contains(string(set), `"d"`) {
		t.Error("the key set holds the private key")
	}
}

// TestFiscalCodes: the codes of persons, those with letters in the place of digits, and the provisional ones of 11 digits.
func TestFiscalCodes(t *testing.T) {
	s := scheme(t, settings, Deps{})
	for code, good := range map[string]bool{
		"RSSMRA80A01L736U": true, "RSSMRA80A01L736X": false, "rssmra80a01l736u": false, "RSSMRA80A01L73": false, "RSSMRA80A01H501U": true,
		"RSSMRA80A01L73SR": true, "RSSMRAULALMLTPSL": true, "RSSMRA80A01L73AR": false, "RSSMRA80A01L7361": false, "RSSMRA8AA01L736U": false,
		"80012345678": false, "80012345676": true, "00000000000": false, "8001234567": false, "8001234567A": false,
	} {
		for _, prefix := range []string{"", "TINIT-"} {
			u, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{"fiscal_number": prefix + code}))))
			if good != (err == nil) || good && u.Value.Get("fiscal_code").Str() != code {
				t.Errorf("%s%s: found %v, expected %v", prefix, code, err, good)
			}
		}
	}
}

// TestBearerSpaces: any number of spaces stands after Bearer (RFC 6750 §2.1), and nothing else does.
func TestBearerSpaces(t *testing.T) {
	s := scheme(t, settings, Deps{})
	token := smith.es256(es(nil), claims(nil))
	for text, status := range map[string]int{
		"Bearer " + token: 200, "Bearer    " + token: 200, "bearer  " + token: 200, "BEARER " + token: 200,
		"Bearer\t" + token: 401, "Bearer \t" + token: 401, "Bearer" + token: 401, "Bearer": 401, "Bearer ": 401, " Bearer " + token: 401,
		"Bearer " + token + " x": 401,
	} {
		_, err := s.Authenticate(context.Background(), http.Header{"Authorization": {text}})
		var r *Refusal
		if got := map[bool]int{true: 200}[err == nil]; errors.As(err, &r) && r.Status != status || err == nil && got != status {
			t.Errorf("%.12q: found %v, expected %d", text, err, status)
		}
	}
}

func TestEdDSA(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := settings
	c.Algorithms = []string{"EdDSA"}
	s := scheme(t, c, Deps{FS: fstest.MapFS{"jwks.json": {Data: jwks(jose.JSONWebKey{Key: public, KeyID: "d"})}}})
	signed := part(object{"alg": "EdDSA", "kid": "d", "typ": "JWT"}) + "." + part(claims(nil))
	if _, err := s.Authenticate(context.Background(), bearer(signed+"."+part(ed25519.Sign(private, []byte(signed))))); err != nil {
		t.Error(err)
	}
	if _, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(nil)))); err == nil {
		t.Error("ES256 was taken")
	}
}

func BenchmarkAuthenticateRemembered(b *testing.B) {
	s := scheme(b, settings, Deps{})
	head := bearer(smith.rs256(object{"alg": "RS256", "kid": "r", "typ": "JWT"}, claims(nil)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Authenticate(context.Background(), head); err != nil {
			b.Fatal(err)
		}
	}
}
