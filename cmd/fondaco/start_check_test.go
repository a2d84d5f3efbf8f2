package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
)

// startRefuses are values of fondaco.yaml that the start refuses without any connection, with what check says of them.
var startRefuses = []struct {
	name, yaml string
	env        map[string]string
	want       string // code and text
}{
	{
		"PostgreSQL in a schema of its own", `storage: { state: "postgres://u@db/dime?schema=pg_catalog" }`, nil,
		`E104 storage.state: the schema "pg_catalog" cannot be Fondaco's`,
	},
	{
		"PostgreSQL with a secret", `storage: { state: "postgres://u:${secret.pg}@db:port/dime" }`,
		map[string]string{"FONDACO_SECRET_PG": "geheim"},
		`E104 storage.state: the address of the state`,
	},
	{
		"PostgreSQL from the environment", `storage: { state: "${env.STATE}" }`,
		map[string]string{"STATE": "postgresql://db/dime?sslmode=perhaps"},
		`E104 storage.state: the address of the state`,
	},
	{
		"PostgreSQL with a file that is not there", `storage: { state: "postgres://u@db/dime?sslmode=verify-full&sslrootcert=certs/none.pem" }`,
		nil, `certs/none.pem`,
	},
	{
		"another database", `storage: { state: "${env.STATE}" }`,
		map[string]string{"STATE": "mysql://db/dime"},
		`E104 storage.state: found another address, expected a file of SQLite, or postgres://role@host:port/database`,
	},
	{"a state that is a folder", `storage: { state: routes }`, nil, `E104 storage.state: routes is a folder`},
	{
		"a state below a file", `storage: { state: fondaco.yaml/x/state.db }`, nil,
		`E104 storage.state: fondaco.yaml is a file, expected a folder`,
	},
	{
		"a state that is something else", `storage: { state: fondaco.yaml }`, nil,
		`E104 storage.state: fondaco.yaml is something else than a file of SQLite`,
	},
	{
		"topics that are something else", `storage: { state: other.db }`, nil,
		`storage.topics: other-topics.db is something else than a file of SQLite`,
	},
	{
		"Kafka without a port", `storage: { topics: "kafka://k1" }`, nil,
		`E104 storage.topics: "k1" is not the address of a Kafka broker; expected host:port`,
	},
	{"a second broker without a port", `storage: { topics: "kafka://k1:9092,k2" }`, nil, `E104 storage.topics: `},
	{"Kafka without a host", `storage: { topics: "kafka://" }`, nil, `E104 storage.topics: `},
	{"an unknown word of Kafka", `storage: { topics: "kafka://127.0.0.1:1?instanz=a" }`, nil, `E104 storage.topics: found "instanz"`},
	{"a session that is too long", `storage: { topics: "kafka://127.0.0.1:1?session=1h" }`, nil, `E104 storage.topics: found session=1h`},
	{
		"an instance with an invalid name", `storage: { topics: "kafka://127.0.0.1:1?instance=a%20b" }`, nil,
		`E104 storage.topics: the name of the instance`,
	},
	{
		"Kafka from the environment", `storage: { topics: "${env.TOPICS}" }`,
		map[string]string{"TOPICS": "amqp://k1:9092"},
		`E104 storage.topics: found what is not an address`,
	},
	{"Redis without a host", `storage: { cache: "redis://:6379" }`, nil, `E104 storage.cache: found an address without a host`},
	{"Redis with an invalid port", `storage: { cache: "redis://h:99999" }`, nil, `E104 storage.cache: `},
	{
		"Redis from the environment", `storage: { cache: "${env.CACHE}" }`,
		map[string]string{"CACHE": "memcached://h:1"},
		`E104 storage.cache: `,
	},
	{
		"a listener without a port", `server: { listen: "8080" }`, nil,
		`E104 server.listen: found "8080", expected host:port or :port, as :8080`,
	},
	{"an invalid port", `server: { listen: ":99999" }`, nil, `E104 server.listen: found the port "99999", expected 0 to 65535`},
	{
		"an invalid port of the console", `server: { listen: "127.0.0.1:0", console: "127.0.0.1:porta" }`, nil,
		`E104 server.console: found the port "porta"`,
	},
	{"a listener that is a URL", `server: { listen: "http://127.0.0.1:8080" }`, nil, `E104 server.listen: found "http://127.0.0.1:8080"`},
	{
		"a listener from the environment", `server: { listen: "${env.LISTEN}" }`,
		map[string]string{"LISTEN": "8080"},
		`E104 server.listen: found "8080"`,
	},
	{
		"one address for two", `server: { listen: "127.0.0.1:45871", console: "127.0.0.1:45871" }`, nil,
		`E104 server.console: found "127.0.0.1:45871", which is the address of server.listen`,
	},
	{
		"a console on all interfaces", `server: { listen: "127.0.0.1:0", console: ":8081" }`, nil,
		`E104 server.console: found ":8081", which other machines may reach, and the console has no login; write console: 127.0.0.1:8081; probes and metrics have an address of their own, write health: :8082`,
	},
	{
		"a console on 0.0.0.0", `server: { listen: "127.0.0.1:0", console: "0.0.0.0:8081" }`, nil,
		`E104 server.console: found "0.0.0.0:8081", which other machines may reach`,
	},
	{
		"a console on all of IPv6", `server: { listen: "127.0.0.1:0", console: "[::]:8081" }`, nil,
		`E104 server.console: found "[::]:8081", which other machines may reach`,
	},
	{
		"a console at an address of the network", `server: { listen: "127.0.0.1:0", console: "192.0.2.7:8081" }`, nil,
		`E104 server.console: found "192.0.2.7:8081", which other machines may reach`,
	},
	{
		"a console at a name", `server: { listen: "127.0.0.1:0", console: "console.example:8081" }`, nil,
		`E104 server.console: found "console.example:8081", which other machines may reach`,
	},
	{
		"a console from the environment", `server: { listen: "127.0.0.1:0", console: "${env.CONSOLE}" }`,
		map[string]string{"CONSOLE": ":0"},
		`E104 server.console: found ":0", which other machines may reach`,
	},
	{
		"probes without a port", `server: { listen: "127.0.0.1:0", health: "8082" }`, nil,
		`E104 server.health: found "8082", expected host:port or :port`,
	},
	{
		"probes at the console's address", `server: { listen: "127.0.0.1:0", console: "127.0.0.1:45872", health: "127.0.0.1:45872" }`, nil,
		`E104 server.health: found "127.0.0.1:45872", which is the address of server.console`,
	},
	{
		"an invalid proxy", `network: { proxy: "ftp://proxy.example" }`, nil,
		`E104 network.proxy: the address of the proxy is not understood`,
	},
	{
		"a proxy without a scheme", `network: { proxy: "proxy.example:3128" }`, nil,
		`E104 network.proxy: the address of the proxy is not understood`,
	},
	{
		"a proxy from the environment", `network: { proxy: "${env.PROXY}" }`,
		map[string]string{"PROXY": "socks5://h:1"},
		`E104 network.proxy: the address of the proxy is not understood`,
	},
	{
		"a password of a proxy", `network: { proxy: "http://u:aperto@proxy.example:3128" }`, nil,
		`E106 network.proxy: a secret is written into the file`,
	},
	{
		"an invalid network", `network: { also_deny: [10.0.0/8] }`, nil,
		`E104 also_deny: found "10.0.0/8", expected an address or network as 10.0.0.0/8`,
	},
	{
		"an invalid host", `network: { proxy: "http://p.example:1", direct: ["http://a.example"] }`, nil,
		`E104 direct: found "http://a.example", expected a name`,
	},
	{"no proxy to go past", `network: { direct: [a.example] }`, nil, `E104 direct: without network.proxy everything is reached directly`},
	{"introspection over plain HTTP", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: "https://i.example/jwks", introspection: { endpoint: "http://i.example/", client_id: a, client_secret: "${env.S}" } } } }`, map[string]string{"S": "x"}, `E104 jwt: introspection: the endpoint is not an https address`},
	{"status lists over plain HTTP", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: "https://i.example/jwks", status_list: { uri: "http://i.example/" } } } }`, nil, `E104 jwt: status_list: the uri is not an https address`},
	{"keys of status lists that are not there", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: "https://i.example/jwks", status_list: { uri: "https://i.example/", keys: lists.jwks } } } }`, nil, `E104 jwt: status_list: jwt: keys: `},
	{"introspection with a secret in the file", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: "https://i.example/jwks", introspection: { endpoint: "https://i.example/", client_id: a, client_secret: aperto } } } }`, nil, `E106 client_secret: a secret is written into the file`},
	{
		"any Host of the console", `server: { listen: "127.0.0.1:0", console_hosts: "*" }`, nil,
		`E104 console_hosts: found "*", expected a name as fondaco.comune.example, without scheme and port`,
	},
	{
		"a console's Host with a port", `server: { listen: "127.0.0.1:0", console_hosts: ["fondaco.example:8081"] }`, nil,
		`E104 console_hosts: found "fondaco.example:8081", expected a name`,
	},
	{
		"an invalid public address", `server: { listen: "127.0.0.1:0", public_url: "https://api.example/%zz" }`, nil,
		`E104 server.public_url: `,
	},
	{"a file of keys that is not there", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: keys.jwks } } }`, nil, `E104 jwt: keys: `},
	{
		"a file without keys", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: fondaco.yaml } } }`,
		nil, `E104 jwt: keys: fondaco.yaml: `,
	},
	{"keys over plain HTTP", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: "http://i.example/jwks" } } }`, nil, `E104 jwt: keys: `},
	{"keys from the environment", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: "${env.KEYS}" } } }`, map[string]string{"KEYS": "ftp://i.example"}, `E104 jwt: keys: `},
	{"an issuer that is empty", `auth: { a: { jwt: { issuer: "${env.ISSUER}", audience: ["https://api.example"], keys: "https://i.example/jwks" } } }`, map[string]string{"ISSUER": ""}, `E104 a: jwt: issuer, audiences and keys are required`},
	{"a level that no header can hold", `auth: { a: { jwt: { issuer: "https://i.example", audience: ["https://api.example"], keys: "https://i.example/jwks", levels: { "un livello": 2 } } } }`, nil, `E104 a: jwt: the level "un livello"`},
}

