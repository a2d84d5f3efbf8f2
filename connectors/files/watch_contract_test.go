package files

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/connectortest"
)

// contracted are watches of each kind that take few things at once.
const contracted = `connector: scambio
version: 1.0.0
params: { endpoint: { type: string } }
files:
  address: "${param.endpoint}"
  formats: { nomi: { csv: { header: true }, fields: { nome: { type: string } } } }
operations:
  elenco: { list: "out/*" }
watches:
  uguali: { match: "uguali/*", done: prese/, batch: 2, every: 10s }
  segnate: { match: "segnate/*", complete: "marker {name}.ok", done: prese, batch: 2, every: 10s }
  righe: { match: "righe/*", each: record, format: nomi, done: fatti/, failed: errori/, batch: 2, every: 10s }
`

// TestWatchContract: what every watch promises, of files that stay the same, of those with a marker, and of records.
func TestWatchContract(t *testing.T) { everywhere(t, testWatchContract) }

func testWatchContract(t *testing.T, at site) {
	for name, of := range map[string]func(connectors.Find) string{
		"uguali":  func(f connectors.Find) string { return f.Body.Get("name").Str() },
		"segnate": func(f connectors.Find) string { return f.Body.Get("name").Str() },
		"righe":   func(f connectors.Find) string { return f.Body.Get("record").Get("nome").Str() },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t, at, contracted, nil)
			watch := f.system.Connector.Watch(name)
			connectortest.RunWatch(t, connectortest.Watched{
				Open: func(t testing.TB) connectors.Watching {
					w := &ticking{every: watch.Every, clock: time.Unix(1_790_000_000, 0)}
					var err error
					w.Watching, err = f.system.Watch(t.Context(), watch, connectors.Deps{
						Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.clock },
					})
					if err != nil {
						t.Fatal(err)
					}
					return w
				},
				Put: func(_ testing.TB, thing string) {
					f.put(filepath.Join(name, thing), "nome\n"+thing+"\n")
					if name == "segnate" {
						f.put(filepath.Join(name, thing+".ok"), "")
					}
				},
				Name: of,
			})
		})
	}
}

// ticking is a watch whose clock goes on with each poll.
type ticking struct {
	connectors.Watching
	every time.Duration
	clock time.Time
}

func (w *ticking) Poll(ctx context.Context, place string) (*connectors.Finds, error) {
	w.clock = w.clock.Add(w.every)
	return w.Watching.Poll(ctx, place)
}
