package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"fondaco/config/porttest"
)

// city is the project that the nodes run: its files, the environment that leads its systems to their simulators, and the login of a
// made-up citizen.
type city struct {
	folder  string
	systems map[string]int    // the ports of their simulators, by name
	places  map[string]string // and their addresses, once they run
	keys    []byte
	token   string
}

// endpoint finds the variables of the environment that say where a system is: A_B_URL is of the system a-b.
var endpoint = regexp.MustCompile(`\$\{env\.([A-Z0-9_]+)_URL\}`)

func newCity(folder string) (*city, error) {
	text, err := os.ReadFile(filepath.Join(folder, "fondaco.yaml"))
	if err != nil {
		return nil, err
	}
	c := &city{folder: folder, systems: map[string]int{}}
	for _, found := range endpoint.FindAllSubmatch(text, -1) {
		name := strings.ToLower(strings.ReplaceAll(string(found[1]), "_", "-"))
		if c.systems[name], err = porttest.Free(); err != nil {
			return nil, err
		}
	}
	c.keys, c.token, err = login()
	return c, err
}

// write makes a copy of the project, with storage and the citizen's key.
func (c *city) write(to, storage string) error {
	if err := os.CopyFS(to, os.DirFS(c.folder)); err != nil {
		return err
	}
	file := filepath.Join(to, "fondaco.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(text, storage...), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "keys", "jwks.json"), c.keys, 0o600)
}

// simulators are the arguments that give each system a port that stays the same.
func (c *city) simulators() (args []string) {
	for _, name := range slices.Sorted(maps.Keys(c.systems)) {
		args = append(args, "--system", fmt.Sprintf("%s=%d", name, c.systems[name]))
	}
	return args
}

// placeLine is what fondaco simulate prints of a simulator: its system, and its address, whose scheme is that of the wire.
var placeLine = regexp.MustCompile(`(?m)^(\S+)\s+(\S+://\S+)`)

// found takes the addresses of the simulators from what printed them; it is an error if one is missing.
func (c *city) found(printed []byte) error {
	c.places = map[string]string{}
	for _, line := range placeLine.FindAllSubmatch(printed, -1) {
		c.places[string(line[1])] = string(line[2])
	}
	for name := range c.systems {
		if c.places[name] == "" {
			return fmt.Errorf("the address of the simulator of %s is not printed:\n%s", name, printed)
		}
	}
	return nil
}

// env says where the simulators are, and the secrets that they take.
func (c *city) env() (all []string) {
	for name := range c.systems {
		place := c.places[name]
		if strings.HasPrefix(place, "files://") { // which only a simulated system speaks: a folder of the project stands for the server
			place = "file:" + name
		}
		all = append(all, variable(name)+"_URL="+place)
	}
	text, _ := os.ReadFile(filepath.Join(c.folder, "fondaco.yaml"))
	for _, found := range secret.FindAllSubmatch(text, -1) {
		all = append(all, fmt.Sprintf("FONDACO_SECRET_%s=simulated", variable(string(found[1]))))
	}
	return all
}

var secret = regexp.MustCompile(`\$\{secret\.([a-z0-9_-]+)\}`)

func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// login makes the key of a login service, and a token of a citizen that is good for a day.
func login() (keys []byte, token string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", err
	}
	text := base64.RawURLEncoding.EncodeToString
	public, err := private.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return nil, "", err
	}
	keys, err = json.Marshal(map[string]any{"keys": []map[string]string{
		{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "cluster", "x": text(public[1:33]), "y": text(public[33:])},
	}})
	if err != nil {
		return nil, "", err
	}
	now := time.Now()
	claims := fmt.Appendf(nil, `{"iss":"https://login.comune.venezia.example","aud":"dime","sub":"mario.rossi","iat":%d,"exp":%d,`+
		`"fiscal_number":"RSSMRA80A01L736U","acr":"https://www.spid.gov.it/SpidL2","channel":"web"}`, now.Unix(), now.Add(24*time.Hour).Unix())
	signed := text([]byte(`{"alg":"ES256","typ":"at+jwt","kid":"cluster"}`)) + "." + text(claims)
	hash := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, private, hash[:])
	if err != nil {
		return nil, "", err
	}
	return keys, signed + "." + text(slices.Concat(octets(r), octets(s))), nil
}

func octets(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }
