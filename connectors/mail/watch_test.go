package mail

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/connectors/connectortest"
	"fondaco/connectors/mail/imap/imaptest"
	"fondaco/transform/codec"
)

// watches are a connector with a watch of each kind.
const watches = `connector: posta
version: 1.0.0
params: { endpoint: { type: string }, segreto: { type: string, secret: true } }
mail: { imap: "${param.endpoint}", user: hub, password: "${param.segreto}" }
operations: {}
watches:
  nuova: { done: Fatti, failed: Errori, max_size: 4KiB, batch: 3 }
  tutta: { failed: Errori, automatic: take, batch: 3 }
  pec: { done: Fatti, failed: Errori, pec: true }
`

// watcher polls a watch as the engine does.
type watcher struct {
	t     *testing.T
	open  connectors.Watching
	place string
	log   strings.Builder
}

func newWatcher(t *testing.T, address, name string) *watcher {
	t.Helper()
	w := &watcher{t: t}
	w.open = opened(t, address, name, slog.New(slog.NewTextHandler(&w.log, nil)))
	t.Cleanup(func() { _ = w.open.Close() })
	return w
}

func opened(t testing.TB, address, name string, log *slog.Logger) connectors.Watching {
	t.Helper()
	c := load(t, watches)
	s := &connectors.System{Name: "posta", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", address)
	s.Override("segreto", imaptest.Password)
	open, err := s.Watch(t.Context(), c.Watch(name), connectors.Deps{Log: log, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return open
}

// due polls until there is nothing more, and returns all items as JSON.
func (w *watcher) due() (all []string) {
	w.t.Helper()
	for range 100 {
		found, err := w.open.Poll(w.t.Context(), w.place)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, f := range found.Items {
			all = append(all, string(codec.AppendJSON(nil, f.Body)))
		}
		if w.place = found.Place; !found.More {
			return all
		}
	}
	w.t.Fatal("the watch finds no end")
	return nil
}

func plainMessage(id, subject, more, body string) string {
	return "Received: from a by b\r\nMessage-ID: <" + id + "@example.org>\r\nFrom: =?utf-8?q?Anna_D=27Al=C3=B2?= <anna@example.org>\r\n" +
		"To: urp@comune.example\r\nSubject: " + subject + "\r\nDate: Mon, 30 Nov 2026 09:30:00 +0100\r\n" + more + "\r\n" + body
}

// TestWatchContract: what connectors.Watching promises, on a server with MOVE and on one without.
func TestWatchContract(t *testing.T) {
	for _, move := range []bool{true, false} {
		t.Run(fmt.Sprintf("move %t", move), func(t *testing.T) {
			server := imaptest.New(t, move)
			connectortest.RunWatch(t, connectortest.Watched{
				Open: func(t testing.TB) connectors.Watching { return opened(t, server.Address, "nuova", nil) },
				Put: func(t testing.TB, name string) {
					server.Put(t, "INBOX", plainMessage(name, name, "", "ciao\r\n"))
				},
				Name: func(f connectors.Find) string { return f.Body.Get("subject").Str() },
			})
		})
	}
}

// TestWatchedMessages: messages are told with their types and moved; what cannot be taken lies in failed with a reason in the log, what a
// program wrote is passed over, and what came twice is told once.
func TestWatchedMessages(t *testing.T) {
	server := imaptest.New(t, true)
	server.Put(t, "INBOX", plainMessage("m1", "=?iso-8859-1?q?perch=E9?=",
		"In-Reply-To: <m0@comune.example>\r\nReferences: <a@x> <m0@comune.example>\r\n"+
			"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n", "la buca =E8 l=\r\n=EC\r\n"))
	server.Put(t, "INBOX", plainMessage("m2", "grande", "", strings.Repeat("x", 5000)))
	server.Put(t, "INBOX", plainMessage("m3", "fuori sede", "Auto-Submitted: auto-replied\r\n", "torno"))
	server.Put(t, "INBOX", plainMessage("m1", "di nuovo", "", "la buca"))
	server.Put(t, "INBOX", plainMessage("m4", "giro", strings.Repeat("Received: from a by b\r\n", 101), "x"))
	server.Put(t, "INBOX", plainMessage("m5", "foto", "Content-Type: multipart/mixed; boundary=B\r\n",
		"--B\r\nContent-Type: multipart/alternative; boundary=BB\r\n\r\n--BB\r\n\r\nciao\r\n"+
			"--BB\r\nContent-Type: text/html\r\n\r\n<p>ciao</p>\r\n--BB--\r\n"+
			"--B\r\nContent-Type: image/png; name=\"../a.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--B--\r\n"))
	w := newWatcher(t, server.Address, "nuova")
	got := w.due()
	want := []string{
		`{"id":"<m1@example.org>","from":{"address":"anna@example.org","name":"Anna D'Alò"},"to":[{"address":"urp@comune.example"}],"cc":[],` +
			`"subject":"perché","date":"2026-11-30T09:30:00+01:00","received":"2026-11-30T10:00:00Z","text":"la buca è lì\n","attachments":[],` +
			`"in_reply_to":"<m0@comune.example>","references":["<a@x>","<m0@comune.example>"],"automatic":false,"cut":false}`,
		`{"id":"<m5@example.org>","from":{"address":"anna@example.org","name":"Anna D'Alò"},"to":[{"address":"urp@comune.example"}],"cc":[],` +
			`"subject":"foto","date":"2026-11-30T09:30:00+01:00","received":"2026-11-30T10:00:00Z","text":"ciao","html":"<p>ciao</p>",` +
			`"attachments":[{"name":"a.png","type":"image/png","size":4,"content":"iVBORw=="}],"references":[],"automatic":false,"cut":false}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for folder, want := range map[string]string{"INBOX": "", "Fatti": "perché, fuori sede, di nuovo, foto", "Errori": "grande, giro"} {
		if got := strings.Join(server.Subjects(t, folder), ", "); got != want {
			t.Errorf("%s holds %q, expected %q", folder, got, want)
		}
	}
	for _, said := range []string{"max_size is 4096", "goes round in a loop"} {
		if !strings.Contains(w.log.String(), said) {
			t.Errorf("the log does not say %q: %s", said, w.log.String())
		}
	}
	if strings.Contains(w.log.String(), "anna@") || strings.Contains(w.log.String(), "perch") {
		t.Errorf("the log has personal data: %s", w.log.String())
	}
}

// TestFolderMadeAnew: with a new UIDVALIDITY numbers mean other messages, and those that were taken are known by their Message-ID.
func TestFolderMadeAnew(t *testing.T) {
	server := imaptest.New(t, true)
	for i := range 3 {
		server.Put(t, "INBOX", plainMessage(fmt.Sprint("m", i), fmt.Sprint(i), "", "x"))
	}
	w := newWatcher(t, server.Address, "tutta")
	if got := w.due(); len(got) != 3 {
		t.Fatalf("found %q", got)
	}
	_ = w.open.Close()
	server.Anew(t, "INBOX")
	server.Put(t, "INBOX", plainMessage("m1", "1", "", "x"))
	server.Put(t, "INBOX", plainMessage("m9", "9", "", "x"))
	w.open = opened(t, server.Address, "tutta", slog.New(slog.DiscardHandler))
	if got := w.due(); len(got) != 1 || !strings.Contains(got[0], "m9@") {
		t.Errorf("found %q", got)
	}
}

// TestMailboxAway: a mailbox that is gone or locked is an error, and comes again.
func TestMailboxAway(t *testing.T) {
	server := imaptest.New(t, true)
	server.Put(t, "INBOX", plainMessage("m1", "1", "", "x"))
	w := newWatcher(t, server.Address, "nuova")
	w.open.(*watching).folder = "Altra"
	for range 2 {
		if _, err := w.open.Poll(t.Context(), ""); err == nil || strings.Contains(err.Error(), imaptest.Password) {
			t.Fatalf("found %v", err)
		}
	}
	w.open.(*watching).folder = "INBOX"
	if got := w.due(); len(got) != 1 {
		t.Errorf("found %q", got)
	}
}

// TestLargeItems: what is told of a message fits into a topic: the largest files are without content, and are named.
func TestLargeItems(t *testing.T) {
	server := imaptest.New(t, true)
	file := func(name string, size int) string {
		return "--B\r\nContent-Type: application/pdf; name=" + name + "\r\n\r\n" + strings.Repeat("x", size) + "\r\n"
	}
	server.Put(t, "INBOX", plainMessage("m1", "1", "Content-Type: multipart/mixed; boundary=B\r\n",
		file("a", 600<<10)+file("b", 10)+file("c", 500<<10)+"--B--\r\n"))
	server.Put(t, "INBOX", plainMessage("m2", "2", "", strings.Repeat("\x01", 300<<10)))
	got := newWatcher(t, server.Address, "tutta").due()
	if len(got) != 2 || len(got[0]) > 1<<20 || len(got[1]) > 1<<20 ||
		!strings.Contains(got[0], `"cut":true`) || !strings.Contains(got[1], `"cut":true`) {
		t.Fatalf("found %d items", len(got))
	}
	const small = `{"name":"a","type":"application/pdf","size":614400},{"name":"b","type":"application/pdf","size":10,"content":"eHh4`
	if !strings.Contains(got[0], small) {
		t.Errorf("found %.1000s", got[0])
	}
}

// TestIdleWakes: a message that comes while the watch waits ends the waiting.
func TestIdleWakes(t *testing.T) {
	server := imaptest.New(t, true)
	w := newWatcher(t, server.Address, "nuova")
	w.due()
	woken := make(chan struct{})
	go func() {
		defer close(woken)
		w.open.Wait(t.Context(), time.Hour)
	}()
	for n := 0; ; n++ { // also while the waiting begins
		server.Put(t, "INBOX", plainMessage(fmt.Sprint("m", n), "nuova", "", "x"))
		select {
		case <-woken:
			if got := w.due(); len(got) == 0 {
				t.Error("nothing is found")
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
		if n == 600 {
			t.Fatal("nobody is woken")
		}
	}
}
