package letters

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fondaco/messaging"
	"fondaco/store"
)

// Refusal says why a letter was passed over.
type Refusal struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Outcome is what came of a replay or a discard.
type Outcome struct {
	Done    int64     // how many letters were given back, or discarded
	Passed  int64     // how many were not
	Refused []Refusal // those, the first MostRefused of them
}

// MostRefused is how many refusals an Outcome lists.
const MostRefused = 1000

func (o *Outcome) refuse(id, format string, args ...any) {
	o.Passed++
	if len(o.Refused) < MostRefused {
		o.Refused = append(o.Refused, Refusal{id, fmt.Sprintf(format, args...)})
	}
}

const (
	atOnce  = 100              // letters that are claimed together
	publish = 30 * time.Second // how long their topics may take
)

// Replay publishes the letters that the filter finds to their topics again, the oldest first, for the groups where they died.
// One replay of a letter is one effect: of several who ask for it one is served, the others are told who and when. It goes
// on past letters that it cannot give back, and lists them; those whose calls may have taken effect it gives back when by
// says that they did not. When ctx ends it stops between letters. The error is the
// store's; what was done until then is in the outcome. It is in the audit before anything is done.
func (d *Desk) Replay(ctx context.Context, f store.LetterFilter, by store.Act) (o Outcome, err error) {
	noting := by
	if by.NotDone {
		noting.Why = noted("it was not done", by.Why)
	}
	if err := Audited(ctx, d.audit, d.log, store.AuditReplay, onLetters(f), noting); err != nil {
		return o, err
	}
	missing := named(f)
	for after := ""; ; {
		list, err := d.letters.List(ctx, f, atOnce, after)
		if errors.Is(err, store.ErrDamaged) && len(list) > 0 {
			err = nil // those that are damaged are left out: asking for one reports it
		}
		if err != nil {
			return o, err
		}
		if len(list) == 0 {
			break
		}
		ids := make([]string, 0, len(list))
		for _, l := range list {
			after = l.Cursor
			delete(missing, l.ID)
			if l.State == store.LetterWaiting && doubted(l) && !by.NotDone {
				o.refuse(l.ID, doubt, l.Reason)
				continue
			}
			ids = append(ids, l.ID)
		}
		// What is begun is brought to its end, whoever waits for it.
		if err := d.replay(context.WithoutCancel(ctx), ids, by, &o); err != nil {
			return o, err
		}
	}
	refuseMissing(missing, &o)
	return o, nil
}

// named returns the ids that the filter names.
func named(f store.LetterFilter) map[string]bool {
	ids := map[string]bool{}
	for _, id := range f.IDs {
		ids[id] = true
	}
	return ids
}

func refuseMissing(missing map[string]bool, o *Outcome) {
	ids := make([]string, 0, len(missing))
	for id := range missing {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		o.refuse(id, "no such letter is kept, or the filter does not find it")
	}
}

// replay puts some letters back on their topics.
func (d *Desk) replay(ctx context.Context, ids []string, by store.Act, o *Outcome) error {
	ids = d.take(ids, func(id string) { o.refuse(id, "it is being replayed at this moment") })
	defer d.leave(ids)
	if by.NotDone {
		by.Why = noted("it was not done", by.Why)
	}
	claimed, passed, err := d.letters.Claim(ctx, ids, by)
	for _, l := range passed {
		o.refuse(l.ID, "%s", stands(l))
	}
	d.mark(claimed, true)
	for _, l := range claimed {
		d.log.Warn("an operator has a dead letter replayed", "letter", l.ID, "who", by.Who, "why", by.Why, "route", l.Route, "topic", l.Topic,
			"group", l.Group, "replay", l.Replays+1)
	}
	if by.NotDone {
		if failed := d.forget(ctx, claimed); failed != nil { // they are given back all the same, and are in doubt again
			err = errors.Join(err, failed)
		}
	}
	return errors.Join(err, d.giveBack(ctx, claimed, o))
}

// stands says why a letter that does not wait is not given back.
func stands(l store.DeadLetter) string {
	at := l.At.UTC().Format(time.RFC3339)
	switch l.State {
	case store.LetterReplaying:
		return fmt.Sprintf("%s is having it replayed, since %s", l.By, at)
	case store.LetterReplayed:
		switch l.Result {
		case store.ReplayDone:
			return fmt.Sprintf("%s had it replayed at %s, and it was done", l.By, at)
		case store.ReplayRepeated:
			return fmt.Sprintf("%s had it replayed at %s: its message had been handled before, and nothing was done", l.By, at)
		}
		return fmt.Sprintf("%s had it replayed at %s; what became of it is not known yet", l.By, at)
	case store.LetterDiscarded:
		return fmt.Sprintf("%s discarded it at %s", l.By, at)
	case store.LetterDamaged:
		return "what is kept of it is damaged: restore the state from a backup"
	}
	return "it is " + string(l.State)
}

