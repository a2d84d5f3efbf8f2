package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store/postgres/postgrestest"
)

// cityProject is the port's, whose state is on PostgreSQL, with a schedule that pays for each second.
func cityProject(state, topics string) map[string]string {
	files := maps.Clone(portProject)
	yaml := files["fondaco.yaml"]
	files["fondaco.yaml"] = yaml[:strings.Index(yaml, "storage:")] + fmt.Sprintf("storage: { state: %q, topics: %q }\n", state, topics)
	files["routes/tick.yaml"] = `routes:
  tick:
    schedule: { every: 1s, misfire: skip }
    steps:
      - call: dues.tick
        with: { at: "${text(schedule.time)}" }
`
	files["connectors/dues/connector.yaml"] += "  tick: { put: \"/payments/{at}\", effect: idempotent, path: { at: { type: string } }, " +
		"answer: { type: object, properties: {} } }\n"
	return files
}

// database is a server of PostgreSQL with the role of a Fondaco that has no rights yet, and one that may make schemas.
func database(t *testing.T) *postgrestest.Server {
	t.Helper()
	s := postgrestest.New(t)
	if err := s.Say("create role fondaco login", "create role owner login", "grant create on database postgres to owner"); err != nil {
		t.Fatal(err)
	}
	return s
}

// migrated has the schema of the project made.
func migrated(t *testing.T, s *postgrestest.Server, dir string) {
	t.Helper()
	code, out, problems := command(t, dir, "migrate", ".", "--owner", s.Address("owner", "postgres"))
	if code != exitOK || !strings.Contains(out, "the schema port was made") || !strings.Contains(out, "the role fondaco may use it") {
		t.Fatal(code, out, problems)
	}
}

// paidFrom waits until the system was paid for numbers, and fails for what was paid twice.
func (d *dues) paidFrom(t *testing.T, from, to int) {
	t.Helper()
	eventually(t, func() string {
		d.mu.Lock()
		defer d.mu.Unlock()
		for n := from; n < to; n++ {
			if d.paid[fmt.Sprint(n)] == 0 {
				return fmt.Sprintf("%d is not paid", n)
			}
		}
		return ""
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	for what, times := range d.paid {
		if times > 1 {
			t.Errorf("%s was paid %d times", what, times)
		}
	}
}

// ticks returns for how many due times the schedule has run.
func (d *dues) ticks() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for what := range d.paid {
		if strings.Contains(what, "T") {
			n++
		}
	}
	return n
}

// ticked waits until the schedule has run n times more.
func (d *dues) ticked(t *testing.T, n int) {
	t.Helper()
	before := d.ticks()
	eventually(t, func() string {
		if now := d.ticks(); now < before+n {
			return fmt.Sprintf("the schedule has run %d times, and before %d times", now, before)
		}
		return ""
	})
}

// TestCluster: two nodes with one PostgreSQL and Kafka. Any of them answers any operation and key, lists and replays any letter; a
// schedule runs once; of a node that is killed the other takes over all.
func TestCluster(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	db := database(t)
	system, at := newDues(t)
	dirs, nodes := []string{}, []*process{}
	env := func(i int) []string {
		return []string{"DUES=" + at.URL, "FONDACO_SECRET_DUES=k", fmt.Sprintf("NODE=%d", i)}
	}
	for i := range 2 {
		dirs = append(dirs, written(t, cityProject(db.Address("fondaco", "postgres"), "kafka://"+n.Addr+"?instance=${env.NODE}")))
		if i == 0 {
			migrated(t, db, dirs[0])
		}
		nodes = append(nodes, startProcess(t, dirs[i], env(i)...))
	}
	pay := func(p *process, number int, header ...string) (place string) {
		t.Helper()
		eventually(t, func() string {
			code, body, h := p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, number), header...)
			if place = h.Get("Location"); code != http.StatusAccepted {
				return fmt.Sprintf("POST returns %d %s", code, body)
			}
			return ""
		})
		return place
	}
	ended := func(p *process, place string, status int) {
		t.Helper()
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodGet, place+"/result", ""); code != status {
				return fmt.Sprintf("%s returns %d %s, expected %d", place, code, body, status)
			}
			return ""
		})
	}
	for i := range 20 { // each node answers what the other has accepted, and one key has one operation
		key := fmt.Sprintf("0123456789abcdef-%d", i)
		place := pay(nodes[i%2], 1000+i, "Idempotency-Key", key)
		if other := pay(nodes[1-i%2], 1000+i, "Idempotency-Key", key); other != place {
			t.Errorf("under one key the nodes have the operations %s and %s", place, other)
		}
		ended(nodes[1-i%2], place, http.StatusNoContent)
	}
	system.paidFrom(t, 1000, 1020)
	system.ticked(t, 3)

	// A letter that one node has kept is listed by both, and replayed from either.
	system.refuse("2000")
	failed := pay(nodes[0], 2000)
	for i, p := range nodes {
		ended(p, failed, http.StatusUnprocessableEntity)
		eventually(t, func() string {
			if list := p.letters(dirs[i]); len(list) != 1 {
				return fmt.Sprintf("node %d lists %+v", i, list)
			}
			return ""
		})
	}
	system.refuse("")
	if code, out, problems := command(t, dirs[1], "dead", "replay", "--all", "--yes", "--console", nodes[1].console); code != exitOK {
		t.Fatal(code, out, problems)
	}
	ended(nodes[0], failed, http.StatusNoContent)
	system.paidFrom(t, 2000, 2001)

	// What a killed node has accepted the other does, answers and schedules.
	var places []string
	for i := range 20 {
		places = append(places, pay(nodes[0], 3000+i))
	}
	nodes[0].kill()
	for _, place := range places {
		ended(nodes[1], place, http.StatusNoContent)
	}
	system.ticked(t, 3)
	nodes[0] = startProcess(t, dirs[0], env(0)...)
	ended(nodes[0], places[0], http.StatusNoContent)
	ended(nodes[1], pay(nodes[0], 4000), http.StatusNoContent)

	// Nodes start, answer and end while the database is away.
	db.Kill()
	third := startProcess(t, written(t, cityProject(db.Address("fondaco", "postgres"), "kafka://"+n.Addr+"?instance=3")), env(3)...)
	for _, p := range append(nodes, third) {
		if code, body, _ := p.ask(http.MethodGet, "/now/a", ""); code != http.StatusOK {
			t.Errorf("while the database is away: %d %s", code, body)
		}
		p.end()
	}
}

