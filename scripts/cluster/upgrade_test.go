package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store/postgres/postgrestest"
)

// upgraded is a project in which everything that nodes share is at work: operations and their answers, keys, topics, a collection, a
// schedule.
var upgraded = map[string]string{
	"fondaco.yaml": `project: upgraded
title: What goes on while nodes are changed
server: { drain_delay: 5s }
systems:
  desk: { connector: ./connectors/desk, params: { endpoint: "${env.DESK}" }, timeout: 1m, concurrency: 64 }
storage: { state: "${env.STATE}", topics: "${env.TOPICS}" }
topics:
  told:
    schema: { type: object, required: [id], properties: { id: { type: integer } } }
`,
	"connectors/desk/connector.yaml": `connector: desk
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  note:
    put: "/{what}/{id}"
    effect: idempotent
    path: { what: { type: string }, id: { type: string } }
    answer: { type: object, properties: {} }
`,
	"routes/orders.yaml": `routes:
  order:
    http: POST /orders
    auth: none
    accept: async
    work: { workers: 4 }
    body: { type: object, required: [id], properties: { id: { type: integer } } }
    steps:
      - call: desk.note
        with: { what: order, id: "${text(body.id)}" }
      - publish: told
        event: { id: "${body.id}" }
    respond: { status: 200, body: { id: "${body.id}" } }
  gather:
    topic: told
    collect: { by: "${text(message.data.id % 3)}", count: 5, within: 1s }
    work: { workers: 4 }
    steps:
      - for_each: m in messages
        max: 5
        steps:
          - call: desk.note
            with: { what: gathered, id: "${text(m.data.id)}" }
  tick:
    schedule: { every: 1s, misfire: all }
    work: { workers: 1 }
    steps:
      - call: desk.note
        with: { what: tick, id: "${text(schedule.time)}" }
`,
}

