package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/record"
	"fondaco/store/sqlite"
)

// growing is a city whose state may be in several places: with a sequence, a schedule and operations.
func growing(state, topics string) map[string]string {
	files := cityProject(state, topics)
	files["fondaco.yaml"] += "sequences: { berths: { start: 100 } }\n"
	files["routes/berth.yaml"] = `routes:
  berth:
    http: POST /berths
    auth: none
    steps:
      - set: { number: '${sequence("berths")}' }
    respond: { body: { number: "${number}" } }
`
	return files
}

// say writes the project's file anew.
func (c *cityAt) say(state string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, "fondaco.yaml"), []byte(growing(state, "embedded")["fondaco.yaml"]), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// cityAt is a city that runs, and is moved.
type cityAt struct {
	t      *testing.T
	dir    string
	system *dues
	env    []string
	p      *process
	places []string // of operations, by their keys
	number int      // the last that was drawn
}

func (c *cityAt) start() { c.p = startProcess(c.t, c.dir, c.env...) }

// works does a piece of each kind of work, and leaves a letter.
func (c *cityAt) works(from int) {
	c.t.Helper()
	for i := range 10 {
		code, body, header := c.p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, from+i), "Idempotency-Key", c.key(len(c.places)))
		if code != http.StatusAccepted {
			c.t.Fatal(code, body)
		}
		c.places = append(c.places, header.Get("Location"))
	}
	c.draw()
	c.draw()
	c.system.ticked(c.t, 2)
}

func (c *cityAt) key(i int) string { return fmt.Sprintf("0123456789abcdef-%d", i) }

// draw draws a number, which has to be above the last.
func (c *cityAt) draw() {
	c.t.Helper()
	code, body, _ := c.p.ask(http.MethodPost, "/berths", "")
	n, err := strconv.Atoi(strings.Trim(body, `{}"numbers:`))
	if code != http.StatusOK || err != nil || n <= c.number {
		c.t.Errorf("a number: %d %s, after %d", code, body, c.number)
	}
	c.number = n
}

// same fails unless all that was done before is answered as it was.
func (c *cityAt) same() {
	c.t.Helper()
	for i, place := range c.places {
		eventually(c.t, func() string {
			if code, body, _ := c.p.ask(http.MethodGet, place+"/result", ""); code != http.StatusNoContent {
				return fmt.Sprintf("%s returns %d %s", place, code, body)
			}
			return ""
		})
		code, body, header := c.p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, c.paidAs(i)), "Idempotency-Key", c.key(i))
		if header.Get("Location") != place {
			c.t.Errorf("the key of %s: %d %s %s", place, code, body, header.Get("Location"))
		}
	}
}

func (c *cityAt) paidAs(i int) int { return 1000*(i/10+1) + i%10 }

// copies says state copy, and returns what it says.
func (c *cityAt) copies(args ...string) string {
	c.t.Helper()
	code, out, problems := command(c.t, c.dir, append([]string{"state", "copy", "."}, args...)...)
	if code != exitOK {
		c.t.Fatal(code, out, problems)
	}
	return out
}

// asGuided returns the flags of the nth copy that docs/guide/growing.md shows, with the owner's address of the test.
func asGuided(t *testing.T, n int, owner string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/guide/growing.md")
	if err != nil {
		t.Fatal(err)
	}
	const begin = "fondaco state copy city "
	var found [][]string
	for line := range strings.Lines(string(text)) {
		if flags, is := strings.CutPrefix(strings.TrimSpace(line), begin); is {
			list := strings.Fields(flags)
			list[len(list)-1] = owner
			found = append(found, list)
		}
	}
	if len(found) != 2 {
		t.Fatalf("the guide shows %d copies, expected 2", len(found))
	}
	return found[n]
}

// refused fails unless state copy refuses, and says that.
func (c *cityAt) refused(want string, args ...string) {
	c.t.Helper()
	code, out, problems := command(c.t, c.dir, append([]string{"state", "copy", "."}, args...)...)
	if code == exitOK || !strings.Contains(problems, want) || strings.Contains(problems, "s3cr3t") {
		c.t.Errorf("state copy %v: %d %s%s, expected %q", args, code, out, problems, want)
	}
}

