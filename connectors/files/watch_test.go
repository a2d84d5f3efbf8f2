package files

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/transform/codec"
)

// watches are a connector with a watch of each kind.
const watches = `connector: riscossione
version: 1.0.0
params: { endpoint: { type: string } }
files:
  address: "${param.endpoint}"
  formats:
    pagamenti:
      csv: { separator: ";", header: true }
      fields: { codice: { type: string, pattern: "^[A-Z]$" }, importo: { type: number } }
operations:
  elenco: { list: "out/*.csv" }
watches:
  bollette: { match: "out/*.pdf", done: prese/, every: 10s }
  segnate: { match: "out/*.zip", complete: "marker {name}.ok", done: prese, every: 10s }
  righe: { match: "in/*.csv", each: record, format: pagamenti, done: fatti/, failed: errori/, key: codice, person: codice, batch: 2, every: 10s }
  severe: { match: "in/*.csv", each: record, format: pagamenti, done: fatti/, failed: errori/, bad_records: refuse, every: 10s }
`

// watcher polls a watch as the engine does.
type watcher struct {
	*folder
	watch  *connectors.Watch
	open   connectors.Watching
	place  string
	clock  time.Time
	log    strings.Builder
	before string // the place of the poll before
}

func newWatcher(t *testing.T, at site, name string, files map[string]string) *watcher {
	t.Helper()
	w := &watcher{folder: newFolder(t, at, watches, files), clock: time.Unix(1_790_000_000, 0)}
	w.watch = w.system.Connector.Watch(name)
	w.start()
	t.Cleanup(func() { _ = w.open.Close() })
	return w
}

// start opens the watch anew, as a process that begins.
func (w *watcher) start() {
	w.t.Helper()
	if w.open != nil {
		_ = w.open.Close()
	}
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	var err error
	w.open, err = w.system.Watch(w.t.Context(), w.watch, connectors.Deps{Log: log, Now: func() time.Time { return w.clock }})
	if err != nil {
		w.t.Fatal(err)
	}
}

// poll polls once, and returns the items as JSON.
func (w *watcher) poll() (items []string, more bool) {
	w.t.Helper()
	found, err := w.open.Poll(w.t.Context(), w.place)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range found.Items {
		items = append(items, string(codec.AppendJSON(nil, f.Body)))
	}
	w.before, w.place = w.place, found.Place
	return items, found.More
}

// due polls until there is nothing more, and returns all items; the clock goes on before.
func (w *watcher) due() string {
	w.t.Helper()
	w.clock = w.clock.Add(w.watch.Every)
	var all []string
	for polls := 0; ; polls++ {
		if polls == 1000 {
			w.t.Fatal("the watch finds no end")
		}
		items, more := w.poll()
		if all = append(all, items...); !more {
			return strings.Join(all, " ")
		}
	}
}

func (w *watcher) holds(what, found, expected string) {
	w.t.Helper()
	if found != expected {
		w.t.Errorf("%s:\nfound    %s\nexpected %s\n%s", what, found, expected, w.log.String())
	}
}

// TestWatchedFiles: a file is told once it was the same at two polls, and lies in done: then.
func TestWatchedFiles(t *testing.T) { everywhere(t, testWatchedFiles) }

func testWatchedFiles(t *testing.T, at site) {
	w := newWatcher(t, at, "bollette", map[string]string{"out/a.pdf": "alfa", "out/b.pdf.tmp": "half", "out/.c.pdf": "half", "out/note.txt": ""})
	set := func(name string) {
		if err := os.Chtimes(filepath.Join(w.dir, name), time.Time{}, time.Unix(1_000_000_000, 0)); err != nil {
			t.Fatal(err)
		}
	}
	set("out/a.pdf") // however old it is
	w.holds("at the first poll", w.due(), "")
	w.put("out/a.pdf", "alfa e beta")
	set("out/a.pdf")
	w.holds("while it grows", w.due(), "")
	alfa := `{"name":"a.pdf","path":"prese/a.pdf","size":11,"modified":"2001-09-09T01:46:40Z","sha256":` +
		`"aa2c2be34c1f2bc15d0eed22d03d1ee70b57e1a8ec4be18d2f0fd26a2aa1c8d5"}`
	got := w.due()
	w.holds("once it was the same", sumless(got), sumless(at.listed(alfa)))
	w.holds("afterwards", w.all(), "out/.c.pdf=half out/b.pdf.tmp=half out/note.txt= prese/a.pdf=alfa e beta")

	w.put("out/a.pdf", "alfa e beta")
	w.due()
	w.holds("put again", w.due(), "")
	w.holds("put again, in the folders", w.all(), "out/.c.pdf=half out/b.pdf.tmp=half out/note.txt= prese/a.pdf=alfa e beta")
	if !strings.Contains(w.log.String(), "put again") || !strings.Contains(w.log.String(), "file=a.pdf") {
		t.Errorf("the log says nothing of it: %s", w.log.String())
	}
	w.put("out/a.pdf", "gamma")
	w.due()
	if got := w.due(); !strings.Contains(got, `"path":"prese/a.pdf~`) {
		t.Errorf("another content of that name: found %s", got)
	}
	if got := w.all(); !strings.Contains(got, "prese/a.pdf=alfa e beta prese/a.pdf~") {
		t.Errorf("found %s", got)
	}
}