// TestRollingUpgrade: under load the schema is brought to the format of the next version, each node is changed in its turn from this
// version to that one, and each back. No request is refused, what was accepted is done, and any node answers for all of it.
func TestRollingUpgrade(t *testing.T) {
	if testing.Short() {
		t.Skip("the program is built twice, and its nodes are changed for minutes: not in the short form")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	present, next := filepath.Join(dir, "present"), filepath.Join(dir, "next")
	build(t, root, present)
	build(t, root, next, "-overlay", nextFormat(t, root, dir))
	u := newUpgrade(t, dir, present)

	u.changed(0, "stop")
	u.servers[0].path = next
	if _, err := u.c.part("node-1").do(t.Context(), "start"); err == nil || !strings.Contains(u.said("node-1"), "fondaco migrate") {
		t.Fatalf("the next version starts on the schema of this one: %v; it says %s", err, u.said("node-1"))
	}
	u.servers[0].path = present
	u.changed(0, "start")

	if err := u.c.migrate(t.Context(), next, u.project, u.servers[0].env); err != nil {
		t.Fatal(err)
	}
	u.goesOn() // this version with the schema of the next one
	for _, program := range []string{next, present} {
		for i := range u.servers {
			u.changed(i, "stop")
			u.servers[i].path = program
			u.changed(i, "start")
		}
	}
	u.judge()
}

func build(t *testing.T, root, to string, flags ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", to}, flags...), "./cmd/fondaco")...)
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// nextFormat writes what a next version may add to a schema, a column that may be null and a table, and returns the file for
// "go build -overlay" that makes this source that version.
func nextFormat(t *testing.T, root, dir string) string {
	t.Helper()
	source := filepath.Join(root, "store/postgres/migrations.go")
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	begin := bytes.Index(text, []byte("var migrations = []string{\n"))
	end := begin + bytes.Index(text[max(begin, 0):], []byte("\n}\n"))
	rights := bytes.Index(text, []byte("\t{\"audit\","))
	if begin < 0 || end < begin || rights < end {
		t.Fatalf("%s has another form; a migration cannot be added to it", source)
	}
	added := slices.Concat(text[:end], []byte("\n\t`alter table operation add column next text; create table next (id bigint primary key);`,"),
		text[end:rights], []byte("\t{\"next\", allRights},\n"), text[rights:])
	instead := filepath.Join(dir, "migrations.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {source: instead}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := errors.Join(os.WriteFile(instead, added, 0o600), os.WriteFile(file, overlay, 0o600)); err != nil {
		t.Fatal(err)
	}
	return file
}

// upgrade is three nodes of the project, and its clients.
type upgrade struct {
	t       *testing.T
	c       *cluster
	project string
	servers []*process
	desk    *notes
	changes int // nodes that were stopped or started
	halt    chan struct{}
	running sync.WaitGroup

	mu       sync.Mutex
	accepted []accepted
	apis     map[string]string // of the nodes that run, by name
	wrong    []string
}

// accepted is an order that was answered 202.
type accepted struct {
	id    int
	place string // of its operation
}

// newUpgrade starts the nodes with a program, and the load, which ends with the test.
func newUpgrade(t *testing.T, dir, program string) *upgrade {
	u := &upgrade{
		t: t, project: filepath.Join(dir, "project"), desk: &notes{made: map[string]int{}}, halt: make(chan struct{}),
		apis: map[string]string{},
	}
	u.c = &cluster{options: options{program: program}, life: t.Context(), dir: dir, city: &city{}}
	t.Cleanup(u.c.end)
	t.Cleanup(u.troubles)
	if err := writeProject(u.project, upgraded); err != nil {
		t.Fatal(err)
	}
	for _, add := range []func(context.Context) error{u.c.addPostgres, u.c.addKafka} {
		err := add(t.Context())
		if absent := errors.Is(err, kafkatest.ErrAbsent) || errors.Is(err, postgrestest.ErrAbsent); absent && os.Getenv("CI") != "true" {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	desk := httptest.NewServer(u.desk)
	u.c.closers = append(u.c.closers, desk.Close)
	env := []string{"DESK=" + desk.URL, "STATE=" + u.c.part("postgres").address}
	if err := u.c.migrate(t.Context(), program, u.project, append(env, "TOPICS=kafka://"+u.c.part("kafka").address)); err != nil {
		t.Fatal(err)
	}
	var nodes []*node
	for i := range 3 {
		name := fmt.Sprintf("node-%d", i+1)
		topics := fmt.Sprintf("TOPICS=kafka://%s?session=1m&instance=%s", u.c.part("kafka").address, name)
		p, n, err := u.c.addNode(t.Context(), name, u.project, slices.Concat(env, []string{topics}), "--no-watch")
		if err != nil {
			t.Fatal(err, u.said(name))
		}
		nodes, u.servers = append(nodes, n), append(u.servers, p)
		u.apis[name] = n.api.String()
	}
	u.c.balancer = newBalancer(nodes)
	u.c.listen, u.c.control = "127.0.0.1:0", "127.0.0.1:0"
	if err := u.c.addBalancer(t.Context()); err != nil {
		t.Fatal(err)
	}
	u.running.Go(u.load)
	t.Cleanup(u.ends)
	u.goesOn()
	return u
}

// said returns what a node logged.
func (u *upgrade) said(name string) string {
	text, _ := os.ReadFile(u.c.log(name))
	return string(text)
}

// troubles logs what the nodes had to say where the test has failed.
func (u *upgrade) troubles() {
	if !u.t.Failed() {
		return
	}
	for i := range u.servers {
		name := fmt.Sprintf("node-%d", i+1)
		for line := range strings.Lines(u.said(name)) {
			if strings.Contains(line, `"level":"`) && !strings.Contains(line, `"level":"INFO"`) && !strings.Contains(line, "one copy") {
				u.t.Logf("%s: %s", name, line)
			}
		}
	}
}

// ends ends the load.
func (u *upgrade) ends() {
	select {
	case <-u.halt:
	default:
		close(u.halt)
	}
	u.running.Wait()
}

// known are the answers of a node that knows an operation: where it is, where its answer is, and none where the node was just stopped.
var known = []int{http.StatusOK, http.StatusSeeOther, 0}

// load sends orders to the balancer, one after the other, and after each asks one of the nodes that run for an order of before.
func (u *upgrade) load() {
	for id := 0; ; id++ {
		select {
		case <-u.halt:
			return
		case <-time.After(20 * time.Millisecond):
		}
		code, text, place := send(u.t.Context(), u.c, http.MethodPost, u.c.api+"/orders", fmt.Sprintf(`{"id":%d}`, id))
		u.mu.Lock()
		if code != http.StatusAccepted {
			u.wrong = append(u.wrong, fmt.Sprintf("order %d is answered %d %s, expected 202", id, code, text))
			u.mu.Unlock()
			continue
		}
		u.accepted = append(u.accepted, accepted{id, place})
		before, apis := u.accepted[rand.IntN(len(u.accepted))].place, slices.Collect(maps.Values(u.apis))
		u.mu.Unlock()
		api := apis[rand.IntN(len(apis))]
		if code, text, _ := send(u.t.Context(), u.c, http.MethodGet, api+before, ""); !slices.Contains(known, code) {
			u.mu.Lock()
			u.wrong = append(u.wrong, fmt.Sprintf("%s%s is answered %d %s, expected that it is known", api, before, code, text))
			u.mu.Unlock()
		}
	}
}

// goesOn waits until orders, their collection and the schedule have gone on for a while.
func (u *upgrade) goesOn() {
	u.t.Helper()
	u.mu.Lock()
	accepted := len(u.accepted)
	u.mu.Unlock()
	ticks, gathered := u.desk.count(tick), u.desk.count("/gathered/")
	eventually(u.t, func() string {
		u.mu.Lock()
		defer u.mu.Unlock()
		if len(u.accepted) < accepted+10 || u.desk.count(tick) < ticks+2 || u.desk.count("/gathered/") < gathered+5 {
			return fmt.Sprintf("the work does not go on: %d accepted, %d ticks, %d gathered; wrong: %q", len(u.accepted)-accepted,
				u.desk.count(tick)-ticks, u.desk.count("/gathered/")-gathered, u.wrong)
		}
		return ""
	})
}

// changed stops or starts a node, and waits until the work has gone on after that.
func (u *upgrade) changed(i int, verb string) {
	u.t.Helper()
	u.changes++
	name := fmt.Sprintf("node-%d", i+1)
	api := u.c.part(name).address
	u.mu.Lock()
	delete(u.apis, name)
	u.mu.Unlock()
	if _, err := u.c.part(name).do(u.t.Context(), verb); err != nil {
		u.t.Fatal(err, u.said(name))
	}
	if verb == "start" {
		u.mu.Lock()
		u.apis[name] = api
		u.mu.Unlock()
	}
	u.goesOn()
}

// judge ends the load and holds what was accepted to what the desk and each node say.
func (u *upgrade) judge() {
	u.t.Helper()
	u.ends()
	for _, w := range u.wrong {
		u.t.Error(w)
	}
	var orders []string
	for _, a := range u.accepted {
		for _, api := range u.apis {
			eventually(u.t, func() string {
				var told struct{ State string }
				code, text, _ := send(u.t.Context(), u.c, http.MethodGet, api+a.place, "")
				if err := json.Unmarshal([]byte(text), &told); err != nil || told.State != "done" {
					return fmt.Sprintf("order %d: %s%s is answered %d %s, expected that it is done", a.id, api, a.place, code, text)
				}
				return ""
			})
		}
		orders = append(orders, fmt.Sprint("/order/", a.id), fmt.Sprint("/gathered/", a.id))
	}
	eventually(u.t, func() string {
		for _, what := range orders {
			if u.desk.times(what) == 0 {
				return what + " was never asked for"
			}
		}
		return u.desk.gap()
	})
	for prefix, most := range inHand {
		again := u.desk.again(prefix)
		if again > most*(u.changes+1) { // the nodes part the work anew at each change, and when they begin
			u.t.Errorf("%s was asked for %d times again, with %d changes of a node", prefix, again, u.changes)
		}
		u.t.Logf("%s: %d, and %d times again", prefix, u.desk.count(prefix), again)
	}
	u.t.Logf("%d orders were accepted and done while nodes were stopped or started %d times", len(u.accepted), u.changes)
}
