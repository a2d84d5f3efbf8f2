package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// cityLegs are the effects of an order of several steps: its own, those of the routes on its two topics, of which one
// works on several messages together, and the end that its caller is told.
var cityLegs = []leg{
	{name: "order"},
	{name: "even", of: func(r *request) bool { return r.Number%2 == 0 }},
	{name: "odd", of: func(r *request) bool { return r.Number%2 == 1 }},
	{name: "left"},
	{name: "right"},
	{name: "item-1"},
	{name: "item-2"},
	{name: "note", unordered: true, of: func(r *request) bool { return !unwanted(r.ID) }},
	{name: "digest", unordered: true},
	{name: "copy", unordered: true},
	{name: "end", unordered: true},
	{name: "follow"},
}

// cityInHand is what a kill may double: the orders of eight workers, what each subscription gives out, and of digests the
// messages of each.
var cityInHand = map[string]int{
	"order": 8, "even": 8, "odd": 8, "left": 8, "right": 8, "item-1": 8, "item-2": 8, "note": 64, "digest": 64 * 5, "copy": 64, "end": 64,
	"follow": 64,
}

// city has an engine with the settings that a project has by default: it is killed, ended as its owner does, and its
// files are edited, in turns, while an operator gives letters back and throws others away. After each restart each kind
// of work goes on within 15 s, the schedule's too; an edit is one reload, and nothing else is.
func city(ctx context.Context, r *round, times int) error {
	e := r.engines[0]
	r.clients.ends = r.stub.origin + "/ends/"
	r.stub.fragile = map[string]bool{"order": true, "note": true, "follow": true} // the first steps: what is tried again doubles nothing
	var o *operator
	r.rows = func(told int, rows []account) error { return r.cityRows(told, rows, o.thrown) }
	if err := r.begin(ctx); err != nil {
		return err
	}
	o = newOperator(ctx, r, e)
	r.closers = append(r.closers, o.end)
	for n := range times {
		if err := r.livesAndTicks(ctx, e); err != nil {
			return err
		}
		if err := r.flows(ctx, 100+r.random.IntN(400)); err != nil {
			return err
		}
		if n%2 == 1 {
			if err := r.edited(ctx, e, n/2); err != nil {
				return err
			}
		} else if n := reloads(ctx, e); n != 0 {
			return fmt.Errorf("%s reloaded its project %d times, and nobody had edited it", e.run(), n)
		}
		if n%3 == 2 {
			e.end(syscall.SIGTERM)
		} else {
			r.killed(e)
		}
		if err := e.start(); err != nil {
			return err
		}
	}
	if err := r.livesAndTicks(ctx, e); err != nil {
		return err
	}
	if n := r.stub.city.again(); n > times { // a kill may find one in hand
		r.check("a tick was made %d times again, with %d kills and stops", n, times)
	}
	return r.lettersEnd(ctx, o)
}

// livesAndTicks is lives, and the schedule's work is asked for.
func (r *round) livesAndTicks(ctx context.Context, e *engine) error {
	if err := r.lives(ctx, e); err != nil {
		return err
	}
	return r.eventually(ctx, progress, func() string {
		if r.stub.city.ticked(e.run()) == 0 {
			return fmt.Sprintf("silent: %s says that it is ready, and what its schedule says was not asked for", e.run())
		}
		return ""
	})
}

// edits are pairs of a file's text and what comes in its place: a route's words, and a schema that gets a field.
var edits = [][3]string{
	{"routes/orders.yaml", "summary: An order of several steps\n", "summary: An order of several steps, and so on\n"},
	{"schemas/told.yaml", "  at: { type: string }\n", "  at: { type: string }\n  remark: { type: string }\n"},
	{"schemas/order.yaml", "  attachment: { type: string }\n", "  attachment: { type: string }\n  remark: { type: string }\n"},
}

