package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fondaco/store/postgres/postgrestest"
)

// days is a process on a database that has its bad days. What it accepted is kept for the end, when all must be done, once.
type days struct {
	t      *testing.T
	p      *process
	db     *postgrestest.Server
	wire   *databaseWire
	system *dues
	next   atomic.Int64 // the number of the next payment

	mu     sync.Mutex
	places []string // of the operations of those that were answered 202
}

// offer sends n payments by eight callers, and returns how often each status was answered. Anything but 202, and 503 that says when to
// come again, is an error.
func (d *days) offer(n int) map[int]int {
	d.t.Helper()
	said := map[int]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range n / 8 {
				code, body, header := d.p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, d.next.Add(1)))
				d.mu.Lock()
				said[code]++
				if code == http.StatusAccepted {
					d.places = append(d.places, header.Get("Location"))
				} else if code != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
					d.t.Errorf("a payment is answered %d %s, Retry-After %q", code, body, header.Get("Retry-After"))
				}
				d.mu.Unlock()
			}
		})
	}
	all.Wait()
	return said
}

// refuses waits until a payment is answered 503, and serves what needs no state.
func (d *days) refuses(when string) {
	d.t.Helper()
	eventually(d.t, func() string {
		if said := d.offer(8); said[http.StatusServiceUnavailable] == 0 {
			return fmt.Sprintf("%s: payments are answered %v, expected 503", when, said)
		}
		return ""
	})
	d.serves(when)
}

// serves expects that what needs no state is answered.
func (d *days) serves(when string) {
	d.t.Helper()
	if code, body, _ := d.p.ask(http.MethodGet, "/now/a", ""); code != http.StatusOK {
		d.t.Errorf("%s: a synchronous route returns %d %s", when, code, body)
	}
}

// recovers waits until all is well by itself, and all that was ever accepted is done.
func (d *days) recovers(when string) {
	d.t.Helper()
	eventually(d.t, func() string {
		if said := d.offer(8); said[http.StatusAccepted] != 8 {
			return fmt.Sprintf("after %s: payments are answered %v", when, said)
		}
		if code, body, _ := d.p.ask(http.MethodGet, d.p.probes+"/readyz", ""); code != http.StatusOK ||
			!strings.HasPrefix(body, `{"status":"pass"`) {
			return fmt.Sprintf("after %s: readyz returns %d %s", when, code, body)
		}
		return ""
	})
	for _, place := range d.places {
		eventually(d.t, func() string {
			if code, body, _ := d.p.ask(http.MethodGet, place+"/result", ""); code != http.StatusNoContent {
				return fmt.Sprintf("after %s: %s returns %d %s", when, place, code, body)
			}
			return ""
		})
	}
	d.places = nil
}

func (d *days) say(texts ...string) {
	d.t.Helper()
	if err := d.db.Say(texts...); err != nil {
		d.t.Fatal(err)
	}
}

// reconnects has the process make its connections anew, with the settings that its role has by now.
func (d *days) reconnects() {
	d.t.Helper()
	d.say("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fondaco'")
}

// locks holds tables so that no statement on them ends, until the returned function is called.
func (d *days) locks(tables string) (free func()) {
	d.t.Helper()
	var held sync.WaitGroup
	held.Go(func() {
		_ = d.db.Say("begin; lock table " + tables + " in access exclusive mode; select pg_sleep(600), 'holds'")
	})
	eventually(d.t, func() string {
		if d.db.Say("do $$ begin if not exists (select 1 from pg_stat_activity where query like '%''holds''%' and wait_event = 'PgSleep') "+
			"then raise 'not yet'; end if; end $$") != nil {
			return "the tables are not locked"
		}
		return ""
	})
	return func() {
		d.say("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'")
		held.Wait()
	}
}

