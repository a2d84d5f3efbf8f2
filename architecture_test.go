package fondaco

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "fondaco/"

// layers is the architecture: a folder may import itself and the folders on its line.
// Change it in the open and with a reason, never to make a build pass.
const layers = `
	schema:
	config:     schema
	store:      config
	messaging:  config store
	transform:  schema config
	openapi:    schema config
	connectors: schema config transform openapi
	routes:     schema config transform openapi connectors messaging store
	server:     schema config transform openapi connectors messaging store routes
	console:    schema config transform openapi connectors messaging store routes
	engine:     schema config transform openapi connectors messaging store routes server console
	examples:
	cmd:        schema config transform openapi connectors messaging store routes server console engine examples
	bench:      config messaging store
	torture:    config messaging store
	scripts:    config messaging store
`

// homes has for each library the one folder that may import it: replacing it touches that folder alone.
const homes = `
	gopkg.in/yaml.v3:                       config
	github.com/fsnotify/fsnotify:           config
	github.com/expr-lang/expr:              transform/expr
	github.com/getkin/kin-openapi:          openapi
	github.com/hashicorp/go-retryablehttp:  connectors/errand
	github.com/andybalholm/brotli:          connectors/transport
	github.com/sony/gobreaker:              connectors/policy store/redis
	github.com/maypok86/otter:              connectors/policy server store/memory
	golang.org/x/time:                      connectors/policy
	golang.org/x/sync:                      connectors/policy connectors/transport messaging/kafka server
	golang.org/x/text:                      transform/codec
	github.com/go-jose/go-jose:             server/auth
	github.com/prometheus/client_golang:    server/metrics
	github.com/klauspost/compress:          server
	github.com/spf13/cobra:                 cmd
	github.com/chromedp:                    openapi cmd
	github.com/santhosh-tekuri/jsonschema:  config/spec
	go.uber.org/goleak:                    config connectors routes server openapi messaging store console engine cmd
	github.com/ThreeDotsLabs/watermill:     messaging/watermill
	modernc.org/sqlite:                     store/sqlitefile bench/baseline connectors/database/sqlite
	github.com/nats-io:                     messaging/watermill/nats
	github.com/redis/go-redis:              store/redis
	github.com/jackc/pgx:                   store/postgres connectors/database/postgres bench/baseline
	github.com/go-sql-driver/mysql:         connectors/database/mysql
	github.com/pkg/sftp:                    connectors/files/sftp
	golang.org/x/crypto/ssh:                connectors/files/sftp
	golang.org/x/crypto/bcrypt:             server/auth
	github.com/jlaffaye/ftp:                connectors/files/ftp
	github.com/rabbitmq/amqp091-go:         connectors/queue/amqp
	github.com/eclipse/paho.golang:         connectors/queue/mqtt
	github.com/eclipse/paho.mqtt.golang:    connectors/queue/mqtt
	github.com/wneessen/go-mail:            connectors/mail/smtp
	golang.org/x/net:                       connectors/mail/smtp
	github.com/emersion:                    connectors/mail/imap
	github.com/minio:                       connectors/files/s3
	github.com/IBM/sarama:                  messaging/kafka bench/baseline
	github.com/xdg-go/scram:                messaging/kafka
	github.com/robfig/cron:                 routes/schedule
`

