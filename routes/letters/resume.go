package letters

import (
	"context"
	"time"

	"fondaco/store"
)

// again is how long a replay waits whose topic did not take it.
const again = 10 * time.Second

// takeOver is how long after its claim a letter is left to another process, which may be giving it back: longer than topics may take,
// with clocks a minute and a half apart. Where that process ended meanwhile, or gives it back later all the same, the inbox knows the
// message.
const takeOver = 5 * time.Minute

// mine reports whether this process gives a claimed letter back.
func (d *Desk) mine(l store.DeadLetter) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.several || d.own[l.ID] || d.clock.Now().Sub(l.At) > takeOver
}

// Resume gives back what is claimed and not known to be in its topic: at once what a process left behind that ended
// meanwhile, and then what a topic did not take, until ctx ends. The inbox knows what was published twice by that. What another process
// of several has claimed it gives back when that has had its time.
func (d *Desk) Resume(ctx context.Context) {
	tick := time.NewTicker(again)
	defer tick.Stop()
	for {
		if err := d.resume(ctx); err != nil && ctx.Err() == nil {
			d.log.Error("replays that were begun cannot be ended", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (d *Desk) resume(ctx context.Context) error {
	for after := ""; ; {
		list, err := d.letters.List(ctx, store.LetterFilter{State: store.LetterReplaying}, atOnce, after)
		if err != nil || len(list) == 0 {
			return err
		}
		var ids []string
		for _, l := range list {
			if after = l.Cursor; d.mine(l) {
				ids = append(ids, l.ID)
			}
		}
		if err := d.resumeSome(ctx, ids); err != nil {
			return err
		}
	}
}

// resumeSome gives letters back that are still claimed once they are in hand.
func (d *Desk) resumeSome(ctx context.Context, ids []string) error {
	ids = d.take(ids, func(string) {})
	defer d.leave(ids)
	if len(ids) == 0 {
		return nil
	}
	claimed, err := d.letters.List(ctx, store.LetterFilter{IDs: ids, State: store.LetterReplaying}, len(ids), "")
	if err != nil {
		return err
	}
	var o Outcome
	err = d.giveBack(ctx, claimed, &o)
	if o.Done > 0 {
		d.log.Warn("replays that were begun before are given back", "letters", o.Done)
	}
	return err
}