// keeping is a project that keeps something, with one more line of fondaco.yaml.
func keepingProject(t *testing.T, line string) string {
	t.Helper()
	return written(t, map[string]string{
		"fondaco.yaml":    "project: prova\n" + line + "\n",
		"other-topics.db": "this is a letter to somebody, not a database\n",
		"routes/r.yaml": "routes:\n  manda:\n    http: POST /manda\n    auth: none\n    accept: async\n    body: { type: object, " +
			"properties: { a: { type: string } } }\n    respond: { status: 201, body: \"${body.a}\" }\n",
	})
}

func envOf(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

// TestCheckRefusesWhatStartRefuses: what the start refuses without a connection, check refuses with its place, and run
// says the same.
func TestCheckRefusesWhatStartRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range startRefuses {
		t.Run(c.name, func(t *testing.T) {
			dir := keepingProject(t, c.yaml)
			for _, args := range [][]string{{"check", "."}, {"run", "--no-watch", "."}} {
				var out, problems bytes.Buffer
				w := &engine.World{Args: args, Env: envOf(c.env), Dir: dir, Stdout: &out, Stderr: &problems, Now: time.Now}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				code := run(ctx, w)
				cancel()
				placed := regexp.MustCompile(`fondaco\.yaml:2:[1-9][0-9]*: .*` + regexp.QuoteMeta(c.want))
				if code != exitFailed || !placed.MatchString(problems.String()) || !strings.Contains(problems.String(), "1 problem in 1 file") {
					t.Errorf("%v: exit code %d, expected %q, found\n%s", args, code, c.want, problems.String())
				}
				for name, value := range c.env {
					if strings.HasPrefix(name, "FONDACO_SECRET_") && strings.Contains(problems.String(), value) {
						t.Errorf("a secret is shown: %s", problems.String())
					}
				}
			}
			// The start itself refuses it, whoever calls it.
			if err := startAlone(t, dir, c.env); err == nil {
				t.Error("the start does not refuse it")
			}
		})
	}
}

