package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fondaco/messaging"
)

var errPlanted = errors.New("planted: input/output error")

// A failing disk fails what waits, in words; the next publish tries again on a file opened anew; acks and order survive.
func TestHealsAfterFailure(t *testing.T) {
	var broken atomic.Bool
	b, err := openWith(t.Context(), filepath.Join(t.TempDir(), "topics.db"), Options{Project: "venezia"}, faults{commit: func() error {
		if broken.Load() {
			return errPlanted
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s, _ := b.Subscriber("g", messaging.Options{InFlight: 8})
	in, err := s.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(3) {
		if err := messaging.Publish(t.Context(), b, "t", kilobyte("k", i)); err != nil {
			t.Fatal(err)
		}
	}
	first := <-in
	old := b.file.Load()
	broken.Store(true)
	first.Ack() // cannot be made durable now
	err = messaging.Publish(t.Context(), b, "t", kilobyte("k", 99))
	if !errors.Is(err, messaging.ErrFull) || !errors.Is(err, errPlanted) {
		t.Errorf("publish on a broken disk: %v", err)
	}
	if err := b.Health(); err == nil || !strings.Contains(err.Error(), "free space or repair the disk") {
		t.Errorf("health of a broken disk: %v", err)
	}
	select {
	case e := <-in:
		t.Errorf("%s came before the ack of the one before it was durable", e.ID)
	case <-time.After(30 * time.Millisecond):
	}
	broken.Store(false)
	if err := messaging.Publish(t.Context(), b, "t", kilobyte("k", 3)); err != nil {
		t.Errorf("publish after the disk was repaired: %v", err)
	}
	if err := b.Health(); err != nil {
		t.Errorf("health after the disk was repaired: %v", err)
	}
	if b.file.Load() == old {
		t.Error("the file that failed is written on; it must be opened anew")
	}
	for i := int64(1); i < 4; i++ {
		e := <-in
		if want := kilobyte("k", i).ID; e.ID != want {
			t.Errorf("%s came, expected %s", e.ID, want)
		}
		e.Ack()
	}
	s.Close()
	account(t, b, "t", "g", 4, 4)
}

// It heals without being asked: acks that wait are tried again by themselves.
func TestHealsUnasked(t *testing.T) {
	var broken atomic.Bool
	b, err := openWith(t.Context(), filepath.Join(t.TempDir(), "topics.db"), Options{}, faults{commit: func() error {
		if broken.Load() {
			return errPlanted
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s, _ := b.Subscriber("g", messaging.Options{})
	in, err := s.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	if err := messaging.Publish(t.Context(), b, "t", kilobyte("k", 0), kilobyte("k", 1)); err != nil {
		t.Fatal(err)
	}
	broken.Store(true)
	(<-in).Ack()
	eventually(t, "health reports the failure", func() bool { return b.Health() != nil })
	broken.Store(false)
	eventually(t, "health is back", func() bool { return b.Health() == nil })
	if e := <-in; e.ID != "k-1" {
		t.Errorf("%s came", e.ID)
	}
}

// Accepted = finished + waiting, with what the table of messages really holds.
func account(t *testing.T, b *Broker, topic, group string, accepted, finished int64) {
	t.Helper()
	counts, err := b.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		if c.Topic == topic && c.Group == group {
			if c.Accepted != accepted || c.Finished != finished || c.Waiting != accepted-finished {
				t.Errorf("the account is %+v; expected accepted %d, finished %d", c, accepted, finished)
			}
			var really int64
			if err := b.file.Load().read.QueryRow(`select count(*) from message m join topic t on m.seq >> 40 = t.id join consumer c on c.topic = t.id
				where t.name = ? and c.name = ? and not exists (select 1 from finished f where f.seq = m.seq and f.consumer = c.id)`, topic, group).
				Scan(&really); err != nil || really != c.Waiting {
				t.Errorf("%d messages wait in the file (%v), the account says %d", really, err, c.Waiting)
			}
			return
		}
	}
	t.Errorf("no account of %s in %s: %+v", topic, group, counts)
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("it never came that %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// fill is the child of TestDiskFull: the system lets it write so far and no farther, as a full disk does, and then
// farther again.
func fill(ctx context.Context, path string) error {
	b, err := Open(ctx, path, Options{Project: "venezia"})
	if err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = 1 << 20
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	accepted := int64(0)
	for i := int64(0); ; i++ {
		if i == 5000 {
			return errors.New("the limit was never met")
		}
		err := messaging.Publish(ctx, b, "t", kilobyte("k", i))
		if err == nil {
			accepted++
			continue
		}
		if !errors.Is(err, messaging.ErrFull) {
			return fmt.Errorf("with a full disk publishing returns %w", err)
		}
		if b.Health() == nil {
			return errors.New("a full disk, and health knows nothing")
		}
		break
	}
	for range 20 { // it stays full
		if err := messaging.Publish(ctx, b, "t", kilobyte("no", 0)); err == nil {
			accepted++
		}
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	begin := time.Now()
	if err := messaging.Publish(ctx, b, "t", kilobyte("k", accepted)); err != nil {
		return fmt.Errorf("with space again: %w", err)
	}
	if err := b.Health(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "accepted %d healed %v\n", accepted+1, time.Since(begin) < 30*time.Second)
	return b.Close()
}

// P10: a full disk refuses, corrupts nothing, and the broker goes on when there is space, without a restart.
func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "topics.db")
	out, err := child(t, "fill", path).CombinedOutput()
	var accepted int64
	var healed bool
	if _, scan := fmt.Sscanf(string(out), "accepted %d healed %t", &accepted, &healed); err != nil || scan != nil || !healed {
		t.Fatalf("%v, %s", err, out)
	}
	b, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s, _ := b.Subscriber("g", messaging.Options{InFlight: 1})
	in, err := s.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	for range accepted {
		(<-in).Ack()
	}
	s.Close()
	account(t, b, "t", "g", accepted, accepted)
}
