package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/console/pages"
	"fondaco/server"
)

// watch takes up changes of what the project was read from, beside; with asked only on SIGHUP.
func (s *Serving) watch(b *beside, srv *server.Server, local string, asked bool) {
	w := config.NewWatcher(s.watched(), config.Watching{Folder: s.Folder.dir, Secrets: s.Folder.secrets, Asked: asked})
	s.acts.look, s.acts.ended = w.Look, b.ctx.Done()
	b.start(func(ctx context.Context) {
		w.Run(ctx, func(c config.Change) *config.Reading { return s.changed(ctx, srv, local, c) })
	})
	if s.World.Hangups == nil {
		return
	}
	hangups := s.World.Hangups(b.ctx)
	b.start(func(ctx context.Context) {
		for {
			select {
			case <-ctx.Done():
				return
			case <-hangups:
				w.Look()
			}
		}
	})
}

// changed takes up what a watcher has found, if it is not what runs already, and returns what is to be watched.
func (s *Serving) changed(ctx context.Context, srv *server.Server, local string, c config.Change) *config.Reading {
	if act := s.acts.next(); act != nil {
		return s.act(ctx, srv, local, act)
	}
	switch {
	case len(c.Files) == 0:
		fmt.Fprintln(s.World.Stdout, "nothing has changed.")
		s.Log.Info("reload: nothing has changed")
		return s.attempted()
	case s.back != nil:
		return s.changedBehind(ctx, srv, local, c.Files)
	case s.failed != nil && len(s.Reading.Changes(true)) == 0:
		s.failed = nil
		s.reloads.again()
		s.releases.add(pages.Release{At: s.World.Now(), Files: named(c.Files), Again: true})
		fmt.Fprintln(s.World.Stdout, "the files are again as those of the program in service.")
		s.Log.Info("reload: the files are again as those of the program in service", "files", named(c.Files))
		return s.Reading
	}
	return s.reload(ctx, srv, local, c.Files)
}

// attempted returns what was read last, whether it could be taken up or not.
func (s *Serving) attempted() *config.Reading {
	if s.failed != nil {
		return s.failed
	}
	return s.watched()
}

// watched returns what the project's files were that the program in service is made of, or is served instead of.
func (s *Serving) watched() *config.Reading {
	if s.back != nil {
		return s.back.files
	}
	return s.Reading
}

// reload takes up the project as it is now, because files differ. With a problem in them the program in service goes on.
func (s *Serving) reload(ctx context.Context, srv *server.Server, local string, files []string) *config.Reading {
	began := time.Now()
	var out diag.List
	t, reading := s.Folder.read(&out)
	s.failed = reading
	refused := func(err error) *config.Reading {
		s.refusal = err
		fmt.Fprintln(s.World.Stderr, "Still serving the previous version.")
		s.reloads.refuse()
		s.releases.add(pages.Release{At: s.World.Now(), Files: named(files), Refused: err.Error()})
		s.Log.Error("reload refused: still serving the previous version", "files", named(files), "error", err)
		return reading
	}
	if t != nil {
		secretProblems(t.Model.Source, &out)
	}
	if t == nil || out.Failed() {
		s.Folder.Show(s.World, &out)
		return refused(firstOf(&out))
	}
	if err := s.swap(ctx, srv, t, local); err != nil {
		fmt.Fprintf(s.World.Stderr, "Reload failed: %v\n", err)
		return refused(err)
	}
	s.Reading, s.failed, s.refusal = reading, nil, nil
	s.endRollback()
	if !s.places.Same(&t.Model.Project.Storage) {
		fmt.Fprintln(s.World.Stderr, "storage has changed: restart to apply it.")
	}
	if s.traces != t.Model.Project.Traces {
		fmt.Fprintln(s.World.Stderr, "traces has changed: restart to apply it.")
	}
	s.reloads.done.Inc()
	s.take(t, named(files))
	why := "changed (" + strings.Join(named(files), ", ") + ")"
	if len(files) == 0 { // none differs: a rollback has ended
		why = "in service"
	}
	fmt.Fprintf(s.World.Stdout, "%s: %s over %s\n", why, Counted(len(t.Started()), "route"), Counted(len(t.Model.Systems), "system"))
	s.Log.Info("reloaded", "files", named(files), "routes", len(t.Started()), "systems", len(t.Model.Systems), "ms",
		float64(time.Since(began).Microseconds())/1000)
	return reading
}

// firstOf returns the first problem, with its place.
func firstOf(out *diag.List) error {
	for _, p := range out.Sorted() {
		return fmt.Errorf("%s: %s %s", p.Pos, p.Code, p.Message)
	}
	return fmt.Errorf("there is no fondaco.yaml")
}

// maxNamed is how many changed files a line names.
const maxNamed = 20

// named lists files for a line, the first ones if there are many.
func named(files []string) []string {
	if len(files) <= maxNamed {
		return files
	}
	return append(files[:maxNamed:maxNamed], fmt.Sprintf("and %d more", len(files)-maxNamed))
}
