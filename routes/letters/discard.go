package letters

import (
	"context"

	"fondaco/store"
)

// Discard removes what the letters that the filter finds hold, and marks them with who did it and why. It goes on past
// those that are discarded already or are being replayed, and lists them with who did that and when. It is in the audit
// before anything is done.
func (d *Desk) Discard(ctx context.Context, f store.LetterFilter, by store.Act) (o Outcome, err error) {
	if err := Audited(ctx, d.audit, d.log, store.AuditDiscard, onLetters(f), by); err != nil {
		return o, err
	}
	return d.discard(ctx, f, by)
}

func (d *Desk) discard(ctx context.Context, f store.LetterFilter, by store.Act) (o Outcome, err error) {
	missing := named(f)
	if len(missing) > 0 {
		list, err := d.letters.List(ctx, f, len(missing), "")
		if err != nil {
			return o, err
		}
		for _, l := range list {
			delete(missing, l.ID)
		}
	}
	n, passed, err := d.letters.Discard(ctx, f, by)
	for _, l := range passed {
		o.refuse(l.ID, "%s", stands(l))
	}
	o.Done = n
	if n > 0 {
		d.log.Warn("an operator discarded dead letters", "who", by.Who, "why", by.Why, "letters", n, "ids", f.IDs, "route", f.Route, "topic",
			f.Topic, "group", f.Group)
	}
	if err == nil {
		refuseMissing(missing, &o)
	}
	return o, err
}