// take marks letters as in hand and returns those that were not.
func (d *Desk) take(ids []string, taken func(id string)) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var mine []string
	for _, id := range ids {
		if d.hand[id] {
			taken(id)
			continue
		}
		d.hand[id] = true
		mine = append(mine, id)
	}
	return mine
}

func (d *Desk) leave(ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		delete(d.hand, id)
	}
}

// mark notes which letters this process has claimed and not given back.
func (d *Desk) mark(list []store.DeadLetter, own bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range list {
		if own {
			d.own[l.ID] = true
		} else {
			delete(d.own, l.ID)
		}
	}
}

// given is a claimed letter and its message.
type given struct {
	letter  store.DeadLetter
	message messaging.Message
}

// giveBack publishes claimed letters, each topic's in their order, and has it noted.
func (d *Desk) giveBack(ctx context.Context, claimed []store.DeadLetter, o *Outcome) error {
	var names []string
	byTopic := map[string][]given{}
	for _, l := range claimed {
		m, err := d.read(ctx, l)
		if err != nil {
			if err := d.release(ctx, l, err, o); err != nil {
				return err
			}
			continue
		}
		if byTopic[l.Topic] == nil {
			names = append(names, l.Topic)
		}
		byTopic[l.Topic] = append(byTopic[l.Topic], given{l, m})
	}
	for _, topic := range names {
		if err := d.publish(ctx, topic, byTopic[topic], o); err != nil {
			return err
		}
	}
	return nil
}

// read makes the message that a letter is given back as.
func (d *Desk) read(ctx context.Context, claimed store.DeadLetter) (messaging.Message, error) {
	l, err := d.letters.Get(ctx, claimed.ID)
	if err != nil {
		return messaging.Message{}, err
	}
	headers := make([]messaging.Attribute, len(l.Headers))
	for i, h := range l.Headers {
		headers[i] = messaging.Attribute{Name: h[0], Value: h[1]}
	}
	m, _ := messaging.Read(headers, l.Body, l.First) // what is no event is refused by topics that take events alone
	switch empty := len(m.Body) == 0; {
	case empty && l.Reason == string(messaging.Tombstone):
		m.Body = nil
	case empty:
		m.Body = []byte{}
	}
	m.Replay = messaging.Replay{Letter: l.ID, Group: l.Group, Number: claimed.Replays + 1}
	return m, nil
}

// publish puts the letters of one topic back on it. If the topic takes none of them they are tried one by one.
func (d *Desk) publish(ctx context.Context, topic string, list []given, o *Outcome) error {
	messages, letters := make([]messaging.Message, len(list)), make([]store.DeadLetter, len(list))
	for i, g := range list {
		messages[i], letters[i] = g.message, g.letter
	}
	bounded, cancel := context.WithTimeout(ctx, publish)
	err := messaging.Publish(bounded, d.broker, topic, messages...)
	cancel()
	switch final := errors.Is(err, messaging.ErrInvalid) || errors.Is(err, messaging.ErrTooLarge); {
	case err == nil:
		if err := d.letters.Given(ctx, letters); err != nil {
			return err
		}
		d.mark(letters, false)
		o.Done += int64(len(list))
		return nil
	case final && len(list) == 1:
		return d.release(ctx, letters[0], err, o)
	case final:
		for _, g := range list {
			if err := d.publish(ctx, topic, []given{g}, o); err != nil {
				return err
			}
		}
		return nil
	}
	for _, l := range letters {
		o.refuse(l.ID, "its topic does not take it now, which is tried again until it does: %v", err)
	}
	return nil
}

// release lets a letter wait again that cannot be given back.
func (d *Desk) release(ctx context.Context, l store.DeadLetter, why error, o *Outcome) error {
	o.refuse(l.ID, "it cannot be replayed: %v", why)
	d.log.Warn("a dead letter cannot be replayed", "letter", l.ID, "route", l.Route, "topic", l.Topic, "group", l.Group, "error", why)
	if err := d.letters.Release(ctx, l, why.Error(), d.clock.Now()); err != nil {
		return err
	}
	d.mark([]store.DeadLetter{l}, false)
	return nil
}