// TestDatabaseDays: the bad days of a database on which a process runs. What must be kept is answered 503, or 202 and is done, once;
// what needs no state is served meanwhile; and all recovers by itself, without a restart.
func TestDatabaseDays(t *testing.T) {
	t.Parallel()
	db := database(t)
	system, at := newDues(t)
	wire := newDatabaseWire(t, "127.0.0.1:"+db.Port)
	// What is held ends soon: callers wait for less than their patience also where the machine is slow.
	address := strings.Replace(db.Address("fondaco", "postgres", "lock_timeout=1s"), "127.0.0.1:"+db.Port, wire.at, 1)
	dir := written(t, cityProject(address, "embedded"))
	migrated(t, db, dir)
	d := &days{t: t, db: db, wire: wire, system: system, p: startProcess(t, dir, "DUES="+at.URL, "FONDACO_SECRET_DUES=k")}
	d.recovers("its start")

	// Statements that do not end in time.
	free := d.locks("port.operation, port.inbox")
	d.refuses("while statements are held")
	free()
	d.recovers("statements were held")

	// A server that stands still, and one whose answers take their time.
	wire.hold(true)
	d.refuses("while nothing comes back")
	wire.hold(false)
	d.recovers("nothing came back")
	wire.delay.Store(int64(100 * time.Millisecond))
	if said := d.offer(16); said[http.StatusAccepted] == 0 {
		t.Errorf("while the database is slow payments are answered %v", said)
	}
	d.serves("while the database is slow")
	wire.delay.Store(0)
	d.recovers("the database was slow")

	// Connections that end in the middle of what they carry.
	wire.cut.Store(true)
	eventually(t, func() string {
		d.offer(40)
		d.serves("while connections are cut")
		if n := wire.ended.Load(); n < 40 {
			return fmt.Sprintf("%d connections were cut", n)
		}
		return ""
	})
	wire.cut.Store(false)
	d.recovers("connections were cut")

	// Transactions that are refused because of others.
	d.say("alter role fondaco set default_transaction_isolation = 'serializable'")
	d.reconnects()
	eventually(t, func() string {
		if said := d.offer(200); said[http.StatusAccepted] < 100 {
			return fmt.Sprintf("where transactions are serializable payments are answered %v", said)
		}
		return ""
	})
	d.serves("where transactions are serializable")
	d.say("alter role fondaco reset default_transaction_isolation")
	d.reconnects()
	d.recovers("transactions were serializable")

	// Settings with which what is committed may be lost.
	d.say("alter role fondaco set synchronous_commit = off")
	d.reconnects()
	d.refuses("while commits are not waited for")
	eventually(t, func() string {
		if _, _, detail := d.p.readiness("state"); !strings.Contains(detail, "alter role") {
			return "readyz says " + detail
		}
		return ""
	})
	d.say("alter role fondaco reset synchronous_commit")
	d.recovers("commits were not waited for")

	d.p.end()
	d.once()
}

// once expects that nothing was paid twice.
func (d *days) once() {
	d.t.Helper()
	d.system.mu.Lock()
	defer d.system.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(d.system.paid)) {
		if n := d.system.paid[what]; n > 1 {
			d.t.Errorf("%s was paid %d times", what, n)
		}
	}
}

// TestDatabaseDiskFull: the disk of the database is full, and has space again.
func TestDatabaseDiskFull(t *testing.T) {
	t.Parallel()
	db := database(t)
	system, at := newDues(t)
	dir := written(t, cityProject(db.Address("fondaco", "postgres"), "embedded"))
	migrated(t, db, dir)
	disk := diskOf(t, db, 16)
	space := filepath.Join(disk, "space")
	if err := db.Own(space); err != nil {
		t.Fatal(err)
	}
	d := &days{t: t, db: db, system: system}
	d.say("create tablespace small location '"+space+"'", "alter table port.operation set tablespace small")
	d.p = startProcess(t, dir, "DUES="+at.URL, "FONDACO_SECRET_DUES=k")
	d.recovers("its start")
	free := fillUp(t, disk)
	eventually(t, func() string { // something small may still be written into pages that became free, and then all seems well
		d.refuses("while the disk is full")
		if code, status, _ := d.p.readiness("state"); code != http.StatusOK || status != "warn" {
			return fmt.Sprintf("while the disk is full readyz returns %d, the state %s", code, status)
		}
		return ""
	})
	free()
	d.recovers("the disk was full")
	d.p.end()
	d.once()
}

// diskOf mounts a disk of some megabytes beside the files of a server, which can write it.
func diskOf(t *testing.T, db *postgrestest.Server, megabytes int) (dir string) {
	t.Helper()
	dir = filepath.Join(filepath.Dir(db.Folder()), "small")
	if err := db.Own(dir); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("in CI this test needs root, to mount a small disk")
		}
		t.Skip("a small disk cannot be mounted: that needs root")
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", megabytes), "tmpfs", dir).
		CombinedOutput(); err != nil {
		t.Skipf("a small disk cannot be mounted: %v %s", err, out)
	}
	t.Cleanup(func() {
		db.Kill()
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if err := db.Own(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestDatabaseFailover: of two servers in the address the one that can be written is lost, and its replica is promoted: the process goes on
// with that by itself, and nothing that was accepted is lost.
func TestDatabaseFailover(t *testing.T) {
	t.Parallel()
	db := database(t)
	system, at := newDues(t)
	replica, err := db.Standby()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(replica.Remove)
	address := strings.Replace(db.Address("fondaco", "postgres"), "127.0.0.1:"+db.Port, "127.0.0.1:"+replica.Port+",127.0.0.1:"+db.Port, 1)
	dir := written(t, cityProject(address, "embedded"))
	migrated(t, db, dir)
	d := &days{t: t, db: db, system: system, p: startProcess(t, dir, "DUES="+at.URL, "FONDACO_SECRET_DUES=k")}
	d.recovers("its start")
	const warns = "commits wait for no replica"
	if said := d.p.log.String(); strings.Contains(said, warns) {
		t.Errorf("commits wait for the replica, and the log says %s", said)
	}
	d.offer(80)
	db.Kill()
	d.refuses("while there is only the replica")
	if err := replica.Promote(); err != nil {
		t.Fatal(err)
	}
	d.recovers("a failover")
	d.p.end()
	d.once()
	d.p = startProcess(t, dir, "DUES="+at.URL, "FONDACO_SECRET_DUES=k") // now there is no other to wait for
	eventually(t, func() string {
		if said := d.p.log.String(); !strings.Contains(said, warns) {
			return "the log says " + said
		}
		return ""
	})
	d.p.end()
}
