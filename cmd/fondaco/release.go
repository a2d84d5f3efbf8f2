package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"fondaco/server/letters"
	"fondaco/store"

	"github.com/spf13/cobra"
)

// restored knows whether the state was restored from a backup. Safe for concurrent use.
type restored struct {
	kept   store.Restores
	audit  store.Audit
	log    *slog.Logger
	latest atomic.Pointer[store.Restored] // nil if it never was
	resume func()                         // starts what was held; nil before there is a server
}

// openRestored reads what the state says, and logs what is held.
func openRestored(ctx context.Context, kept store.Restores, audit store.Audit, log *slog.Logger) (*restored, error) {
	r := &restored{kept: kept, audit: audit, log: log}
	at, err := kept.Latest(ctx)
	if errors.Is(err, store.ErrAbsent) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	r.latest.Store(&at)
	if at.Held {
		log.Warn("the state was restored from a backup: schedules, and work with calls that may not be made twice, are held until an operator releases them", "moment", at.Moment, "restored", at.At, "command", "fondaco release")
	}
	return r, nil
}

// now returns the latest restore, the zero value if there was none.
func (r *restored) now() store.Restored {
	if at := r.latest.Load(); at != nil {
		return *at
	}
	return store.Restored{}
}

// health says that work is held.
func (r *restored) health() error {
	at := r.now()
	if !at.Held {
		return nil
	}
	return fmt.Errorf("the state is that of a backup of %s: schedules, and work with calls that may not be made twice, are held until fondaco release", at.Moment.UTC().Format(time.RFC3339))
}

// releasedRow is what a release says.
type releasedRow struct {
	Moment   time.Time `json:"moment"`   // of the backup
	Restored time.Time `json:"restored"` // when it was
	Doubtful bool      `json:"doubtful"` // calls of work from before are in doubt
	Again    bool      `json:"again,omitempty"`
}

// release starts what was held since a restore.
func (r *restored) release(q *http.Request) (any, error) {
	v := q.URL.Query()
	who := v.Get("who")
	if who == "" {
		return nil, usageError{errors.New(`the parameter "who" is required: who releases it`)}
	}
	was, notDone := r.now(), v.Get("outcome") == "not-done"
	if was.ID == "" {
		return nil, usageError{errors.New("the state was not restored from a backup: nothing is held")}
	}
	on := "restore " + was.ID
	if notDone {
		on += ": it was not done"
	}
	if err := letters.Audited(q.Context(), r.audit, r.log, store.AuditRelease, on, store.Act{Who: who, Why: v.Get("why"), At: time.Now()}); err != nil {
		return nil, err
	}
	at, err := r.kept.Release(q.Context(), who, v.Get("why"), notDone, time.Now())
	if err != nil {
		return nil, err
	}
	r.latest.Store(&at)
	r.log.Warn("an operator has released what was held since the restore", "who", who, "why", at.Why, "moment", at.Moment, "in doubt", at.Doubtful)
	if r.resume != nil {
		r.resume()
	}
	return releasedRow{at.Moment, at.At, at.Doubtful, !was.Held}, nil
}

func releaseCommand(w *World) *cobra.Command {
	o := &operators{w: w}
	notDone, why := false, ""
	c := &cobra.Command{
		Use:   "release",
		Short: "Start what is held since a restore: schedules, and work with calls that may not be made twice",
		Long: `Start what is held since a restore: schedules, and work with calls that may not be made twice.
Work that was there before may have been done after the backup. Its calls that may not be made twice are asked about
where the connector says how (inquire), and are letters with the reason outcome-unknown otherwise.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			q := url.Values{"who": {me()}}
			if why != "" {
				q.Set("why", why)
			}
			if notDone {
				q.Set("outcome", "not-done")
			}
			var row releasedRow
			if err := o.ask(c.Context(), http.MethodPost, releasePath, q, &row); err != nil || o.format == "json" {
				return err
			}
			fmt.Fprintf(w.Stdout, "%s what was held since the restore at %s, of the backup of %s\n", map[bool]string{true: "released before:", false: "released:"}[row.Again], row.Restored.UTC().Format(time.RFC3339), row.Moment.UTC().Format(time.RFC3339))
			fmt.Fprintln(w.Stdout, cmp.Or(map[bool]string{true: "calls that may not be made twice of work from before the restore are in doubt: they are asked about, or are letters (fondaco dead list)"}[row.Doubtful], "nothing is in doubt: such calls are made"))
			return nil
		},
	}
	o.declare(c)
	c.Flags().BoolVar(&notDone, "not-done", false, "no work was done between the backup and the restore, so that no call is in doubt: all are made")
	c.Flags().StringVar(&why, "why", "", "the cause, which is kept")
	return c
}
