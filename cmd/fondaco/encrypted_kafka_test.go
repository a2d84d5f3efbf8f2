package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store/storetest"
)

// sealedTopicRoutes keep requests of citizens on a topic of the engine's own, by a key that says who they are.
const sealedTopicRoutes = `routes:
  file:
    http: POST /files
    auth: { scheme: citizen }
    accept: async
    work: { key: "${body.name}", attempts: 3, backoff: 10ms..50ms }
    body: { type: object, required: [number, name], properties: { number: { type: integer }, name: { type: string, personal: true } } }
    steps:
      - call: archive.file
        with: { number: "${body.number}" }
    respond: { status: 201, body: { number: "${body.number}", name: "${body.name}" } }
`

// sealedCity are two nodes with an encrypted state on PostgreSQL, and topics on Kafka.
type sealedCity struct {
	*testing.T
	system  *archive
	login   *loginService
	env     []string
	secrets string
	dirs    []string
	nodes   []*process
	yaml    func(keys string) string
}

// start starts the nodes, with keys.
func (c *sealedCity) start(keys string) {
	c.Helper()
	c.nodes = nil
	for i, dir := range c.dirs {
		if err := os.WriteFile(filepath.Join(dir, "fondaco.yaml"), []byte(c.yaml(keys)), 0o600); err != nil {
			c.Fatal(err)
		}
		c.nodes = append(c.nodes, startCommand(c.T, []string{"run", "--no-watch", "--secrets", c.secrets, dir},
			append(c.env, fmt.Sprintf("NODE=%d", i))...))
	}
}

