package auth

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// vectors is a file of Wycheproof's.
type vectors struct {
	TestGroups []struct {
		Comment         string
		Public, Private json.RawMessage
		Tests           []struct {
			TcID            int
			Comment, Result string
			JWS             json.RawMessage // a text, or an object
		}
	}
}

const (
	symmetric = "whoever checks tokens must not be able to make them: symmetric keys are never used"
	otherAlg  = "the key names another algorithm than the token, PS256 and PS384: RFC 7517 §4.4"
	noES521   = "the key names the algorithm ES521, which does not exist"
)

// deviations say why a vector that is valid is not taken, by file and number or by group. There is none that is invalid
// and taken.
var deviations = map[string]string{
	"hs256": symmetric, "HS256": symmetric, "HS384": symmetric, "HS512": symmetric, "base64": symmetric, "jws_keyset": symmetric,
	"jws_aes":                     symmetric,
	"json_web_signature_test 348": symmetric, "json_web_signature_test 352": symmetric,
	"json_web_signature_test 346": otherAlg, "json_web_signature_test 350": otherAlg,
	"json_web_signature_test 347": noES521, "json_web_signature_test 351": noES521,
}

// TestWycheproof: the vectors of Wycheproof for signed tokens and their keys (testdata/wycheproof), each as it is said to be
// or with a deviation that has a reason.
func TestWycheproof(t *testing.T) {
	used := map[string]bool{}
	for _, file := range []string{"json_web_signature_test", "json_web_key_test", "json_web_crypto_test"} {
		src, err := os.ReadFile("testdata/wycheproof/" + file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var v vectors
		if err := json.Unmarshal(src, &v); err != nil {
			t.Fatal(err)
		}
		tried := 0
		for _, g := range v.TestGroups {
			set := g.Public
			if set == nil {
				set = g.Private
			}
			if !strings.Contains(string(set), `"keys"`) {
				set = json.RawMessage(`{"keys":[` + string(set) + `]}`)
			}
			for _, x := range g.Tests {
				if x.JWS == nil {
					continue // encrypted: no such token is read
				}
				token := string(x.JWS)
				_ = json.Unmarshal(x.JWS, &token)
				tried++
				err := taken(set, token)
				if (err == nil) == (x.Result == "valid") {
					continue
				}
				why := ""
				for _, of := range []string{fmt.Sprint(file, " ", x.TcID), g.Comment} {
					if deviations[of] != "" {
						why, used[of] = deviations[of], true
					}
				}
				if why == "" || err == nil {
					t.Errorf("%s %d, %s %s: it is %s, found %v", file, x.TcID, g.Comment, x.Comment, x.Result, err)
				}
			}
		}
		if tried == 0 {
			t.Errorf("%s: no vector was tried", file)
		}
	}
	for of := range deviations {
		if !used[of] {
			t.Errorf("the deviation %q is none", of)
		}
	}
}

// taken reports why a token is not taken with these keys: what is checked before its claims are looked at.
func taken(set []byte, token string) error {
	s := &jwt{algorithms: known, JWT: JWT{Types: []string{"JWT", "at+jwt", "", "JOSE"}}}
	in, err := parseKeys(set, s.algorithms)
	if err != nil {
		return err
	}
	if !plausible(token) {
		return fmt.Errorf("it is not three parts of base64url")
	}
	h, err := s.header(token)
	if err != nil {
		return err
	}
	_, err = verify(token, jose.SignatureAlgorithm(h.Alg), in.find(h.Kid, jose.SignatureAlgorithm(h.Alg)))
	return err
}
