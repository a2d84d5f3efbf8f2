package embedded

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/store/sqlitefile"
)

// subject is what must not be found on the disk once nothing has it any more.
const subject = "RSSMRA80A01L736V"

// citizen is a message that has the subject in each of its parts.
func citizen(random *rand.Rand, i int) messaging.Message {
	return messaging.Message{
		ID: fmt.Sprint(subject, i), Key: fmt.Sprint(subject, i%7), Source: "/" + subject, Type: subject,
		Body: []byte(strings.Repeat(subject, 1+random.IntN(400))),
	}
}

// remains counts the subject in all files of a folder.
func remains(t *testing.T, folder string) (n int, where string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // it is of a moment
		}
		if found := bytes.Count(content, []byte(subject)); found > 0 {
			n, where = n+found, where+fmt.Sprintf(" %s: %d", filepath.Base(file), found)
		}
	}
	return n, where
}

// settled waits until nothing of the subject is on the disk.
func settled(t *testing.T, folder string) {
	t.Helper()
	n, where := remains(t, folder)
	for end := time.Now().Add(2 * time.Minute); n > 0; n, where = remains(t, folder) {
		if time.Now().After(end) {
			t.Fatalf("the subject is still on the disk:%s", where)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// TestNothingRemainsOfFinishedMessages: when a message is done its bytes are gone from all files, while the broker runs.
func TestNothingRemainsOfFinishedMessages(t *testing.T) {
	folder := t.TempDir()
	b, err := Open(t.Context(), filepath.Join(folder, "topics.db"), Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s, err := b.Subscriber("g", messaging.Options{InFlight: 32})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 3 {
		const count = 400
		for i := range count {
			if err := messaging.Publish(t.Context(), b, "t", citizen(random, round*count+i)); err != nil {
				t.Fatal(err)
			}
		}
		if n, _ := remains(t, folder); n == 0 {
			t.Fatal("the subject is nowhere while messages wait: the test looks in the wrong place")
		}
		for range count {
			(<-in).Ack()
		}
		settled(t, folder)
	}
}

// TestRemainsOfBeforeAreScrubbed: what a file of an earlier version holds of messages that were deleted is overwritten at
// the first start; what waits is kept.
func TestRemainsOfBeforeAreScrubbed(t *testing.T) {
	path := place(t)
	db, err := sql.Open("sqlite", sqlitefile.Address(path, "_pragma=secure_delete(0)"))
	if err != nil {
		t.Fatal(err)
	}
	text := []string{"delete from meta where name = 'scrubbed'"}
	for i := range 300 {
		text = append(text, fmt.Sprintf("insert into message (seq, key, due, at, headers, body, sum) values (%d, '%s', 0, 0, '%[2]s', '%s', 0)",
			i+1<<30, subject, strings.Repeat(subject, 1+i%90)))
	}
	text = append(text, "delete from message where seq >= 1 << 30 and key = '"+subject+"'", "pragma wal_checkpoint(truncate)")
	for _, one := range text {
		if _, err := db.Exec(one); err != nil {
			t.Fatal(one[:40], err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n, _ := remains(t, filepath.Dir(path)); n < 100 {
		t.Fatalf("the file of before holds the subject %d times: the test tries nothing", n)
	}
	b, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	settled(t, filepath.Dir(path))
	s, err := b.Subscriber("g", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	e := <-in
	if m, flaw := messaging.Received(e); flaw != nil || m.Key != "k" {
		t.Errorf("found %v, %v", m, flaw)
	}
	e.Ack()
}

// TestFilesArePrivate: whatever the process's mask and the folder's rights are, the files are for their owner alone, and
// those of an earlier version come to be.
func TestFilesArePrivate(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(folder, "topics.db")
	for round := range 2 {
		b, err := Open(t.Context(), path, Options{Project: "venezia"})
		if err != nil {
			t.Fatal(err)
		}
		if err := messaging.Publish(t.Context(), b, "t", citizen(rand.New(rand.NewPCG(1, 2)), round)); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(path + "*")
		if err != nil || len(files) < 4 {
			t.Fatalf("found %v, %v", files, err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("round %d: %s has %v, %v", round, filepath.Base(file), info.Mode(), err)
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if files, err = filepath.Glob(path + "*"); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if err := os.Chmod(file, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}