// post has a node accept a request of a citizen, and returns where its operation is.
func (c *sealedCity) post(node int, citizen string, number int) (place string) {
	c.Helper()
	token := "Bearer " + c.login.token(c.T, map[string]any{"cf": "TINIT-" + citizen, "sub": "s-" + citizen})
	eventually(c.T, func() string {
		code, body, h := c.nodes[node].ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d,"name":%q}`, number, sealedName+citizen),
			"Authorization", token)
		if place = h.Get("Location"); code != http.StatusAccepted {
			return fmt.Sprintf("POST returns %d %s", code, body)
		}
		return ""
	})
	return place + " " + token
}

// ends waits until both nodes answer with the result of an operation.
func (c *sealedCity) ends(place string, status int, body string) {
	c.Helper()
	path, token, _ := strings.Cut(place, " ")
	for _, p := range c.nodes {
		eventually(c.T, func() string {
			if code, found, _ := p.ask(http.MethodGet, path+"/result", "", "Authorization", token); code != status ||
				!strings.Contains(found, body) {
				return fmt.Sprintf("%s returns %d %s, expected %d %s", path, code, found, status, body)
			}
			return ""
		})
	}
}

// says runs a command of the first node, with its environment and a text on standard input.
func (c *sealedCity) says(stdin string, args ...string) (code int, stdout, stderr string) {
	c.Helper()
	env := map[string]string{"NODE": "0"}
	for _, one := range c.env {
		name, value, _ := strings.Cut(one, "=")
		env[name] = value
	}
	var out, problems bytes.Buffer
	w := &engine.World{
		Args: args, Dir: c.dirs[0], Now: time.Now, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &problems,
		Env: func(name string) (string, bool) { value, set := env[name]; return value, set },
	}
	code = run(c.Context(), w)
	return code, out.String(), problems.String()
}

// kept is how often the system was given a number.
func (c *sealedCity) kept(number int) int {
	c.system.mu.Lock()
	defer c.system.mu.Unlock()
	return c.system.kept[fmt.Sprintf("/files/%d", number)]
}

func newSealedCity(t *testing.T, n *kafkatest.Node) *sealedCity {
	t.Helper()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(-1)
	c := sealedCityOf(t, n, system, func(files map[string]string) {
		files["routes/files.yaml"] = sealedTopicRoutes
		files["fondaco.yaml"] = files["fondaco.yaml"][:strings.Index(files["fondaco.yaml"], "topics:\n")]
	})
	c.system = system
	return c
}

// sealedCityOf prepares two nodes of officeProject as edit changes it, with a system.
func sealedCityOf(t *testing.T, n *kafkatest.Node, system http.Handler, edit func(files map[string]string)) *sealedCity {
	t.Helper()
	db := database(t)
	c := &sealedCity{T: t, login: newLoginService(t), secrets: t.TempDir()}
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	c.env = []string{"ARCHIVE=" + backend.URL}
	for name, digits := range map[string]string{"storage_2026": "26", "storage_2027": "27"} {
		if err := os.WriteFile(filepath.Join(c.secrets, name), []byte(strings.Repeat(digits, 32)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := maps.Clone(officeProject)
	files["jwks.json"] = c.login.jwks()
	edit(files)
	plain := strings.Replace(files["fondaco.yaml"], "systems:\n",
		"auth:\n  citizen:\n    jwt: { issuer: https://login.example, audience: port, keys: jwks.json, claims: { fiscal_code: cf } }\nsystems:\n",
		1)
	c.yaml = func(keys string) string {
		return plain + fmt.Sprintf("storage: { state: %q, topics: \"kafka://%s?instance=${env.NODE}&session=3s\", encryption: { keys: [%s] } }\n",
			db.Address("fondaco", "postgres"), n.Addr, keys)
	}
	for range 2 {
		files["fondaco.yaml"] = c.yaml(`"${secret.storage_2026}"`)
		c.dirs = append(c.dirs, written(t, files))
	}
	code, out, problems := command(t, c.dirs[0], "migrate", ".", "--secrets", c.secrets, "--owner", db.Address("owner", "postgres"))
	if code != exitOK {
		t.Fatal(code, out, problems)
	}
	return c
}

// erases has a citizen erased by the second node, and waits until no node has a data key of that citizen in memory. It returns what was
// said.
func (c *sealedCity) erases(citizen string) (code int, said string) {
	c.Helper()
	var problems string
	eventually(c.T, func() string { // it may have just started
		code, said, problems = c.says(citizen, "privacy", "erase", "--subject", "-", "--why", "she asks", "--console", c.nodes[1].console)
		if strings.Contains(problems, "is not known yet") {
			return problems
		}
		return ""
	})
	time.Sleep(8 * time.Second) // for 5 a node may go on with a key that it has opened (docs/guide/storage.md)
	return code, said + problems
}

// TestEncryptedTopics: of what citizens send nothing can be read in any byte that Kafka keeps, while it waits and when it is done, and any
// node reads it. A node that is killed loses nothing. The keys are changed while requests wait. Of a citizen who is erased what waits is
// never done, and ends as cancelled; what that citizen sends later is. Without the key no node starts.
func TestEncryptedTopics(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	c := newSealedCity(t, n)
	const old, both, fresh = `"${secret.storage_2026}"`, `"${secret.storage_2027}", "${secret.storage_2026}"`, `"${secret.storage_2027}"`
	hidden := func(when string) {
		t.Helper()
		for _, text := range []string{sealedName, rosaCode, biceCode} {
			if files := n.Holding(text); len(files) > 0 {
				t.Errorf("%s %s can be read in %v", when, text, files)
			}
		}
	}
	c.start(old)
	c.ends(c.post(0, rosaCode, 1), http.StatusCreated, sealedName)
	c.system.down.Store(true)
	rosas, bices := c.post(0, rosaCode, 14), c.post(1, biceCode, 15)
	hidden("while it waits")
	if len(n.Holding("/fondaco/file")) == 0 {
		t.Error("nothing at all is found in what Kafka keeps")
	}
	c.nodes[0].kill()
	c.nodes[1].end()

	// The keys are changed.
	c.start(both)
	second := storetest.Keys(t, 0x27).First()
	if code, out, problems := c.says("", "storage", "rewrap", "--secrets", c.secrets); code != exitOK ||
		!strings.Contains(out, "is encrypted with the key "+second) {
		t.Fatal(code, out, problems)
	}
	for _, p := range c.nodes {
		p.end()
	}
	c.start(fresh)

	// Rosa is erased, by the node that did not accept her request.
	code, said := c.erases(rosaCode)
	for _, want := range []string{
		"1 data keys of messages on Kafka were destroyed", "1 records and messages are being worked on",
		"declared topics, which are not encrypted",
	} {
		if code != exitOK || !strings.Contains(said, want) {
			t.Errorf("the erasure says %d\n%s, expected %s", code, said, want)
		}
	}
	c.system.down.Store(false)
	c.ends(rosas, http.StatusGone, "erased before it was done")
	c.ends(bices, http.StatusCreated, sealedName)
	c.ends(c.post(0, rosaCode, 16), http.StatusCreated, sealedName)
	c.ends(c.post(1, rosaCode, 17), http.StatusCreated, sealedName)
	if c.kept(14) != 0 || c.kept(15) != 1 || c.kept(16) != 1 || c.kept(17) != 1 {
		t.Errorf("the system was given %v", c.system.kept)
	}
	eventually(t, func() string { // the account counts what was cancelled
		out := done(t, c.dirs[0], "topics", "--console", c.nodes[0].console)
		if !regexp.MustCompile(`file +fondaco\.file +fondaco +5 +4 .* 1 `).MatchString(out) {
			return out
		}
		return ""
	})
	hidden("when it is done")
	for _, p := range c.nodes {
		p.end()
	}
	if err := os.WriteFile(filepath.Join(c.dirs[0], "fondaco.yaml"), []byte(c.yaml(old)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, text, told := c.says("", "run", "--secrets", c.secrets)
	if code != exitFailed || !strings.Contains(told, "the key "+second+", which ") {
		t.Errorf("a node starts without the key: %d %s%s", code, text, told)
	}
}
