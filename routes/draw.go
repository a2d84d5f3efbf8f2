package routes

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform/expr"
)

// drawing returns the scope of a step's mappings, in which numbers of sequences may be drawn, and what collects them.
func (s *Scope) drawing() (*Scope, *expr.Drawing) {
	var known []string
	for _, q := range s.check.model.Project.Sequences {
		known = append(known, q.Name.Value)
	}
	c := *s
	var d *expr.Drawing
	c.Names, d = s.Names.Drawing(known)
	return &c, d
}

// drawn says what drawing numbers does to the step. Numbers that are used in order belong to a call: calls reports
// whether the step is one.
func (s *Scope) drawn(d *expr.Drawing, calls bool) {
	if len(d.Draws) == 0 {
		return
	}
	s.route.draws = true
	for _, x := range d.Draws {
		if q := s.check.model.sequence(x.Sequence); q.InOrder && !calls {
			s.check.out.Report(diag.BadRoute, x.Pos, "the sequence %q is used in_order, and its number is drawn before the call", q.Name.Value).
				WithHint("write sequence(%q) into the with of the call that sends it", q.Name.Value)
		}
	}
	s.node.Outcomes = append(s.node.Outcomes, Outcome{
		If: "the state cannot be written: no number is drawn", Effect: "nothing",
		Seen: s.fault(connectors.Unavailable),
	})
}

func (m *Model) sequence(name string) *project.Sequence {
	i := slices.IndexFunc(m.Project.Sequences, func(q *project.Sequence) bool { return q.Name.Value == name })
	return m.Project.Sequences[i]
}

// draw compiles what puts the numbers that a step wants into their slots, before its mappings are evaluated: nil if it
// wants none. Whatever is tried again within the step has the same numbers.
func (b *Builder) draw(d *expr.Drawing) Run {
	if len(d.Draws) == 0 {
		return nil
	}
	type number struct {
		sequence, place string
		start           int64
		slot            int
	}
	numbers := make([]number, len(d.Draws))
	for i, x := range d.Draws {
		leave := b.enter("sequence " + x.Sequence)
		numbers[i] = number{x.Sequence, b.at.path, b.program.typed.Model.sequence(x.Sequence).Start, x.Slot}
		leave()
	}
	program := b.program
	return func(ctx context.Context, x *Exchange) error {
		for _, n := range numbers {
			d := store.Draw{Name: n.sequence, Start: n.start}
			if x.shared.id != "" {
				d.For = x.shared.id + "\x00" + x.identity(n.place)
			}
			v, err := program.sequences.Draw(ctx, d, x.Frame.Now())
			if err != nil {
				return &connectors.Fault{System: "sequence", Operation: n.sequence, Kind: connectors.Unavailable, RetryAfter: topicsPause, Err: err}
			}
			x.Frame.Slots[n.slot] = schema.Int(v)
		}
		return nil
	}
}

// noSequences stands where a program was given none.
type noSequences struct{}

func (noSequences) Draw(context.Context, store.Draw, time.Time) (int64, error) {
	return 0, errors.New("there is no storage of sequences")
}

// Turns lets the calls that use numbers in order have them one after the other. It belongs to the process and outlives
// its programs, so that a reload keeps the order. The zero Turns is ready; it is safe for concurrent use.
type Turns struct {
	mu   sync.Mutex
	held map[string]chan struct{} // by sequence: full while a call has its turn
}

// take waits for the turn of all names, which are sorted, or for the end of ctx, and returns what ends the turn.
func (t *Turns) take(ctx context.Context, names []string) (end func(), err error) {
	taken := make([]chan struct{}, 0, len(names))
	end = func() {
		for _, c := range taken {
			<-c
		}
	}
	for _, name := range names {
		t.mu.Lock()
		c := t.held[name]
		if c == nil {
			if t.held == nil {
				t.held = map[string]chan struct{}{}
			}
			c = make(chan struct{}, 1)
			t.held[name] = c
		}
		t.mu.Unlock()
		select {
		case c <- struct{}{}:
			taken = append(taken, c)
		case <-ctx.Done():
			end()
			return nil, ctx.Err()
		}
	}
	return end, nil
}

// numbered compiles a step whose mappings want numbers: they are drawn before it runs, and while numbers that are used
// in order are in use, no other step has any of them.
func (b *Builder) numbered(d *expr.Drawing, run Run) Run {
	draw := b.draw(d)
	if draw == nil {
		return run
	}
	var ordered []string
	for _, x := range d.Draws {
		if b.program.typed.Model.sequence(x.Sequence).InOrder {
			ordered = append(ordered, x.Sequence)
		}
	}
	slices.Sort(ordered)
	ordered = slices.Compact(ordered)
	program := b.program
	return func(ctx context.Context, x *Exchange) error {
		if ordered != nil {
			end, err := program.turns.take(ctx, ordered)
			if err != nil {
				return err
			}
			defer end()
		}
		if err := draw(ctx, x); err != nil {
			return err
		}
		return run(ctx, x)
	}
}
