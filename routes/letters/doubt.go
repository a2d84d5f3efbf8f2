package letters

import (
	"context"
	"errors"

	"fondaco/routes"
	"fondaco/store"
)

// doubted reports whether a letter says that a call, which may not be made again, took effect or may have taken it. Such a
// letter is given back on an operator's word alone.
func doubted(l store.DeadLetter) bool { return routes.Doubted(l.Reason) }

const doubt = "a call of it took effect, or nobody knows whether one did (%s): find out, and say --not-done to have it done again, or " +
	"--done to close it"

// forget has the calls of claimed letters made again when their messages are: an operator says that they had no effect.
func (d *Desk) forget(ctx context.Context, claimed []store.DeadLetter) error {
	var all []string
	for _, l := range claimed {
		all = append(all, exchanges(l)...)
	}
	return d.intents.Forget(ctx, all...)
}

// exchanges are the names that the calls of a letter's message may be noted under.
func exchanges(l store.DeadLetter) []string {
	return []string{routes.ExchangeOf(false, l.Group, l.MessageID), routes.ExchangeOf(true, l.Group, l.MessageID)}
}

// Close ends letters whose calls took effect, as an operator says: they are discarded, and by.Why says so. Letters whose calls
// are not in doubt are refused. The filter names them. It is in the audit before anything is done.
func (d *Desk) Close(ctx context.Context, f store.LetterFilter, by store.Act) (o Outcome, err error) {
	if len(f.IDs) == 0 {
		return o, errors.New("closing letters names each of them")
	}
	missing := named(f)
	var closing []store.DeadLetter
	list, err := d.letters.List(ctx, f, len(f.IDs), "")
	if err != nil {
		return o, err
	}
	f.IDs = nil
	for _, l := range list {
		delete(missing, l.ID)
		if !doubted(l) {
			o.refuse(l.ID, "its calls are not in doubt (%s): replay or discard it", l.Reason)
			continue
		}
		f.IDs, closing = append(f.IDs, l.ID), append(closing, l)
	}
	refuseMissing(missing, &o)
	if len(f.IDs) == 0 {
		return o, nil
	}
	by.Why = noted("it was done", by.Why)
	if err := Audited(ctx, d.audit, d.log, store.AuditClose, onLetters(f), by); err != nil {
		return o, err
	}
	closed, err := d.discard(ctx, f, by)
	if err == nil && closed.Passed == 0 { // none is being replayed: the intents of their calls are wanted no more
		err = d.forget(ctx, closing)
	}
	o.Done, o.Passed, o.Refused = closed.Done, o.Passed+closed.Passed, append(o.Refused, closed.Refused...)
	return o, err
}

// noted is what an operator says of calls, and the cause that was given, if any.
func noted(word, why string) string {
	if why == "" {
		return word
	}
	return word + ": " + why
}
