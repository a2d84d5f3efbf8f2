package engine

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/config/diag"

	"go.uber.org/goleak"
)

// TestFailedStart: a project that cannot be served, as its address is taken, leaves no work behind that uses the storage that is closed.
func TestFailedStart(t *testing.T) {
	before := goleak.IgnoreCurrent()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"fondaco.yaml": "project: prova\ntitle: Prova\nversion: 1.0.0\nserver: { listen: \"" + taken.Addr().String() +
			"\" }\nstorage: { state: fondaco.db }\n",
		"routes/pulizia.yaml": `routes:
  pulizia:
    schedule: "0 3 * * *"
    steps:
      - set: { as: "${schedule.time}" }
`,
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := &World{Env: func(string) (string, bool) { return "", false }, Dir: dir, Stdout: io.Discard, Stderr: io.Discard, Now: time.Now}
	folder, err := OpenFolder(w, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	var out diag.List
	typed, reading := folder.read(&out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	s := &Serving{World: w, Folder: folder, Reading: reading, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = s.Run(ctx, typed, Flags{Still: true}, func(Addresses) { t.Error("it is served") })
	if err == nil || !strings.Contains(err.Error(), "the public listener") {
		t.Errorf("found %v", err)
	}
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}
