package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"fondaco/store/postgres/postgrestest"
)

// watchedOffice is a project whose routes are started by the rows of two tables: one that is read, and one that is taken from.
var watchedOffice = map[string]string{
	"fondaco.yaml": strings.Replace(officeProject["fondaco.yaml"], "systems:\n",
		"systems:\n  registro: { connector: ./connectors/registro, params: { endpoint: \"${env.REGISTRO}\" } }\n", 1),
	"connectors/archive/connector.yaml": `connector: archive
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  file:
    put: "/{table}/{key}/{number}"
    effect: idempotent
    path: { table: { type: string }, key: { type: string }, number: { type: integer } }
    answer: { type: object, properties: {} }
`,
	"connectors/registro/connector.yaml": `connector: registro
version: 1.0.0
params: { endpoint: { type: string } }
database: { address: "${param.endpoint}", user: postgres, tls: "off" }
operations:
  conta: { effect: read, sql: select count(*) as n from righe, result: one, columns: { n: { type: integer } } }
watches:
  righe:
    table: righe
    columns: { id: { type: integer }, chi: { type: string } }
    key: chi
    grows: id
    from: beginning
    batch: 7
    every: 100ms
    wake: righe
  eventi:
    table: eventi
    columns: { id: { type: integer }, chi: { type: string } }
    key: chi
    outbox: id
    batch: 7
    every: 100ms
`,
	"routes/files.yaml": `routes:
  riga:
    database: registro.righe
    work: { workers: 4, backoff: 10ms..50ms }
    steps:
      - call: archive.file
        with: { table: righe, key: "${message.data.chi}", number: "${message.data.id}" }
  evento:
    database: registro.eventi
    work: { workers: 4, backoff: 10ms..50ms }
    steps:
      - call: archive.file
        with: { table: eventi, key: "${message.data.chi}", number: "${message.data.id}" }
`,
}

// effects are what a system was asked to do, by table and key, each thing at its first time.
type effects struct {
	mu    sync.Mutex
	known map[string]bool
	order map[string][]int
}

func (e *effects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := strings.LastIndexByte(r.URL.Path, '/')
	n, err := strconv.Atoi(r.URL.Path[at+1:])
	if err != nil {
		http.Error(w, "no number", http.StatusBadRequest)
		return
	}
	e.mu.Lock()
	if !e.known[r.URL.Path] {
		e.known[r.URL.Path] = true
		e.order[r.URL.Path[:at]] = append(e.order[r.URL.Path[:at]], n)
	}
	e.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

func (e *effects) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.known)
}

// TestWatchKilled: rows that are written while the process is killed amid its looks have their effect all the same, in the order of their
// key, whatever order their transactions end in; and an outbox is empty then.
func TestWatchKilled(t *testing.T) {
	t.Parallel()
	database := postgrestest.New(t)
	say := func(statements ...string) {
		t.Helper()
		if err := database.Say(statements...); err != nil {
			t.Fatal(err)
		}
	}
	say("create table righe (id bigserial primary key, chi text not null)",
		"create table eventi (id bigserial primary key, chi text not null)")
	seen := &effects{known: map[string]bool{}, order: map[string][]int{}}
	system := httptest.NewServer(seen)
	defer system.Close()

	stop := make(chan struct{})
	var writers sync.WaitGroup
	var mu sync.Mutex
	rows := 0
	for w := range 4 {
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprintf("c%d-%d", w, n%3)
				late := float64((n*7+w*3)%10) / 50 // they end in another order than they begin
				if err := database.Say(fmt.Sprintf("begin; insert into righe (chi) values ('%[1]s'); insert into eventi (chi) values ('%[1]s'); "+
					"notify righe; select pg_sleep(%[2]f); commit", key, late)); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				rows++
				mu.Unlock()
			}
		})
	}

	dir := written(t, watchedOffice)
	env := []string{"ARCHIVE=" + system.URL, "REGISTRO=postgresql://127.0.0.1:" + database.Port + "/postgres"}
	p := startProcess(t, dir, env...)
	for range inLong(3, 1) {
		from := seen.count()
		eventually(t, func() string {
			if seen.count() < from+10 {
				return fmt.Sprintf("%d effects more\n%s", seen.count()-from, p.log.String())
			}
			return ""
		})
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.cmd.Wait()
		p = startProcess(t, dir, env...)
	}
	close(stop)
	writers.Wait()
	eventually(t, func() string {
		if seen.count() < 2*rows {
			return fmt.Sprintf("%d effects of %d rows\n%s", seen.count(), 2*rows, p.log.String())
		}
		return ""
	})
	eventually(t, func() string {
		if err := database.Say("select 1 / (case when count(*) = 0 then 1 else 0 end) from eventi"); err != nil {
			return "the outbox is not empty: " + err.Error()
		}
		return ""
	})
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if len(seen.known) != 2*rows {
		t.Errorf("%d effects of %d rows", len(seen.known), 2*rows)
	}
	for key, order := range seen.order {
		for i := 1; i < len(order); i++ {
			if order[i] < order[i-1] {
				t.Errorf("%s: %d came after %d", key, order[i], order[i-1])
			}
		}
	}
	if text := p.log.String(); strings.Contains(text, "c0-0") {
		t.Error("the log holds a value of a row")
	}
}