// sumless cuts a sum out.
func sumless(s string) string {
	if i := strings.Index(s, `"sha256":"`); i >= 0 {
		return s[:i]
	}
	return s
}

// TestWatchedClaims: whenever the process dies, a file is told, with the id that it had.
func TestWatchedClaims(t *testing.T) { everywhere(t, testWatchedClaims) }

func testWatchedClaims(t *testing.T, at site) {
	w := newWatcher(t, at, "bollette", map[string]string{"out/a.pdf": "alfa", "out/b.pdf": "beta"})
	w.due()
	w.clock = w.clock.Add(w.watch.Every)
	items, more := w.poll()
	if len(items) > 0 || !more || !strings.HasPrefix(w.all(), "out/a.pdf=alfa out/b.pdf=beta") {
		t.Fatalf("%v %v %s: expected files that are ours, and nothing moved before that is kept", items, more, w.all())
	}
	claimed := w.place
	w.start()
	first, _ := w.poll()
	w.place = claimed // it was told, and the process died before that was kept
	w.start()
	second, _ := w.poll()
	if len(first) != 2 || fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("found %v and %v, expected the same two files", first, second)
	}
	w.holds("afterwards", w.all(), "prese/a.pdf=alfa prese/b.pdf=beta")
	w.holds("later", w.due(), "")
}

// TestWatchedMarker: a file is told once its marker is there, which is removed.
func TestWatchedMarker(t *testing.T) { everywhere(t, testWatchedMarker) }

func testWatchedMarker(t *testing.T, at site) {
	w := newWatcher(t, at, "segnate", map[string]string{"out/a.zip": "alfa", "out/b.zip": "beta", "out/b.zip.ok": ""})
	if got := w.due(); !strings.HasPrefix(got, `{"name":"b.zip"`) || strings.Contains(got, "a.zip") {
		t.Errorf("found %s", got)
	}
	w.holds("afterwards", w.all(), "out/a.zip=alfa prese/b.zip=beta")
}

const csvHead = "codice;importo\n"

// TestWatchedRecords: each record is told once, in order, and bad ones are in the reject file, wherever the process dies.
func TestWatchedRecords(t *testing.T) { everywhere(t, testWatchedRecords) }

func testWatchedRecords(t *testing.T, at site) {
	content := csvHead + "A;1\nB;2.50\nC;4\nzz;3\nD;x\nE;5\n"
	expected := `{"file":"p.csv","number":1,"record":{"codice":"A","importo":1}} {"file":"p.csv","number":2,"record":{"codice":"B","importo":2.50}} ` +
		`{"file":"p.csv","number":3,"record":{"codice":"C","importo":4}} {"file":"p.csv","number":6,"record":{"codice":"E","importo":5}}`
	for dies := range 5 {
		w := newWatcher(t, at, "righe", map[string]string{"in/p.csv": content})
		w.due()
		w.clock = w.clock.Add(w.watch.Every)
		var all []string
		for polls := 0; polls < 100; polls++ {
			items, more := w.poll()
			if polls == dies { // what it told was kept, and its place was not
				w.place = w.before
				w.start()
				w.clock = w.clock.Add(w.watch.Every)
				again, _ := w.poll()
				if polls > 0 && fmt.Sprint(items) != fmt.Sprint(again) {
					t.Errorf("dies at %d: found %v, and then %v", dies, items, again)
				}
				if polls == 0 { // it was to be seen at two polls
					w.place = w.before
					w.clock = w.clock.Add(w.watch.Every)
					items, more = w.poll()
				}
			}
			all = append(all, items...)
			if !more {
				break
			}
		}
		all = append(all, w.due())
		w.holds(fmt.Sprintf("dies at %d", dies), strings.TrimSpace(strings.Join(all, " ")), expected)
		w.holds("afterwards", w.all(), "errori/p.csv.reasons=line,record,column,field,reason\n5,4,1,codice,"+
			reason(t, w.all(), 0)+"\n6,5,2,importo,"+reason(t, w.all(), 1)+"\n errori/p.csv.reject="+csvHead+"zz;3\nD;x\n fatti/p.csv="+content)
		if t.Failed() {
			return
		}
	}
}

