package config

import (
	"context"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	quiet    = 50 * time.Millisecond // how long nothing may happen before a change is looked for
	patience = time.Second           // how long events without a pause may go on before one is looked for all the same
	interval = 2 * time.Second       // between looks that no event asks for: some file systems report none
	deep     = 30                    // of how many of those looks one reads every file again
)

// Watching says what a Watcher watches, and how.
type Watching struct {
	Folder  string // the project's
	Secrets string // the folder of secrets; "" for none
	Asked   bool   // look only when Look asks
	Polled  bool   // do without events of the operating system, as where it reports none
}

// Change is what a Watcher has found.
type Change struct {
	Files []string // what differs; empty only if Asked
	Asked bool     // Look asked
}

// Watcher finds out when something differs from what a Reading has read. Events of the operating system only say when to
// look, and what is not part of the Reading never counts: storage, logs, editors' temporary files. Run is called once;
// Look is safe for concurrent use.
type Watcher struct {
	Watching
	reading *Reading
	events  *fsnotify.Watcher // nil: looking at intervals alone
	asked   chan struct{}
	watched map[string]bool // folders, as they were given to events
	targets map[string]bool // the same, without links
	exact   map[string]bool // files whose writing is a reason to look
}

// NewWatcher makes a watcher of what r has read: what changes since it was read is found by Run.
func NewWatcher(r *Reading, what Watching) *Watcher {
	if what.Folder = filepath.Clean(what.Folder); what.Secrets != "" {
		what.Secrets = filepath.Clean(what.Secrets)
	}
	w := &Watcher{Watching: what, reading: r, asked: make(chan struct{}, 1)}
	if !what.Asked && !what.Polled {
		w.events, _ = fsnotify.NewWatcher() // without it, as beyond the limit of instances, looking at intervals does
	}
	return w
}

// Look makes Run look now and report, be it that nothing differs.
func (w *Watcher) Look() {
	select {
	case w.asked <- struct{}{}:
	default:
	}
}

// Run calls changed, one call at a time, when something differs and nothing has happened for 50 ms since, or for a second
// in which things happened all the time. It goes on to compare with the Reading that changed returns. It returns when ctx
// ends, and frees the watcher.
func (w *Watcher) Run(ctx context.Context, changed func(Change) *Reading) {
	var events <-chan fsnotify.Event
	var lost <-chan error
	if w.events != nil {
		defer w.events.Close()
		events, lost = w.events.Events, w.events.Errors
	}
	var ticks <-chan time.Time
	if !w.Asked {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		ticks = ticker.C
	}
	var due <-chan time.Time
	var since time.Time // of the first event after the last look
	thorough := false
	soon := func(all bool) {
		now := time.Now()
		if due == nil {
			since = now
		}
		due, thorough = time.After(max(0, min(quiet, patience-now.Sub(since)))), thorough || all
	}
	look := func(asked bool) {
		due = nil
		w.sync() // first: what changes after the look is an event
		files := w.reading.Changes(thorough || asked)
		thorough = false
		if len(files) == 0 && !asked {
			return
		}
		w.reading = changed(Change{files, asked})
		if w.sync(); !w.Asked {
			soon(false) // what changed meanwhile in a folder that was not watched
		}
	}
	if w.sync(); !w.Asked {
		soon(false)
	}
	for n := 1; ; {
		select {
		case <-ctx.Done():
			return
		case <-w.asked:
			look(true)
		case event := <-events:
			if matters, all := w.matters(event); matters {
				soon(all)
			}
		case <-lost: //nolint:errcheck // which events were lost does not matter
			soon(true)
		case <-ticks:
			if due == nil && len(w.reading.Changes(n%deep == 0)) > 0 {
				soon(true)
			}
			n++
		case <-due:
			if time.Since(since) < patience && w.reading.writing() {
				due = time.After(quiet)
				continue
			}
			look(false)
		}
	}
}