// TestStateCopied: a city that has worked on one machine goes on on PostgreSQL, and on a file again. Operations answer, keys answer the
// same, letters are replayed, schedules go on without doubling, and numbers go on rising.
func TestStateCopied(t *testing.T) {
	t.Parallel()
	db := database(t)
	system, at := newDues(t)
	server, owner := db.Address("fondaco", "postgres"), db.Address("owner", "postgres")
	c := &cityAt{
		t: t, system: system, dir: written(t, growing("data/fondaco.db", "embedded")),
		env: []string{"DUES=" + at.URL, "FONDACO_SECRET_DUES=k"},
	}
	c.start()
	c.works(1000)
	c.same()
	system.refuse("77")
	code, body, failed := c.p.ask(http.MethodPost, "/payments", `{"number":77}`)
	eventually(t, func() string {
		if list := c.p.letters(c.dir); len(list) != 1 {
			return fmt.Sprintf("%d %s: letters %v", code, body, list)
		}
		return ""
	})

	// What is refused.
	c.refused("found neither --from nor --to")
	c.refused("PGPASSWORD", "--to", "postgres://fondaco:s3cr3t@127.0.0.1/fondaco")
	c.refused("are the same state", "--to", "data/fondaco.db")
	c.say(server)
	migrated(t, db, c.dir)
	c.refused("is not there, expected the file of a state", "--from", "data/no.db", "--owner", owner)
	c.refused("has it open; stop it", "--from", "data/fondaco.db", "--owner", owner) // it runs
	c.p.end()
	c.refused("not there yet: make it with an owner's role, with fondaco migrate", "--from", "data/fondaco.db", "--to",
		db.Address("fondaco", "postgres", "schema=other"), "--owner", owner)
	c.refused("give --owner the address of the role that owns the schema", "--from", "data/fondaco.db")

	// To PostgreSQL, with which groups had a place on Kafka.
	if err := os.WriteFile(filepath.Join(c.dir, "data/fondaco-groups.json"), []byte(`{"events":{"notify":true,"archive":true}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	out := c.copies(asGuided(t, 0, owner)...)
	for _, want := range []string{
		"operations: 11, 11 written now, hash ", "dead letters: 1,", "answers under keys: 10,", "sequences: 1,", "verified",
		"places of groups on Kafka: 2,",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it says\n%s\nexpected %q", out, want)
		}
	}
	c.refused("holds a state (a copy of", "--from", "data/fondaco.db", "--owner", owner)
	c.start()
	c.same()
	c.works(2000)
	c.same()
	system.refuse("")
	if code, out, problems := command(t, c.dir, "dead", "replay", "--all", "--yes", "--console", c.p.console); code != exitOK {
		t.Fatal(code, out, problems)
	}
	system.paidFrom(t, 77, 78)
	place := failed.Get("Location")
	eventually(t, func() string {
		if code, body, _ := c.p.ask(http.MethodGet, place+"/result", ""); code != http.StatusNoContent {
			return fmt.Sprintf("the replayed %s returns %d %s", place, code, body)
		}
		return ""
	})
	c.refused("processes of the project have it open", "--to", "data/back.db", "--owner", owner)

	// And back, once nothing waits on topics that would be elsewhere.
	system.down.Store(true)
	if code, body, _ := c.p.ask(http.MethodPost, "/payments", `{"number":78}`); code != http.StatusAccepted {
		t.Fatal(code, body)
	}
	c.p.end()
	c.refused("messages wait in", "--to", "data/back.db", "--owner", owner)
	system.down.Store(false)
	c.start()
	system.paidFrom(t, 78, 79)
	back := asGuided(t, 1, owner)
	eventually(t, func() string { // a tick that comes as the process ends waits for the next start
		eventually(t, func() string {
			if code, out, problems := command(t, c.dir, "topics", "--console", c.p.console); code != exitOK || !strings.Contains(out, " 0 ") {
				return fmt.Sprint(code, out, problems)
			}
			return ""
		})
		c.p.end()
		code, out, problems := command(t, c.dir, append([]string{"state", "copy", "."}, back...)...)
		switch {
		case code == exitOK:
			return ""
		case !strings.Contains(problems, "fondaco.tick: "):
			t.Fatal(code, out, problems)
		}
		c.start()
		return problems
	})
	if text, err := os.ReadFile(filepath.Join(c.dir, "data/back-groups.json")); err != nil || strings.Count(string(text), "true") != 2 {
		t.Errorf("places of groups: %s, %v", text, err)
	}
	c.say("data/back.db")
	c.start()
	c.same()
	c.works(3000)
	c.same()
	system.paidFrom(t, 1000, 1010)
	system.paidFrom(t, 2000, 2010)
	system.paidFrom(t, 3000, 3010)
	c.p.end()
}

// TestStateCopyKilled: a copy that is killed at any moment is whole after another, and nothing starts on what is not.
func TestStateCopyKilled(t *testing.T) {
	t.Parallel()
	db := database(t)
	_, at := newDues(t)
	dir := written(t, growing(db.Address("fondaco", "postgres"), "embedded"))
	migrated(t, db, dir)
	operations, ids := inLong(30_000, 10_000), inLong(70_000, 20_000)
	filled(t, filepath.Join(dir, "data"), operations, ids)
	args := []string{"state", "copy", dir, "--from", "data/fondaco.db", "--owner", db.Address("owner", "postgres")}
	kills := 0
	for wait := 200 * time.Millisecond; ; wait += wait / time.Duration(inLong(3, 2)) {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), "FONDACO_TEST_COMMAND=1", "DUES="+at.URL, "FONDACO_SECRET_DUES=k")
		var out, problems watched
		cmd.Stdout, cmd.Stderr = &out, &problems
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		killed := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		killed.Stop()
		// Killed after the last kind was compared, it may have been whole: then a process starts with it.
		whole := err == nil || strings.Contains(out.String(), record.NumbersKind+": ") &&
			startAlone(t, dir, map[string]string{"DUES": at.URL, "FONDACO_SECRET_DUES": "k"}) == nil
		if whole {
			for _, want := range []string{fmt.Sprintf("operations: %d,", operations), fmt.Sprintf("finished messages: %d,", ids)} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it says\n%s\nexpected %q", out.String(), want)
				}
			}
			break
		}
		if cmd.ProcessState.ExitCode() >= 0 && !strings.Contains(problems.String(), "have it open") {
			t.Fatal(err, problems.String())
		}
		if kills++; strings.Contains(out.String(), "data keys") { // it had begun
			if err := startAlone(t, dir, map[string]string{"DUES": at.URL, "FONDACO_SECRET_DUES": "k"}); err == nil ||
				!strings.Contains(err.Error(), "was cut short: say fondaco state copy again") {
				t.Fatalf("a start on half of a state: %v", err)
			}
			onward := []string{"state", "copy", ".", "--to", "data/other.db", "--owner", db.Address("owner", "postgres")}
			if code, out, problems := command(t, dir, onward...); code == exitOK || !strings.Contains(problems, "was cut short") &&
				!strings.Contains(problems, "have it open") {
				t.Fatalf("a copy of half of a state: %d %s%s", code, out, problems)
			}
		}
	}
	if kills < 3 {
		t.Errorf("it was killed %d times, so that little was tried", kills)
	}
}

// filled makes a state with that many operations and finished messages.
func filled(t *testing.T, folder string, operations, ids int) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(folder, "fondaco.db"), sqlite.Options{Project: "port"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for i := 0; i < operations; i += 1000 {
		var all sync.WaitGroup
		for n := range 1000 {
			all.Go(func() {
				if err := s.Operations().Create(context.Background(), store.Operation{
					ID: fmt.Sprint("o", i+n), Route: "pay", State: store.Done,
					Created: now, Updated: now, Answer: store.Answer{Status: 200, Body: []byte(strings.Repeat("a body ", 50))},
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	for i := 0; i < ids; i += 1000 {
		var list []string
		for n := range 1000 {
			list = append(list, fmt.Sprint("m", i+n))
		}
		if err := s.Inbox().Done(t.Context(), "t", "g", now, list...); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
