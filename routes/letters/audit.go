package letters

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"fondaco/store"
)

// mostNamed is how many ids an entry of the audit names; the letters' own histories have them all.
const mostNamed = 100

// Audited appends an act to the audit, and logs its number and hash: who keeps the log elsewhere can hold the audit
// against it. Nothing may be done before it returned nil.
func Audited(ctx context.Context, a store.Audit, log *slog.Logger, what, on string, by store.Act) error {
	e, err := a.Append(ctx, store.AuditEntry{At: by.At, Who: printable(by.Who), What: what, On: printable(on), Why: printable(by.Why)})
	if err != nil {
		return fmt.Errorf("nothing was done, as it cannot be written into the audit: %w", err)
	}
	log.Warn("an operator acts", "audit", store.AuditHead{Number: e.Number, Hash: e.Hash}.String(), "what", what, "who", by.Who)
	return nil
}

// printable returns a text with what a terminal would act on replaced: ids of a filter are as somebody typed them.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}

// onLetters names the letters of a filter in the audit. A key may be a citizen's code, and is not named.
func onLetters(f store.LetterFilter) string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	if n := len(f.IDs); n > mostNamed {
		add("letters", strings.Join(f.IDs[:mostNamed], " ")+fmt.Sprintf(" and %d more", n-mostNamed))
	} else {
		add("letters", strings.Join(f.IDs, " "))
	}
	add("topic", f.Topic)
	add("group", f.Group)
	add("route", f.Route)
	add("reason", f.Reason)
	if f.Key != "" {
		parts = append(parts, "one key")
	}
	add("state", string(f.State))
	moment := func(name string, t time.Time) {
		if !t.IsZero() {
			add(name, t.UTC().Format(time.RFC3339))
		}
	}
	moment("since", f.Since)
	moment("until", f.Until)
	if len(parts) == 0 {
		return "all letters"
	}
	return strings.Join(parts, ", ")
}

// Reveal returns a letter with its bytes, unmasked, for the operator and the reason that by names: it is in the audit
// before it returns. ErrAbsent if there is no such letter.
func (d *Desk) Reveal(ctx context.Context, id string, by store.Act) (store.DeadLetter, error) {
	l, err := d.letters.Get(ctx, id)
	if err != nil {
		return store.DeadLetter{}, err
	}
	if err := Audited(ctx, d.audit, d.log, store.AuditReveal, "letters "+id, by); err != nil {
		return store.DeadLetter{}, err
	}
	return l, nil
}
