package embedded

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fondaco/messaging"
)

// publishUntilKilled is the child's role: publishers that print what they send and what was accepted.
func publishUntilKilled(ctx context.Context, path string, bugs faults, settings ...string) error {
	b, err := openWith(ctx, path, Options{Project: "venezia"}, bugs)
	if err != nil {
		return err
	}
	for _, s := range settings {
		if _, err := b.file.Load().conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	s, _ := b.Subscriber("eager", messaging.Options{}) // acks go into the same transactions
	in, err := s.Subscribe(ctx, "t")
	if err != nil {
		return err
	}
	go func() {
		for e := range in {
			e.Ack()
		}
	}()
	var publishers sync.WaitGroup
	run := time.Now().UnixNano()
	for p := range 16 {
		publishers.Go(func() {
			key := fmt.Sprintf("r%d-p%d", run, p)
			for i := int64(0); ; i++ {
				m := kilobyte(key, i)
				os.Stdout.WriteString("sent " + m.ID + "\n")
				if err := messaging.Publish(ctx, b, "t", m); err != nil {
					os.Stdout.WriteString("error " + err.Error() + "\n")
					return
				}
				os.Stdout.WriteString("acked " + m.ID + "\n")
			}
		})
	}
	publishers.Wait()
	return nil
}

// oracle is the ledger outside the blast radius: what the child wrote into its pipe before it died.
type oracle struct{ sent, acked map[string]bool }

// hear takes up a line of the child.
func (o oracle) hear(t *testing.T, line string) (acked bool) {
	t.Helper()
	word, id, _ := strings.Cut(line, " ")
	switch word {
	case "sent":
		o.sent[id] = true
	case "acked":
		o.acked[id] = true
		return true
	default:
		t.Errorf("the child says %s", line)
	}
	return false
}

// begun makes the topics' file, with a group that has finished nothing: all messages are kept.
func begun(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "topics.db")
	b, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := b.Subscriber("oracle", messaging.Options{})
	if _, err := s.Subscribe(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	b.Close()
	return path
}

// kills runs and kills the child n times, and compares what the file holds with the ledger.
func kills(t *testing.T, role string, n int) (lost, phantom, inversions, acked int) {
	path := begun(t)
	o := oracle{map[string]bool{}, map[string]bool{}}
	for range n {
		c := child(t, role, path)
		c.Stderr = os.Stderr
		out, err := c.StdoutPipe()
		if err == nil {
			err = c.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		first := make(chan struct{})
		var once sync.Once
		killed := make(chan struct{})
		go func() {
			defer close(killed)
			<-first
			<-time.After(rand.N(150 * time.Millisecond))
			c.Process.Signal(syscall.SIGKILL)
		}()
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if o.hear(t, lines.Text()) {
				once.Do(func() { close(first) })
			}
		}
		once.Do(func() { close(first) })
		<-killed
		c.Wait()
	}

	lost, phantom, inversions = o.compare(t, path)
	return lost, phantom, inversions, len(o.acked)
}

// compare holds what the file delivers against what was reported.
func (o oracle) compare(t *testing.T, path string) (lost, phantom, inversions int) {
	t.Helper()
	b, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s, _ := b.Subscriber("oracle", messaging.Options{InFlight: 256})
	in, err := s.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	counts, err := b.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	waiting := int64(0)
	for _, c := range counts {
		if c.Group == "oracle" {
			waiting = c.Waiting
		}
	}
	found, next := map[string]bool{}, map[string]int64{}
	for range waiting {
		select {
		case e := <-in:
			m, flaw := messaging.Received(e)
			var i int64
			fmt.Sscan(strings.TrimRight(string(m.Body), "\x00"), &i)
			if flaw != nil || !o.sent[m.ID] || found[m.ID] {
				phantom++
			}
			if i != next[m.Key] {
				inversions++
			}
			next[m.Key] = i + 1
			found[m.ID] = true
			e.Ack()
		case <-time.After(2 * time.Minute):
			t.Fatalf("%d of %d came", len(found), waiting)
		}
	}
	for id := range o.acked {
		if !found[id] {
			lost++
		}
	}
	return lost, phantom, inversions
}

// P1, P4: kill -9 at random moments loses nothing that was accepted, invents nothing, and keeps each key's order.
func TestKill(t *testing.T) {
	lost, phantom, inversions, acked := kills(t, "publish", 10)
	t.Logf("kills 10, acked %d, lost %d, phantom %d, inversions %d", acked, lost, phantom, inversions)
	if lost != 0 || phantom != 0 || inversions != 0 || acked < 200 {
		t.Errorf("acked %d, lost %d, phantom %d, inversions %d", acked, lost, phantom, inversions)
	}
}

// The teeth of TestKill: with acceptance before the commit it must find losses.
func TestKillFindsEarlyAcceptance(t *testing.T) {
	lost, _, _, acked := kills(t, "publish early", 5)
	t.Logf("kills 5, acked %d, lost %d", acked, lost)
	if lost == 0 {
		t.Error("accepted before the commit, killed, and nothing was missed: the test has no teeth")
	}
}