// TestDatabaseAway: without PostgreSQL a process starts and goes on; what needs no state is served, accepted is nothing, readiness warns,
// and all is well again by itself when the database comes.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	db := database(t)
	system, at := newDues(t)
	dir := written(t, cityProject(db.Address("fondaco", "postgres"), "embedded"))
	migrated(t, db, dir)
	db.Kill()
	p := startProcess(t, dir, "DUES="+at.URL, "FONDACO_SECRET_DUES=k")
	paid := 1000
	away := func(when string) {
		t.Helper()
		eventually(t, func() string {
			if code, status, detail := p.readiness("state"); code != 200 || status != "warn" {
				return fmt.Sprintf("%s: readyz returns %d, the state %s %s", when, code, status, detail)
			}
			return ""
		})
		if code, body, _ := p.ask(http.MethodGet, "/now/a", ""); code != 200 {
			t.Errorf("%s: a synchronous route returns %d %s", when, code, body)
		}
		code, body, header := p.ask(http.MethodPost, "/payments", `{"number":1}`)
		if code != 503 || header.Get("Retry-After") == "" {
			t.Errorf("%s: an asynchronous route returns %d %s, Retry-After %q", when, code, body, header.Get("Retry-After"))
		}
	}
	there := func(when string) {
		t.Helper()
		paid++
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, paid)); code != 202 {
				return fmt.Sprintf("%s: an asynchronous route returns %d %s", when, code, body)
			}
			return ""
		})
		system.paidFrom(t, 1001, paid+1)
		system.ticked(t, 2)
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodGet, p.console+"/readyz", ""); code != 200 || !strings.HasPrefix(body, `{"status":"pass"`) {
				return fmt.Sprintf("%s: readyz returns %d %s", when, code, body)
			}
			return ""
		})
	}
	run := func() {
		t.Helper()
		if err := db.Run(); err != nil {
			t.Fatal(err)
		}
	}
	away("before the database was there")
	run()
	there("the database has come")
	db.Kill()
	away("the database has gone")
	run()
	there("the database is back")
}

