package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is also the processes that tests need: that which keeps a ledger, and one that writes ledgers until it is killed.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "-"+keeper {
		if err := keep(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "-write-ledgers" {
		if err := writeUntilKilled(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// written is how many orders writeUntilKilled writes, and unkept how many of them while its keepers stand still.
const written, unkept = 3000, 100

// writeUntilKilled writes orders that are told and have their effects, but for the follow of each tenth. It says the
// processes of its ledgers, which it has stand still when the last orders are written, and then that it has written all.
func writeUntilKilled(dir string) error {
	l, err := newLedger(dir, "kills", "sqlite", twoLegs)
	if err != nil {
		return err
	}
	for n := 1; n <= written; n++ {
		if n == written-unkept {
			if err := errors.Join(l.deeds.flush(), l.clients.flush(), l.system.flush()); err != nil {
				return err
			}
			for _, p := range []*pen{l.deeds, l.clients, l.system} {
				fmt.Println(p.process.Process.Pid)
				if err := p.process.Process.Signal(syscall.SIGSTOP); err != nil {
					return err
				}
			}
		}
		id := fmt.Sprint("k-", n)
		l.sent(request{ID: id, Key: "k", Number: n})
		l.told(id, "/operations/"+id)
		l.took(effect{Leg: "order", ID: id, Key: "k", Number: n, Run: "n-1"})
		if n%10 > 0 {
			l.took(effect{Leg: "follow", ID: id, Key: "k", Number: n, Run: "n-1"})
		}
	}
	fmt.Println("written")
	select {}
}

// TestLedgersOutliveTheirWriter: what was written before a kill -9 of the program that wrote is in the files, whole, and is
// judged, also what its keepers had not taken up then; what was not waited for waits, and is not lost.
func TestLedgersOutliveTheirWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "round")
	c := exec.Command(os.Args[0], "-write-ledgers", dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var keepers []int
	for lines.Scan() && lines.Text() != "written" {
		pid := 0
		if _, err := fmt.Sscan(lines.Text(), &pid); err != nil {
			t.Fatal(err)
		}
		keepers = append(keepers, pid)
	}
	_ = c.Process.Kill()
	_ = c.Wait()
	if len(keepers) != 3 {
		t.Fatal(keepers)
	}
	for _, pid := range keepers {
		_ = syscall.Kill(pid, syscall.SIGCONT)
	}
	var b *books
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) { // the keepers write down what their pipes hold
		if b, err = readBooks(dir); err == nil && len(b.requests) == written && len(b.effects) == 2*written-written/10 {
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("%v; %d orders and %d effects are in the files", err, len(b.requests), len(b.effects))
		}
	}
	v := b.judge(twoLegs)
	if v.Told != written || v.flawed() || v.Waiting != written/10 || b.scenario != "kills" || b.settled {
		t.Errorf("%s of %d orders, expected %d that wait; scenario %q, settled %v: %q", v, v.Told, written/10, b.scenario, b.settled, v.Notes)
	}
	if err := judgeFolder(filepath.Dir(dir)); err != nil {
		t.Error(err)
	}
}

// TestJudgeOfFiles: the judge goes by what the files hold, flaws and all, and what was waited for is lost.
func TestJudgeOfFiles(t *testing.T) {
	dir := t.TempDir()
	l, err := newLedger(dir, "kills", "sqlite", twoLegs)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	l.sent(request{ID: "a1", Key: "a", Number: 1})
	l.told("a1", "")
	over := l.disturb(disturbance{What: "an outage", Bound: map[string]int{"order": 1}})
	l.took(effect{Leg: "order", ID: "a1", Key: "a", Number: 1, Run: "n-1"})
	l.took(effect{Leg: "order", ID: "a1", Key: "a", Number: 1, Run: "n-1"})
	over()
	l.took(effect{Leg: "order", ID: "a9", Key: "a", Number: 9, Run: "n-1"})
	v, err := l.judge()
	if err != nil {
		t.Fatal(err)
	}
	if v.Lost != 1 || v.Phantom != 1 || v.Duplicates != 1 || v.Excess != 0 || v.Waiting != 0 {
		t.Errorf("%s excess %d, expected lost 1 phantom 1 duplicates 1 excess 0; %q", v, v.Excess, v.Notes)
	}
	if err := judgeFolder(dir); !errors.Is(err, errFlawed) {
		t.Errorf("%v, expected %v", err, errFlawed)
	}
	if err := judgeFolder(t.TempDir()); err == nil || !strings.Contains(err.Error(), "there are no ledgers") {
		t.Error(err)
	}
}

// TestLedgerWithoutKeeper: a ledger whose process was killed is no word on anything: the round fails.
func TestLedgerWithoutKeeper(t *testing.T) {
	l, err := newLedger(t.TempDir(), "kills", "sqlite", twoLegs)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	l.took(effect{Leg: "order", ID: "a1", Key: "a", Number: 1, Run: "n-1"})
	if err := l.system.flush(); err != nil {
		t.Fatal(err)
	}
	if err := l.system.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.judge(); err == nil || !strings.Contains(err.Error(), systemFile) {
		t.Errorf("%v, expected an error about %s", err, systemFile)
	}
}
