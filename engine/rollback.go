package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/console/pages"
	"fondaco/engine/kept"
	"fondaco/engine/storage"
	"fondaco/routes"
	"fondaco/server"
)

// began remembers the project that a process begins with, and says what became of a rollback.
func (s *Serving) began(t *routes.Typed) {
	if s.Start != nil {
		s.back = s.Start.back
		if s.Start.over != nil {
			s.Log.Error("the rollback that was in force is over: the project's files are served", "error", s.Start.over)
			s.releases.add(pages.Release{At: s.World.Now(), Refused: s.Start.over.Error(), Back: true})
		}
	}
	if s.back != nil {
		s.Log.Warn("a kept release is served instead of the project's files", "hash", s.back.Hash, "since", s.back.Since, "who", s.back.Who)
		fmt.Fprintf(s.World.Stdout, "The kept release %s is served instead of the files, since %s: %s (%s).\n", s.back.Hash,
			s.back.Since.UTC().Format(time.RFC3339), s.back.Why, s.back.Who)
	}
	s.take(t, nil)
}

// keepRelease keeps what has gone into service. It is served all the same where that fails.
func (s *Serving) keepRelease(t *routes.Typed, hash string, files []string) {
	if s.Start == nil || s.Start.kept == nil || !storage.Needed(t) {
		return
	}
	err := s.Start.kept.Keep(hash, s.Reading, files, s.World.Now())
	why := ""
	switch {
	case errors.Is(err, config.ErrTooMuch):
		why = fmt.Sprintf("the files of the project have more than %d MiB together", kept.MaxBytes>>20)
	case err != nil:
		why = err.Error()
	}
	if s.releases.losing(why) && !errors.Is(err, config.ErrDiffers) { // a change comes then, and is kept
		s.Log.Warn("the release is served, and is not kept: no rollback to it is possible", "hash", hash, "error", why)
	}
}

// act does what an operator has asked for, and returns what is to be watched.
func (s *Serving) act(ctx context.Context, srv *server.Server, local string, a *act) *config.Reading {
	_, before := s.releases.serving()
	if a.ctx.Err() != nil { // whoever asked is gone
		a.answer(a.ctx.Err())
		return s.attempted()
	}
	a.done.Before = before
	if a.to == "" {
		reading := s.reload(ctx, srv, local, []string{}) // none differs
		_, a.done.Serving = s.releases.serving()
		a.answer(s.refusal)
		return reading
	}
	watch, err := s.rollBack(ctx, srv, local, a)
	if err != nil {
		s.releases.add(pages.Release{At: s.World.Now(), Refused: err.Error(), Back: true, Who: a.by.Who, Why: a.by.Why})
		s.Log.Error("rollback refused: what was in service goes on", "hash", a.to, "error", err)
		watch = s.attempted()
	}
	a.answer(err)
	return watch
}

// rollBack takes a kept release into service instead of the files as they are now, and returns what is to be watched.
func (s *Serving) rollBack(ctx context.Context, srv *server.Server, local string, a *act) (*config.Reading, error) {
	var out diag.List // of files that are not served
	now, files := s.Folder.read(&out)
	mark := kept.Mark{Hash: a.to, Replaces: digestOf(files), Since: s.World.Now(), Who: a.by.Who, Why: a.by.Why}
	if err := s.serveKept(ctx, srv, local, &rolled{mark, files}, nil); err != nil {
		return nil, err
	}
	a.done.Serving = a.to
	if err := s.Start.kept.SetMark(mark); err != nil {
		a.done.Warning = "it does not outlast this process, as it cannot be noted: " + err.Error()
		s.Log.Error("the rollback does not outlast this process, as it cannot be noted", "error", err)
	}
	if !s.found(now) {
		a.done.Warning = "it does not outlast this process: a new start cannot know by the files where releases are kept, for " +
			"storage has changed, or fondaco.yaml cannot be read"
		s.Log.Error("rollback: " + a.done.Warning)
	}
	s.Log.Warn("rolled back: a kept release is served instead of the project's files", "hash", mark.Hash, "before", a.done.Before,
		"who", mark.Who)
	fmt.Fprintf(s.World.Stdout, "rolled back: the kept release %s is served instead of the files.\n", mark.Hash)
	return files, nil
}

// found reports whether a start of a project's files looks for releases where they are kept.
func (s *Serving) found(t *routes.Typed) bool {
	if t == nil {
		return false
	}
	dir, err := storage.ReleasesFolder(s.Folder.Storing(t))
	return err == nil && dir == s.Start.kept.Dir()
}

// serveKept takes the release of a rollback into service. What is in service goes on if it has a problem.
func (s *Serving) serveKept(ctx context.Context, srv *server.Server, local string, back *rolled, files []string) error {
	t, reading, err := s.Folder.readKept(s.Start.kept, back.Hash)
	if err != nil {
		return err
	}
	if !s.places.Same(&t.Model.Project.Storage) {
		return fmt.Errorf("the kept release %s keeps its data in another place (storage): it can be served only by a new start of its files",
			back.Hash)
	}
	if err := s.swap(ctx, srv, t, local); err != nil {
		return err
	}
	back.files.AlsoSecrets(reading)
	s.back, s.Reading, s.failed, s.refusal = back, reading, nil, nil
	s.take(t, files)
	return nil
}

// changedBehind takes up changes while a kept release is served. Of secrets alone: it is served with the new ones. Of files: they are
// served, if they can be, and the rollback is over.
func (s *Serving) changedBehind(ctx context.Context, srv *server.Server, local string, changed []string) *config.Reading {
	if !slices.ContainsFunc(changed, func(name string) bool { return !strings.HasPrefix(name, "secret ") }) {
		var out diag.List
		_, files := s.Folder.read(&out)
		if err := s.serveKept(ctx, srv, local, &rolled{s.back.Mark, files}, named(changed)); err != nil {
			s.reloads.refused.Inc()
			s.Log.Error("reload refused: the kept release goes on with the secrets that it had", "files", named(changed), "error", err)
			return files
		}
		s.Log.Info("the kept release is served with other secrets", "files", named(changed))
		return files
	}
	if s.failed != nil && len(s.back.files.Changes(true)) == 0 {
		s.failed = nil
		s.Log.Info("reload: the files are again as those that the kept release is served instead of", "files", named(changed))
		s.note(s.back.files)
		return s.back.files
	}
	reading := s.reload(ctx, srv, local, changed)
	if s.back != nil { // refused: a new start goes on with the rollback as well
		s.note(reading)
	}
	return reading
}

// note has a new start know the files that the rollback is in force for.
func (s *Serving) note(files *config.Reading) {
	s.back.Replaces = digestOf(files)
	if err := s.Start.kept.SetMark(s.back.Mark); err != nil {
		s.Log.Error("the rollback does not outlast this process, as it cannot be noted", "error", err)
	}
}

// endRollback ends a rollback, if one is in force: the files are in service.
func (s *Serving) endRollback() {
	if s.back == nil {
		return
	}
	s.Log.Warn("the rollback is over: the project's files are served", "hash", s.back.Hash)
	fmt.Fprintf(s.World.Stdout, "the rollback to %s is over.\n", s.back.Hash)
	if err := s.Start.kept.Unmark(); err != nil {
		s.Log.Error("what is noted of the rollback cannot be removed; a new start finds that the files differ", "error", err)
	}
	s.back = nil
}
