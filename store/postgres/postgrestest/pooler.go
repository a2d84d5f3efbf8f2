package postgrestest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Pooler starts PgBouncer in transaction mode before the server, for roles without passwords, and returns its port. It ends with the test,
// which is skipped, but in CI, where PgBouncer is absent.
func (s *Server) Pooler(t testing.TB, roles ...string) (port string) {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !isFile(program) {
			if os.Getenv("CI") == "true" {
				t.Fatal("in CI this test needs PgBouncer: scripts/wider fetches it")
			}
			t.Skip("PgBouncer is absent; scripts/wider fetches it")
		}
	}
	if port, err = freePort(); err != nil {
		t.Fatal(err)
	}
	users := ""
	for _, r := range roles {
		users += fmt.Sprintf("%q \"\"\n", r)
	}
	file, list := filepath.Join(s.folder, "pgbouncer.ini"), filepath.Join(s.folder, "pgbouncer.users")
	settings := strings.Join([]string{
		"[databases]", "* = host=127.0.0.1 port=" + s.Port, "[pgbouncer]", "listen_addr = 127.0.0.1", "listen_port = " + port,
		"unix_socket_dir =", "auth_type = trust", "auth_file = " + list, "pool_mode = transaction", "default_pool_size = 8", "max_client_conn = 500",
	}, "\n") + "\n"
	if err = errors.Join(os.WriteFile(file, []byte(settings), 0o600), os.WriteFile(list, []byte(users), 0o600)); err != nil {
		t.Fatal(err)
	}
	if s.as != nil {
		if err = errors.Join(os.Chown(file, int(s.as.Uid), int(s.as.Gid)), os.Chown(list, int(s.as.Uid), int(s.as.Gid))); err != nil {
			t.Fatal(err)
		}
	}
	var out log
	c := exec.Command(program, file)
	c.Dir, c.Stdout, c.Stderr, c.SysProcAttr = s.folder, &out, &out, mortal(s.as)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
			return port
		}
		if time.Now().After(end) {
			t.Fatalf("PgBouncer does not answer: %v: %s", err, out.String())
		}
	}
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