// TestStateRefused: what the start refuses of a state on PostgreSQL, with what to do; nothing is written by that.
func TestStateRefused(t *testing.T) {
	t.Parallel()
	db := database(t)
	_, at := newDues(t)
	dir := written(t, cityProject(db.Address("fondaco", "postgres"), "embedded"))
	refused := func(dir string, wants ...string) {
		t.Helper()
		err := startAlone(t, dir, map[string]string{"DUES": at.URL, "FONDACO_SECRET_DUES": "k"})
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v\nexpected %q", err, want)
			}
		}
	}
	say := func(text string) {
		t.Helper()
		if err := db.Say(text); err != nil {
			t.Fatal(err)
		}
	}
	refused(dir, "the schema port is not there yet", "fondaco migrate")
	code, _, problems := command(t, dir, "migrate", ".")
	if code != exitFailed || !strings.Contains(problems, "grant create on database") || !strings.Contains(problems, "nothing was changed") {
		t.Errorf("migrate with the server's role: %d %s", code, problems)
	}
	code, _, problems = command(t, dir, "migrate", ".", "--owner", "postgres://owner:pw@h/d")
	if code != exitUsage || !strings.Contains(problems, "PGPASSWORD") || strings.Contains(problems, "pw@") {
		t.Errorf("a password on the command line: %d %s", code, problems)
	}
	migrated(t, db, dir)
	code, out, problems := command(t, dir, "migrate", ".", "--owner", db.Address("owner", "postgres"))
	if code != exitOK || !strings.Contains(out, "which this version can use") {
		t.Errorf("migrate again: %d %s%s", code, out, problems)
	}
	withSecret := cityProject(strings.Replace(db.Address("fondaco", "postgres"), "fondaco@", "fondaco:${secret.postgres}@", 1), "embedded")
	secretive := written(t, withSecret) // whoever owns the schema need not know the server's password, but has to know its role
	code, out, problems = command(t, secretive, "migrate", ".", "--owner", db.Address("owner", "postgres"))
	if code != exitOK || !strings.Contains(out, "the role fondaco may use it") {
		t.Errorf("migrate without the server's secret: %d %s%s", code, out, problems)
	}
	code, _, problems = command(t, secretive, "migrate", ".")
	if code != exitFailed || !strings.Contains(problems, "${secret.postgres} is not set") {
		t.Errorf("migrate with the server's role, without its secret: %d %s", code, problems)
	}
	withSecret["fondaco.yaml"] = strings.Replace(withSecret["fondaco.yaml"], "fondaco:${secret.postgres}@", "${secret.role}@", 1)
	code, _, problems = command(t, written(t, withSecret), "migrate", ".", "--owner", db.Address("owner", "postgres"))
	if code != exitFailed || !strings.Contains(problems, "${secret.role} is not set") {
		t.Errorf("migrate without the name of the server's role: %d %s", code, problems)
	}
	say("create table public.was as select name, value from port.meta where name in ('format', 'usable from')")
	say("update port.meta set value = '99' where name in ('format', 'usable from')")
	refused(dir, "format 99", "newer version")
	say("update port.meta m set value = w.value from public.was w where m.name = w.name")
	say("update port.meta set value = '1' where name = 'format'")
	refused(dir, "format 1", "fondaco migrate")
	say("update port.meta m set value = w.value from public.was w where m.name = w.name")
	say("revoke insert on port.operation from fondaco")
	refused(dir, `grant insert on "port".operation to "fondaco"`)
	say("grant insert on port.operation to fondaco")
	other := cityProject(db.Address("fondaco", "postgres", "schema=port"), "embedded")
	other["fondaco.yaml"] = strings.Replace(other["fondaco.yaml"], "project: port", "project: harbour", 1)
	refused(written(t, other), `that of the project "port", and this is "harbour"`, "?schema=harbour")

	// Embedded topics are one node's.
	p := startProcess(t, dir, "DUES="+at.URL, "FONDACO_SECRET_DUES=k")
	refused(written(t, cityProject(db.Address("fondaco", "postgres"), "embedded")), "the topics of this state are embedded, in "+dir,
		"write topics: kafka://")
	for _, c := range [][]string{{"backup", "copy"}, {"restore", "copy"}} {
		code, _, problems := command(t, dir, append(c, "--project", dir)...)
		if code != exitFailed || !strings.Contains(problems, "storage.state is on PostgreSQL") || !strings.Contains(problems, "pg_") {
			t.Errorf("%v: %d %s", c, code, problems)
		}
	}
	if code, _, problems := command(t, dir, "storage", "compact", dir); code != exitFailed || !strings.Contains(problems, "autovacuum") {
		t.Errorf("compact: %d %s", code, problems)
	}
	p.end()
}