// startAlone starts a project as run does, without what check has looked at.
func startAlone(t *testing.T, dir string, env map[string]string) error {
	t.Helper()
	w := &engine.World{Env: envOf(env), Dir: dir, Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Now: time.Now}
	p, err := engine.OpenFolder(w, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	project, reading, err := p.MustRead(w)
	if err != nil {
		return err
	}
	log, queue := engine.NewLogger(w, slog.LevelError, false)
	defer engine.CloseLog(queue)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	s := &engine.Serving{World: w, Folder: p, Reading: reading, Log: log}
	flags := engine.Flags{Still: true}
	return s.Run(ctx, project, flags, func(engine.Addresses) { cancel() })
}

// TestCheckNeedsNoSecrets: what the start takes, check takes, and without the environment and the secrets of production.
func TestCheckNeedsNoSecrets(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`storage: { state: "${env.STATE}", topics: "${env.TOPICS}", cache: "${env.CACHE}" }`,
		`storage: { state: "${secret.state}", topics: "kafka://${env.K1},${env.K2}", cache: "redis://u:${secret.pw}@h:1" }`,
		`storage: { topics: "kafka://u:${secret.pw}@127.0.0.1:9092" }`,
		`storage: { state: data/deep/er/state.db, topics: "kafka://k1:9092,k2:9092?instance=a&session=5s" }`,
		`server: { listen: "${env.LISTEN}", console: "${env.CONSOLE}", health: "${env.HEALTH}", public_url: "${env.PUBLIC}" }`,
		`server: { listen: ":0", console: "localhost:0", health: ":0" }`,
		`server: { console: "127.3.2.1:0", console_hosts: [fondaco.comune.example, FONDACO, 10.1.2.3, "::1"] }`,
		`server: { listen: "[::1]:http", console: "[::1]:8081", health: "probes.example:8082" }`,
		`network: { also_deny: [10.9.0.0/16, "fd00::1"], proxy: "http://u:${secret.pw}@${env.PROXY}", direct: [.intranet.example, 10.0.0.0/8, a.example, "::1"] }`,
		`auth: { a: { jwt: { issuer: "${env.I}", audience: ["${env.A}"], keys: "${env.K}", introspection: { endpoint: "${env.E}", client_id: "${env.C}", client_secret: "${secret.s}", cache: 0s } } } }`,
		`auth: { a: { jwt: { issuer: "${env.I}", audience: ["${env.A}"], keys: "${env.K}", status_list: { uri: "${env.L}", keys: "${env.LK}", cache: 1m, required: false } } } }`,
		`network: { also_deny: 10.9.0.1, proxy: "https://proxy.example:3128/" }`,
		`auth: { a: { jwt: { issuer: "${env.I}", audience: ["${env.A}"], keys: "${env.K}" } } }`,
	} {
		if code, out, problems := command(t, keepingProject(t, line), "check", "."); code != exitOK {
			t.Errorf("%s: exit code %d\n%s%s", line, code, out, problems)
		}
	}
	// A password that would be sent as it is: whatever the password is.
	code, _, problems := command(t, keepingProject(t, `storage: { topics: "kafka://u:${secret.pw}@k1:9092" }`), "check", ".")
	if code != exitFailed || !strings.Contains(problems, "a password without TLS") {
		t.Errorf("exit code %d\n%s", code, problems)
	}
}

