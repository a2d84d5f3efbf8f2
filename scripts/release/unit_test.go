package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestUnit: systemd finds nothing wrong in the unit, and says that little is exposed.
func TestUnit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd-analyze")
	}
	text, err := os.ReadFile("../../deploy/systemd/fondaco.service")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable() // systemd looks for one in its place
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "fondaco.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), "/usr/bin/fondaco", program)), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := in(t, ".", "systemd-analyze", "verify", "--man=no", unit); said != "" {
		t.Error(said)
	}
	in(t, ".", "systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=15", unit) // 1.5 of 10
}

// started runs the unit's line as its user in a root that has the package alone: it is ready, keeps what it keeps in the folder of the unit,
// takes a SIGHUP for a reload and a SIGTERM for the end, and writes nothing else.
func started(t *testing.T, root string) {
	t.Helper()
	project := filepath.Join(root, "etc/fondaco/project/fondaco.yaml")
	const text = "project: office\ntitle: Office\nserver: { listen: \"127.0.0.1:0\", console: \"127.0.0.1:0\" }\n"
	const route = `routes:
  note:
    http: POST /notes
    auth: none
    accept: async
    body: { type: object, properties: { text: { type: string, maxLength: 100 } } }
    steps: [ { set: { is: "${body.text}" } } ]
`
	routes := filepath.Join(root, "etc/fondaco/project/routes")
	credentials := filepath.Join(root, "run/credentials")
	for _, folder := range []string{routes, credentials} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(project, text)
	put(filepath.Join(routes, "note.yaml"), route)
	before := filesIn(t, root)

	var said output
	c := &exec.Cmd{} // its program is looked for in the root, not here
	c.Path, c.Args = unitLine(t)
	c.Env = []string{"FONDACO_DATA=/var/lib/fondaco", "CREDENTIALS_DIRECTORY=/run/credentials"}
	c.Dir, c.Stdout, c.Stderr = "/", &said, &said
	c.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: owner(t, filepath.Join(root, "etc/passwd"))}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	said.wait(t, "console on http://")
	put(project, text+"description: changed\n")
	if err := c.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	said.wait(t, `msg=reloaded|"reloaded"`)
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, said.String())
	}
	for name := range filesIn(t, root) {
		if !before[name] && !strings.HasPrefix(name, "var/lib/fondaco/") {
			t.Errorf("it wrote %s", name)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "var/lib/fondaco/data/fondaco.db")); err != nil {
		t.Errorf("%v\n%s", err, said.String())
	}
	for _, folder := range []string{routes, credentials, filepath.Join(root, "var/lib/fondaco/data")} {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
	}
}

// unitLine returns the program and the arguments of the unit's ExecStart.
func unitLine(t *testing.T) (program string, args []string) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/systemd/fondaco.service")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ExecStart=(.*)$`).FindSubmatch(text)
	if line == nil {
		t.Fatal("the unit has no ExecStart")
	}
	args = strings.Fields(strings.ReplaceAll(string(line[1]), "${CREDENTIALS_DIRECTORY}", "/run/credentials"))
	return args[0], args
}

// owner returns whom the first line of a passwd file names.
func owner(t *testing.T, passwd string) *syscall.Credential {
	t.Helper()
	text, err := os.ReadFile(passwd)
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Split(string(text), ":")
	uid, err := strconv.ParseUint(fields[2], 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(fields[3], 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// filesIn lists what is in a folder and below.
func filesIn(t *testing.T, root string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, _ fs.DirEntry, err error) error { all[name] = true; return err })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// output is what a process says. Safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write notes what is said.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String returns what was said until now.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// wait waits until it says something.
func (o *output) wait(t *testing.T, pattern string) {
	t.Helper()
	for until := time.Now().Add(2 * time.Minute); !regexp.MustCompile(pattern).MatchString(o.String()); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("it does not say %s\n%s", pattern, o.String())
		}
	}
}