// reason returns the last column of a line of reasons.
func reason(t *testing.T, all string, line int) string {
	t.Helper()
	_, rest, _ := strings.Cut(all, "reason\n")
	lines := strings.Split(rest, "\n")
	if len(lines) <= line {
		return ""
	}
	parts := strings.SplitN(lines[line], ",", 5)
	if len(parts) < 5 || parts[4] == "" || strings.Contains(parts[4], "zz") {
		t.Errorf("found the reason %q", lines[line])
		return ""
	}
	return parts[4]
}

// TestWatchedRefused: a file with a wrong header, or a bad record where none may be, is moved away whole.
func TestWatchedRefused(t *testing.T) { everywhere(t, testWatchedRefused) }

func testWatchedRefused(t *testing.T, at site) {
	for name, c := range map[string][2]string{
		"another header":  {"righe", "codice;prezzo\nA;1\n"},
		"one bad":         {"severe", csvHead + "A;1\nzz;3\n"},
		"never ended":     {"righe", csvHead + "A;1\nB;\"2\n"},
		"more than 1,000": {"righe", csvHead + strings.Repeat("zz;3\n", 1001)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatcher(t, at, c[0], map[string]string{"in/p.csv": c[1], "in/q.csv": csvHead + "A;1\n"})
			w.due()
			got := w.due()
			w.holds("the other file", got, `{"file":"q.csv","number":1,"record":{"codice":"A","importo":1}}`)
			all := w.all()
			if !strings.HasPrefix(all, "errori/p.csv="+c[1]+" errori/p.csv.reason=") || !strings.HasSuffix(all, " fatti/q.csv="+csvHead+"A;1\n") {
				t.Errorf("found %s", all)
			}
			if !strings.Contains(w.log.String(), "refused") {
				t.Errorf("the log says nothing: %s", w.log.String())
			}
		})
	}
}

// TestWatchedChanged: a file that is replaced while its records are told is given up, and moved away.
func TestWatchedChanged(t *testing.T) { everywhere(t, testWatchedChanged) }

func testWatchedChanged(t *testing.T, at site) {
	w := newWatcher(t, at, "righe", map[string]string{"in/p.csv": csvHead + "A;1\nB;2\nC;3\nD;4\n"})
	w.due()
	w.clock = w.clock.Add(w.watch.Every)
	for {
		if items, _ := w.poll(); len(items) > 0 {
			break
		}
	}
	w.put("in/p.csv", csvHead+"A;9\nB;9\nC;9\nD;9\nE;9\n")
	w.holds("the rest", w.due(), "")
	if all := w.all(); !strings.Contains(all, "errori/p.csv.reason=the file changed while it was read") {
		t.Errorf("found %s", all)
	}
}

// TestWatchedLinks: what is no file is left alone.
func TestWatchedLinks(t *testing.T) { everywhere(t, testWatchedLinks) }

func testWatchedLinks(t *testing.T, at site) {
	w := newWatcher(t, at, "bollette", map[string]string{"out/vera.pdf": "x", "altrove.pdf": "segreto"})
	for _, name := range []string{"out/a.pdf", "out/cartella.pdf/b"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(w.dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../altrove.pdf", filepath.Join(w.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(w.dir, "out/-rf.pdf"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	w.due()
	if got := w.due(); strings.Count(got, "name") != 1 || !strings.Contains(got, "vera.pdf") {
		t.Errorf("found %s", got)
	}
	if n := strings.Count(w.log.String(), "left where it is"); n != 1 {
		t.Errorf("the log names an invalid name %d times: %s", n, w.log.String())
	}
}

// TestWatchedPerson: the person of a record is found within it, and the field that names it is personal.
func TestWatchedPerson(t *testing.T) { everywhere(t, testWatchedPerson) }

func testWatchedPerson(t *testing.T, at site) {
	w := newWatcher(t, at, "righe", map[string]string{"in/a.csv": "codice;importo\r\nB;1.00\r\n"})
	for range 3 {
		w.clock = w.clock.Add(w.watch.Every)
		found, err := w.open.Poll(t.Context(), w.place)
		if err != nil {
			t.Fatal(err)
		}
		w.place = found.Place
		for _, f := range found.Items {
			item := w.watch.Item
			record := item.Fields[item.Index("record")].Type
			if who := w.watch.PersonOf(f.Body); who != "B" || !record.Fields[record.Index("codice")].Type.Personal {
				t.Errorf("found the person %q of %s", who, record)
			}
			return
		}
	}
	t.Error("no record was found")
}