// TestStorageThatIsNotOpened: a project that keeps nothing starts whatever storage.state says; check warns.
func TestStorageThatIsNotOpened(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{
		"fondaco.yaml":  "project: prova\nserver: { listen: \"127.0.0.1:0\" }\nstorage: { state: \"postgres://db/x?schema=public\" }\n",
		"routes/r.yaml": "routes:\n  qui:\n    http: GET /qui\n    auth: none\n    respond: { body: \"qui\" }\n",
	})
	code, out, problems := command(t, dir, "check", ".")
	if code != exitOK || !strings.Contains(problems, "cannot be Fondaco's") {
		t.Errorf("exit code %d\n%s%s", code, out, problems)
	}
	if err := startAlone(t, dir, nil); err != nil {
		t.Error(err)
	}
}

// TestReferenceAdvertisesWhatStarts: an address that the reference of storage shows is one that the start takes.
func TestReferenceAdvertisesWhatStarts(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "reference", "project.md"))
	if err != nil {
		t.Fatal(err)
	}
	schemes := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^  - `(state|topics|cache)` .*$").FindAllString(string(page), -1) {
		for _, s := range regexp.MustCompile(`(\w+)://`).FindAllStringSubmatch(m, -1) {
			schemes[s[1]] = true
		}
	}
	if got := fmt.Sprint(len(schemes), schemes["kafka"], schemes["nats"], schemes["redis"], schemes["rediss"],
		schemes["postgres"]); got != "5 true true true true true" {
		t.Errorf("the reference shows addresses of %v", slices.Collect(maps.Keys(schemes)))
	}
}
