package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

// operator looks after the letters of an engine with the program's own commands, as a person does: what the system will
// never take it throws away, and of the rest it has the cause put right and gives them back.
type operator struct {
	r    *round
	e    *engine
	halt context.CancelFunc
	done sync.WaitGroup

	thrown int64 // how many letters were discarded, known once all of them ended

	mu    sync.Mutex
	last  string // what a command said last, if it was an error
	twice int    // how many letters two people gave back
}

// letters is what fondaco dead list prints.
type letters struct {
	Total   int
	Letters []struct{ ID, Message, Topic, State, Reason, Detail string }
}

// messages is of how many messages they are: of a message that a killed engine published twice each copy may die, and is a
// letter.
func (l letters) messages() int {
	seen := map[string]bool{}
	for _, x := range l.Letters {
		seen[x.Message] = true
	}
	return len(seen)
}

// newOperator begins to look after the letters. The caller ends it.
func newOperator(ctx context.Context, r *round, e *engine) *operator {
	ctx, cancel := context.WithCancel(ctx)
	o := &operator{r: r, e: e, halt: cancel}
	o.done.Go(func() {
		for ctx.Err() == nil {
			if err := o.turn(ctx); err != nil {
				o.mu.Lock()
				o.last = err.Error()
				o.mu.Unlock()
			}
			wait(ctx, 200*time.Millisecond)
		}
	})
	return o
}

func (o *operator) end() {
	o.halt()
	o.done.Wait()
}

// turn goes once through what waits. While the engine is away its commands fail, and the next turn does it.
func (o *operator) turn(ctx context.Context) error {
	waiting, err := o.list(ctx, "waiting")
	if err != nil {
		return err
	}
	var back, away []string
	for _, l := range waiting.Letters {
		order, found := orderOf(l.Message)
		if !found {
			return fmt.Errorf("there is a letter of %s %s, expected letters of notes alone", l.Topic, l.Message)
		}
		if unwanted(order) {
			away = append(away, l.ID)
		} else {
			o.r.stub.city.mend(order)
			back = append(back, l.ID)
		}
	}
	if len(away) > 0 {
		if _, err := o.command(ctx, append([]string{"discard", "--yes", "--why", "not wanted"}, away...)...); err != nil {
			return err
		}
	}
	if len(back) > 0 {
		return o.giveBack(ctx, back)
	}
	return nil
}

// giveBack has two people give the same letters back at the same moment: each letter is given back by one of them, and the
// other is told so.
func (o *operator) giveBack(ctx context.Context, ids []string) error {
	var given [2]int
	var failed [2]error
	var both sync.WaitGroup
	for i := range given {
		both.Go(func() { given[i], failed[i] = o.replay(ctx, ids) })
	}
	both.Wait()
	if twice := given[0] + given[1] - len(ids); twice > 0 {
		o.mu.Lock()
		o.twice += twice
		o.mu.Unlock()
	}
	return errors.Join(failed[0], failed[1])
}

// replay returns how many of some letters were given back: those that were not are no error.
func (o *operator) replay(ctx context.Context, ids []string) (given int, err error) {
	out, err := o.command(ctx, append([]string{"replay", "--yes", "--format", "json", "--why", "repaired"}, ids...)...)
	var told struct {
		Replayed int
		Error    string
	}
	if json.Unmarshal(out, &told) != nil {
		return 0, err
	}
	if told.Error != "" {
		return told.Replayed, fmt.Errorf("fondaco dead replay: %s", told.Error)
	}
	return told.Replayed, nil
}

// list returns the letters in a state, as many as the command lists at most: a long round has thousands.
func (o *operator) list(ctx context.Context, state string) (letters, error) {
	var l letters
	out, err := o.command(ctx, "list", "--state", state, "--limit", "10000", "--format", "json")
	if err == nil {
		err = json.Unmarshal(out, &l)
	}
	return l, err
}

func (o *operator) command(ctx context.Context, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, o.e.program, append(append([]string{"dead"}, args...), "--console", o.e.console)...)
	c.SysProcAttr = mortal()
	out, err := c.Output()
	if err != nil {
		var said []byte
		if x := (*exec.ExitError)(nil); errors.As(err, &x) {
			said = x.Stderr
		}
		return out, fmt.Errorf("fondaco dead %s: %w: %.300s", args[0], err, said)
	}
	return out, nil
}

// said is what a command said last, if it was an error.
func (o *operator) said() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}
