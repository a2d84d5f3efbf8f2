package imaptest

import (
	"bytes"
	"fmt"
	"net"
	"net/textproto"
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

// patiently is how long a server is waited for on a loaded machine.
const patiently = 2 * time.Minute

// Dovecot is a real server of IMAP, which takes messages by LMTP.
type Dovecot struct {
	Address string // as a connector writes it
	lmtp    string
}

// StartDovecot starts a Dovecot with an empty mailbox, until the test ends. The test is skipped, but in CI, where Dovecot is absent.
func StartDovecot(t testing.TB) *Dovecot {
	t.Helper()
	program, err := exec.LookPath("dovecot")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/dovecot"); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal("in CI this test needs Dovecot: scripts/wider fetches it")
			}
			t.Skip("Dovecot is absent; scripts/wider fetches it")
		}
	}
	folder, err := os.MkdirTemp("", "fondaco-dovecot-") //nolint:usetesting // its path is short enough for sockets, and it is another user's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	owner := owned(t, folder)
	var ports [2]int
	for i := range ports {
		if ports[i], err = porttest.Free(); err != nil {
			t.Fatal(err)
		}
	}
	text := fmt.Sprintf(dovecotConfig, folder, owner.Username, group(t, owner), ports[0], ports[1], Password)
	file := filepath.Join(folder, "dovecot.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	server := exec.Command(program, "-F", "-c", file)
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
		_ = server.Process.Signal(syscall.SIGTERM)
		<-ended
	})
	d := &Dovecot{Address: fmt.Sprintf("imap://127.0.0.1:%d", ports[0]), lmtp: fmt.Sprintf("127.0.0.1:%d", ports[1])}
	for end := time.Now().Add(patiently); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", d.lmtp)
		if err == nil {
			_ = conn.Close()
			return d
		}
		select {
		case <-ended:
			t.Fatalf("Dovecot ended as it started: %s", log.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("Dovecot did not answer in time: %v", err)
		}
	}
}

// owned makes a folder that of the user as whom the mailbox is read: ourselves, or where we are root, nobody.
func owned(t testing.TB, folder string) *user.User {
	t.Helper()
	if os.Getuid() != 0 {
		u, err := user.Current()
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(folder, uid, gid); err != nil {
		t.Fatal(err)
	}
	return u
}

func group(t testing.TB, u *user.User) string {
	t.Helper()
	g, err := user.LookupGroupId(u.Gid)
	if err != nil {
		t.Fatal(err)
	}
	return g.Name
}

const dovecotConfig = `base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = %[2]s
default_login_user = %[2]s
default_internal_group = %[3]s
mail_location = maildir:%[1]s/home/%%n
first_valid_uid = 1
passdb {
  driver = static
  args = password=%[6]s
}
userdb {
  driver = static
  args = uid=%[2]s gid=%[3]s home=%[1]s/home/%%n
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[4]d
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
service lmtp {
  inet_listener lmtp {
    port = %[5]d
  }
}
`

// Put delivers a message to the mailbox.
func (d *Dovecot) Put(t testing.TB, raw string) {
	t.Helper()
	conn, err := net.Dial("tcp", d.lmtp)
	if err != nil {
		t.Fatal(err)
	}
	c := textproto.NewConn(conn)
	defer func() { _ = c.Close() }()
	expect := func(code int) {
		t.Helper()
		if _, _, err := c.ReadResponse(code); err != nil {
			t.Fatal(err)
		}
	}
	expect(220)
	for _, line := range []string{"LHLO prova", "MAIL FROM:<anna@example.org>", "RCPT TO:<" + User + "@comune.example>"} {
		_ = c.PrintfLine("%s", line)
		expect(250)
	}
	_ = c.PrintfLine("DATA")
	expect(354)
	w := c.DotWriter()
	_, _ = w.Write([]byte(raw))
	_ = w.Close()
	expect(250)
}