// edited makes an edit, the second time takes it back, and waits until the engine has taken it up: once.
func (r *round) edited(ctx context.Context, e *engine, turn int) error {
	x := edits[turn%len(edits)]
	before, after := x[1], x[2]
	if turn/len(edits)%2 == 1 {
		before, after = after, before
	}
	file := filepath.Join(e.project, filepath.FromSlash(x[0]))
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !strings.Contains(string(text), before) {
		return fmt.Errorf("%s: there is no %q to edit", x[0], before)
	}
	if err := os.WriteFile(file+".new", []byte(strings.Replace(string(text), before, after, 1)), 0o600); err != nil {
		return err
	}
	if err := os.Rename(file+".new", file); err != nil {
		return err
	}
	if err := r.eventually(ctx, progress, func() string {
		if reloads(ctx, e) == 0 {
			return "an edit of " + x[0] + " was not taken up"
		}
		return ""
	}); err != nil {
		return err
	}
	if err := r.flows(ctx, 200); err != nil {
		return err
	}
	if n := reloads(ctx, e); n != 1 {
		return fmt.Errorf("%s reloaded its project %d times for one edit", e.run(), n)
	}
	return nil
}

// reloads is how often the process that runs has reloaded its project.
func reloads(ctx context.Context, e *engine) (n int) {
	_, _ = fmt.Sscan(e.metric(ctx, `fondaco_reloads_total{result="done"}`), &n)
	return n
}

// lettersEnd ends the load and waits until each refused note was given back and done, or thrown away by the operator.
// Then the system would take all of them: what was thrown away must not come all the same.
func (r *round) lettersEnd(ctx context.Context, o *operator) error {
	r.clients.finish()
	if err := r.eventually(ctx, r.w.patience, func() string {
		var wrong []string
		if n := r.ledger.missing(); n > 0 {
			wrong = append(wrong, fmt.Sprintf("%d effects are missing: %s", n, strings.Join(r.ledger.lacking(5), ", ")))
		}
		gone, err := o.list(ctx, "discarded")
		if err != nil {
			return err.Error()
		}
		if n, want := gone.messages(), r.ledger.unwanted(); n != want {
			wrong = append(wrong, fmt.Sprintf("letters of %d notes were thrown away, expected %d", n, want))
		}
		left, err := o.list(ctx, "waiting")
		if err != nil {
			return err.Error()
		}
		if left.Total > 0 {
			wrong = append(wrong, fmt.Sprintf("%d letters wait, expected none", left.Total))
		}
		if len(wrong) > 0 {
			return fmt.Sprintf("%s; the operator was told last %q", strings.Join(wrong, "; "), o.said())
		}
		o.thrown = int64(gone.Total)
		return ""
	}); err != nil {
		return fmt.Errorf("lost: %w", err)
	}
	o.end()
	if o.twice > 0 {
		r.check("%d letters were given back twice, by two people who asked for it at the same moment", o.twice)
	}
	r.stub.city.mendAll()
	return nil
}

// cityRows reports what is wrong with an account in which each message was done, but for the letters that were thrown
// away, and runs of the schedule that gave way to the next while the engine was away.
func (r *round) cityRows(told int, rows []account, thrown int64) error {
	var wrong []error
	seen := map[string]bool{}
	for _, a := range rows {
		if a.Route == "" {
			continue
		}
		seen[a.Route] = true
		var discarded, superseded int64
		switch a.Route {
		case "note":
			discarded = thrown
		case "tick":
			superseded = a.Superseded
		}
		if a.Accepted != a.Done+a.undone()+a.InFlight || a.InFlight > 1 || a.undone() != discarded+superseded || a.Discarded != discarded ||
			a.State != "working" {
			wrong = append(wrong, fmt.Errorf("fondaco topics says %+v of %d accepted requests, %d letters thrown away", a, told, discarded))
		}
	}
	for _, route := range []string{"order", "follow", "note", "copy", "digest", "tick"} {
		if !seen[route] {
			wrong = append(wrong, fmt.Errorf("fondaco topics does not tell of %s", route))
		}
	}
	return errors.Join(wrong...)
}

// unwanted is of how many told orders the note must have been thrown away.
func (l *ledger) unwanted() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.requests {
		if r.Told && unwanted(r.ID) {
			n++
		}
	}
	return n
}

// lacking names some effects that told orders lack.
func (l *ledger) lacking(most int) (names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, r := range l.requests {
		for _, leg := range l.legs {
			if len(names) < most && r.Told && !r.Doubtful && leg.expects(r) && !l.seen[[2]string{leg.name, id}] {
				names = append(names, leg.name+" of "+id)
			}
		}
	}
	return names
}
