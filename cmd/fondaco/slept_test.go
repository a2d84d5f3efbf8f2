package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store/postgres/postgrestest"
)

// ownedOffice has what is to be done once, by one of several nodes: runs of a schedule, rows that a watch finds, a batch.
func ownedOffice(database *postgrestest.Server, broker string) map[string]string {
	files := maps.Clone(watchedOffice)
	files["fondaco.yaml"] += fmt.Sprintf("storage: { state: %q, topics: \"kafka://%s?session=3s&instance=${env.NODE}\" }\n",
		database.Address("fondaco", "postgres"), broker)
	files["connectors/registro/connector.yaml"] = strings.Replace(files["connectors/registro/connector.yaml"], `  eventi:
    table: eventi
    columns: { id: { type: integer }, chi: { type: string } }
    key: chi
    outbox: id
    batch: 7
    every: 100ms
`, "", 1)
	files["connectors/archive/connector.yaml"] = `connector: archive
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  done:
    put: "/{what}/{id}"
    effect: idempotent
    path: { what: { type: string }, id: { type: string } }
    answer: { type: object, properties: {} }
`
	files["routes/files.yaml"] = `routes:
  file:
    http: POST /files
    auth: none
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - publish: filed
        event: { number: "${body.number}" }
    respond: { status: 204 }
  digest:
    topic: filed
    collect: { by: "${\"all\"}", count: 10, within: 3s }
    work: { attempts: 100, backoff: 20ms..100ms }
    steps:
      - call: archive.done
        with: { what: digest, id: "${text(messages[0]?.data?.number ?? 0)}" }
  riga:
    database: registro.righe
    work: { attempts: 100, backoff: 20ms..100ms }
    steps:
      - call: archive.done
        with: { what: riga, id: "${text(message.data.id)}" }
  tick:
    schedule: { every: 1s, misfire: all }
    work: { attempts: 100, backoff: 20ms..100ms }
    steps:
      - call: archive.done
        with: { what: tick, id: "${text(schedule.time)}" }
`
	return files
}

// doings count what a system was asked for.
type doings struct {
	mu    sync.Mutex
	times map[string]int
}

func (d *doings) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.times[r.URL.Path]++
	d.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte("{}"))
}

// of returns how many different things of a kind were done, and what of all was done more often than once.
func (d *doings) of(kind string) (n int, twice []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for path, times := range d.times {
		if strings.HasPrefix(path, "/"+kind+"/") {
			n++
		}
		if times > 1 {
			twice = append(twice, fmt.Sprintf("%s %d times", path, times))
		}
	}
	return n, twice
}

// TestSleptOwner: a node that owns a schedule, a watch and a batch is stopped (SIGSTOP) amid publishing, for longer than any lease, and
// goes on: it is refused, which its metrics tell. What it had begun was taken up by the other node, once each; none had two owners.
func TestSleptOwner(t *testing.T) {
	t.Parallel()
	broker := kafkatest.New(t)
	db := database(t)
	if err := db.Say("create table righe (id bigserial primary key, chi text not null)"); err != nil {
		t.Fatal(err)
	}
	system := &doings{times: map[string]int{}}
	backend := httptest.NewServer(system)
	defer backend.Close()
	dir := written(t, ownedOffice(db, broker.Addr))
	if code, out, problems := command(t, dir, "migrate", ".", "--owner", db.Address("owner", "postgres")); code != exitOK {
		t.Fatal(code, out, problems)
	}
	start := func(i int) *process {
		return startProcess(t, dir, "ARCHIVE="+backend.URL, "REGISTRO=postgresql://127.0.0.1:"+db.Port+"/postgres", fmt.Sprintf("NODE=%d", i))
	}
	holds := func(condition string) bool {
		return db.Say("select 1 / (case when "+condition+" then 1 else 0 end)") == nil
	}
	number := 0
	// more has a row and a message come, and returns what waits until they and the next run were done.
	more := func(p *process) (done func(what string)) {
		t.Helper()
		ticks, _ := system.of("tick")
		rows, _ := system.of("riga")
		batches, _ := system.of("digest")
		number++
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, number)); code != http.StatusNoContent {
				return fmt.Sprintf("%d %s\n%s", code, body, p.log.String())
			}
			return ""
		})
		eventually(t, func() string {
			if !holds("exists (select from office.item)") {
				return "nothing is gathered\n" + p.log.String()
			}
			return ""
		})
		if err := db.Say("insert into righe (chi) values ('a')"); err != nil {
			t.Fatal(err)
		}
		return func(what string) {
			t.Helper()
			eventually(t, func() string {
				tick, _ := system.of("tick")
				row, _ := system.of("riga")
				batch, _ := system.of("digest")
				if tick <= ticks+1 || row <= rows || batch <= batches {
					return fmt.Sprintf("%s: %d runs, %d rows and %d batches more\n%s", what, tick-ticks, row-rows, batch-batches, p.log.String())
				}
				return ""
			})
		}
	}
	a := start(0)
	more(a)("one node")

	// It is stopped while it publishes a run and a batch.
	done := more(a)
	broker.Freeze()
	begun := "exists (select from office.schedule where name = 'tick' and until > 0) and " +
		"exists (select from office.collection where token > 0)"
	eventually(t, func() string {
		if !holds(begun) {
			return "it does not own a run and a batch\n" + a.log.String()
		}
		if err := a.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if holds(begun) { // it was not over in between
			return ""
		}
		if err := a.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		return "it ended what it owned before it was stopped"
	})
	t.Cleanup(func() { _ = a.cmd.Process.Signal(syscall.SIGCONT) })
	asleep := time.NewTimer(time.Duration(inLong(30, 12)) * time.Second)
	broker.Thaw()
	b := start(1)
	done("what the stopped node had begun")
	more(b)("the other node")
	<-asleep.C
	if err := a.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	for _, labels := range []string{`{kind="schedule",route="tick"}`, `{kind="collection",route="digest"}`, `{kind="watch",route="riga"}`} {
		eventually(t, func() string {
			if n, _ := strconv.Atoi(a.metric("fondaco_fenced_total" + labels)); n < 1 {
				return fmt.Sprintf("the node that slept counts %d refused%s\n%s", n, labels, a.log.String())
			}
			return ""
		})
	}
	more(a)("both nodes")
	for i, p := range []*process{a, b} {
		for _, labels := range []string{`{kind="schedule",route="tick"}`, `{kind="collection",route="digest"}`, `{kind="watch",route="riga"}`} {
			if n := p.metric("fondaco_duplicate_owner_total" + labels); n != "0" {
				t.Errorf("fondaco_duplicate_owner_total%s of node %d is %q", labels, i, n)
			}
		}
	}
	b.end()
	more(a)("the node that slept, alone")
	if _, twice := system.of(""); len(twice) > 0 {
		t.Errorf("done more often than once: %q", twice)
	}
}