// leaves are packages that only their own kind of parent's list, or cmd, may name: a route never knows which
// protocol it speaks.
var leaves = map[string][]string{
	"fondaco/connectors/rest":     {"connectors/rest", "connectors/all"},
	"fondaco/connectors/soap":     {"connectors/soap", "connectors/all"},
	"fondaco/connectors/database": {"connectors/database", "connectors/all"},
	"fondaco/connectors/files":    {"connectors/files", "connectors/all"},
	"fondaco/connectors/queue":    {"connectors/queue", "connectors/all"},
	"fondaco/connectors/mail":     {"connectors/mail", "connectors/all"},
	"fondaco/connectors/all":      {"engine", "cmd", "connectors/all"},

	"fondaco/connectors/soap/wsdl": {"connectors/soap"},
	"fondaco/connectors/soap/wss":  {"connectors/soap"},
	"fondaco/connectors/soap/xsd":  {"connectors/soap"},

	"fondaco/connectors/compare":  {"connectors/compare", "cmd"},
	"fondaco/connectors/scaffold": {"connectors/scaffold", "connectors/rest", "connectors/soap", "connectors/all", "cmd"},
	"fondaco/connectors/simulate": {"connectors/simulate", "connectors/connectortest", "routes/routestest", "engine", "cmd"},

	"fondaco/messaging/embedded":       {"messaging/embedded", "engine/storage"},
	"fondaco/messaging/kafka":          {"messaging/kafka", "engine/storage"},
	"fondaco/messaging/watermill":      {"messaging/watermill"},
	"fondaco/messaging/watermill/nats": {"messaging/watermill/nats", "engine/storage"},
	"fondaco/store/sqlite":             {"store/sqlite", "engine/storage"},
	"fondaco/store/postgres":           {"store/postgres", "engine/storage"},
	"fondaco/store/redis":              {"store/redis", "engine/storage"},
}

// apart are arrows that layers would allow and that must not be: what works on messages knows no HTTP, and is joined to it by
// engine; the rooms of soap know less than soap, in one order.
var apart = map[string][]string{
	"connectors/soap/wsdl": {"net/http", "fondaco/connectors", "fondaco/connectors/soap"},
	"connectors/soap/wss": {
		"net/http", "fondaco/connectors", "fondaco/connectors/soap", "fondaco/connectors/soap/wsdl",
		"fondaco/connectors/soap/xsd",
	},
	"connectors/soap/xsd": {
		"net/http", "fondaco/connectors", "fondaco/connectors/soap", "fondaco/connectors/soap/wsdl",
		"fondaco/connectors/soap/wss",
	},
	"engine/work":       {"net/http", "fondaco/server", "fondaco/console", "fondaco/engine"},
	"routes/generation": {"net/http", "fondaco/routes"},
	"transform/records": {"os", "io/fs", "net", "net/http", "fondaco/transform"},
}

func TestArchitecture(t *testing.T) {
	allowed, home := table(layers), table(homes)
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(file) != ".go" || !strings.Contains(file, "/") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from, test := top(file), strings.HasSuffix(file, "_test.go")
		if _, known := allowed[from]; !known {
			t.Errorf("%s: folder %s has no line in layers", file, from)
		}
		for _, spec := range parsed.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if who, leaf := leaves[name]; leaf && !test && !slices.ContainsFunc(who, func(f string) bool { return under(path.Dir(file), f) }) {
				t.Errorf("%s imports %s; only %v may", file, name, who)
			}
			if not := apart[path.Dir(file)]; !test && slices.Contains(not, name) {
				t.Errorf("%s imports %s; %s must not", file, name, path.Dir(file))
			}
			if ours, ok := strings.CutPrefix(name, module); ok {
				if to := top(ours); to != from && !slices.Contains(allowed[from], to) {
					t.Errorf("%s imports %s; %s may import only %v", file, name, from, allowed[from])
				}
				continue
			}
			for library, where := range home {
				if under(name, library) && !slices.ContainsFunc(where, func(f string) bool { return under(path.Dir(file), f) }) {
					t.Errorf("%s imports %s; its home is %s", file, name, strings.Join(where, " or "))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// table reads lines of "name: words".
func table(text string) map[string][]string {
	rows := map[string][]string{}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		name, words, _ := strings.Cut(strings.TrimSpace(line), ":")
		rows[name] = strings.Fields(words)
	}
	return rows
}

func top(file string) string {
	folder, _, _ := strings.Cut(file, "/")
	return folder
}

func under(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }
