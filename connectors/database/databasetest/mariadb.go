package databasetest

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"fondaco/config/porttest"
)

// patience is how long a server is waited for on a loaded machine.
const patience = 2 * time.Minute

// MariaDB starts a real server with an empty database, which is removed when the test ends. The test is skipped, but in CI, where
// MariaDB is absent.
func MariaDB(t testing.TB) Server {
	t.Helper()
	program, err := exec.LookPath("mariadbd")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/mariadbd"); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal("in CI this test needs MariaDB: scripts/wider fetches it")
			}
			t.Skip("MariaDB is absent; scripts/wider fetches it")
		}
	}
	folder, err := os.MkdirTemp("", "fondaco-mariadb-") //nolint:usetesting // its path is short enough for a socket, and it is another user's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	port := freePort(t)
	as := owner(t, folder)
	data := filepath.Join(folder, "data")
	run := func(program string, args ...string) *exec.Cmd {
		c := exec.Command(program, append([]string{"--no-defaults", "--datadir=" + data}, args...)...)
		c.Dir = folder
		c.SysProcAttr = &syscall.SysProcAttr{Credential: as}
		return c
	}
	install := run("mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v: %s", err, out)
	}
	var log bytes.Buffer
	server := run(program, "--port="+port, "--bind-address=127.0.0.1", "--socket="+filepath.Join(folder, "s"), "--pid-file="+
		filepath.Join(folder, "pid"),
		"--skip-name-resolve", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=32M", "--character-set-server=utf8mb4")
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Wait()
	}()
	t.Cleanup(func() {
		_ = server.Process.Kill()
		<-ended
	})
	host := "127.0.0.1:" + port
	root, err := sql.Open("mysql", "root@tcp("+host+")/?multiStatements=true")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if err = root.PingContext(context.Background()); err == nil {
			break
		}
		select {
		case <-ended:
			t.Fatalf("the server ended as it started: %s", log.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("the server did not answer in time: %v", err)
		}
	}
	const arrange = "create database prova character set utf8mb4; create user hub@'127.0.0.1' identified by 'segreta'; grant all on " +
		"prova.* to hub@'127.0.0.1'"
	if _, err := root.ExecContext(context.Background(), arrange); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("mysql", "root@tcp("+host+")/prova?multiStatements=true")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return Server{
		Address: "mariadb://" + host + "/prova", Host: host, User: "hub", Password: "segreta",
		Say: func(t testing.TB, statements ...string) {
			t.Helper()
			for _, s := range statements {
				if _, err := db.ExecContext(context.Background(), s); err != nil {
					t.Fatalf("%s: %v", s, err)
				}
			}
		},
		Types: map[string]string{
			"decimal": "decimal(12,2)", "date": "date", "moment": "timestamp(6) null", "flag": "boolean", "octets": "blob",
			"long": "mediumtext",
		},
		Slow:   "select sleep(60) as x",
		Sneaky: "select scrive(:codice) as codice",
		Lock:   func(t testing.TB) func() { return held(t, db) },
		Begin:  func(t testing.TB, statement string) func() { return Begun(t, db, statement) },
	}
}

// Begun runs a statement in a transaction that goes on until commit is called.
func Begun(t testing.TB, db *sql.DB, statement string) (commit func()) {
	t.Helper()
	tx, err := db.BeginTx(context.Background(), nil)
	if err == nil {
		_, err = tx.ExecContext(context.Background(), statement)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	}
}

// held locks the row that is called bloccata.
func held(t testing.TB, db *sql.DB) (release func()) {
	tx, err := db.BeginTx(context.Background(), nil)
	if err == nil {
		_, err = tx.ExecContext(context.Background(), "update cose set nota = 'x' where codice = 'bloccata'")
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = tx.Rollback() }
}

// owner is who runs a server where root runs the test, and owns its folder: MariaDB refuses root. Nil for who runs the test.
func owner(t testing.TB, folder string) *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"mysql", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.ParseUint(u.Uid, 10, 32)
		gid, _ := strconv.ParseUint(u.Gid, 10, 32)
		if err := os.Chown(folder, int(uid), int(gid)); err != nil {
			t.Fatal(err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	t.Skip("there is no user to run MariaDB as")
	return nil
}

func freePort(t testing.TB) string {
	port, err := porttest.Free()
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}
