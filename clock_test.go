package fondaco

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// ownClock are the files, and folders with all that is in them, that may read the machine's clock, each with its reason. All else is handed
// a config.Clock.
var ownClock = map[string]string{
	"config/clock.go":        "where nobody was handed one",
	"cmd/fondaco/process.go": "the clock of the process, which is handed down from here",
	"server/auth/jwt.go":     "where nobody was handed one",
	"routes/binding.go":      "where nobody was handed one",
	"routes/schedule":        "where nobody was handed one",

	"routes/topic_format.go": "for expressions of a topic's format, which are compiled before there is a clock",

	// How long something takes, and until when something waits.
	"config/watch.go":                   "pauses between looks at files",
	"config/reading.go":                 "ages of files, which bear the machine's times",
	"config/recorder.go":                "ages of files, which bear the machine's times",
	"engine/reload.go":                  "how long a reload takes",
	"connectors/policy/meter.go":        "how long an attempt takes, and when it ended",
	"engine/storage/levels.go":          "how old a count is",
	"engine/work/poller.go":             "pauses between polls",
	"engine/work/workers.go":            "pauses of consumers",
	"engine/work/traced.go":             "how long work on a message takes",
	"routes/callback":                   "pauses between attempts",
	"routes/step.go":                    "how long a step takes",
	"routes/recorded.go":                "how long a call takes",
	"routes/step_publish.go":            "how long a publish takes",
	"routes/tell.go":                    "how long the end of an operation is waited for",
	"server/answer.go":                  "deadlines of connections",
	"server/door":                       "deadlines of connections",
	"server/once.go":                    "how long an exchange may take",
	"server/upload.go":                  "deadlines of connections",
	"store/traces":                      "how long a step of an exchange takes",
	"server/visit.go":                   "how long a request takes",
	"transform/funcs":                   "how long a pattern takes",
	"connectors/errand/errand.go":       "whether there is time for another attempt",
	"connectors/files/ftp/link.go":      "deadlines of connections",
	"connectors/files/ftp/pool.go":      "how long a connection was idle",
	"connectors/files/player.go":        "deadlines of connections",
	"connectors/files/s3/link.go":       "deadlines of connections",
	"connectors/files/sftp/connect.go":  "deadlines of connections",
	"connectors/files/sftp/pool.go":     "how long a connection was idle",
	"connectors/mail/dialogue.go":       "deadlines of connections",
	"connectors/mail/smtp/send.go":      "deadlines of connections",
	"connectors/policy/breaker.go":      "how long a system is left alone, which the library measures",
	"connectors/policy/retry.go":        "whether there is time for another attempt",
	"connectors/queue/amqp/broker.go":   "pauses between attempts to connect",
	"connectors/queue/amqp/consumer.go": "pauses between attempts to connect",
	"connectors/queue/amqp/session.go":  "deadlines of connections",
	"connectors/queue/mqtt/broker.go":   "pauses between attempts to connect",
	"connectors/queue/mqtt/consumer.go": "pauses between attempts to connect",
	"connectors/queue/mqtt/session.go":  "deadlines of connections",
	"connectors/transport/client.go":    "how long a call takes",
	"connectors/transport/stream.go":    "how long a call takes",
	"connectors/transport/trip.go":      "how long a call takes",
	"connectors/trip.go":                "how long a call takes",

	"messaging/envelope.go":           "for messages that bring no time",
	"messaging/gate.go":               "until when a consumer pauses",
	"messaging/handle.go":             "pauses between attempts, and since when a message waits, from which they follow",
	"messaging/reserve.go":            "how long a message is worked on",
	"messaging/retries.go":            "how long a message has to wait",
	"messaging/stats.go":              "how long a consumer stands still",
	"messaging/told.go":               "how often the log says something",
	"messaging/watchdog.go":           "how long something stands still",
	"messaging/embedded/erase.go":     "how long messages that were given out are waited for",
	"messaging/embedded/parked.go":    "when a system is tried again",
	"messaging/embedded/queue.go":     "how long a message has to wait",
	"messaging/embedded/ready.go":     "how long a message has to wait",
	"messaging/embedded/sealed.go":    "pauses between sweeps",
	"messaging/embedded/writer.go":    "pauses between sweeps",
	"messaging/kafka/broker.go":       "how long the cluster is silent",
	"messaging/kafka/intentlog.go":    "how long the ends of calls are remembered",
	"messaging/kafka/keep.go":         "how long a topic takes to settle",
	"messaging/kafka/lanes.go":        "how long a message has to wait",
	"messaging/kafka/parked.go":       "when a system is tried again",
	"messaging/kafka/partition.go":    "pauses between attempts",
	"messaging/kafka/publisher.go":    "how long a publish takes",
	"messaging/kafka/subscription.go": "how long a session lasts",
	"messaging/watermill/lane.go":     "how long a message has to wait",

	"store/memory/limiter.go":    "the rate of callers",
	"store/postgres/clock.go":    "how far the machine's clock is from the database's",
	"store/postgres/seals.go":    "how long a key is kept in memory",
	"store/redis/idempotency.go": "how long a mark holds",
	"store/sqlitefile/tidy.go":   "pauses between cleanings",

	// Tools that measure, and parts of tests.
	"bench": "a tool", "scripts": "a tool", "torture": "a tool", "routes/routestest": "the runner of a project's tests",
	"connectors/connectortest": "for tests", "connectors/database/databasetest": "for tests", "connectors/mail/imap/imaptest": "for tests",
	"connectors/queue/queuetest": "for tests", "connectors/files/ftp/ftptest": "for tests", "connectors/files/sftp/sftptest": "for tests",
	"connectors/files/s3/s3test":         "for tests",
	"connectors/transport/transporttest": "for tests", "messaging/kafka/kafkatest": "for tests", "messaging/messagingtest": "for tests",
	"messaging/watermill/nats/natstest": "for tests", "store/postgres/postgrestest": "for tests", "store/storetest": "for tests",
}

// TestClockIsHandedDown: no file reads the machine's clock by itself but those with a reason, and each of those does.
func TestClockIsHandedDown(t *testing.T) {
	read := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		if !readsClock(parsed) {
			return nil
		}
		for at := file; at != "."; at = path.Dir(at) {
			if ownClock[at] != "" {
				read[at] = true
				return nil
			}
		}
		t.Errorf("%s reads the machine's clock (time.Now, time.Since, time.Until): take a config.Clock, or say in ownClock why not", file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for at := range ownClock {
		if !read[at] {
			t.Errorf("%s has a line in ownClock, and does not read the machine's clock", at)
		}
	}
}

// readsClock reports whether a file names a function that reads the machine's clock.
func readsClock(f *ast.File) (reads bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until") {
				reads = true
			}
		}
		return true
	})
	return reads
}
