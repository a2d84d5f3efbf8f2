package engine

import (
	"context"
	"errors"

	"fondaco/console"
	"fondaco/console/pages"
	"fondaco/engine/kept"
	"fondaco/store"
)

// act is what an operator asks of releases: a rollback, or its end. The goroutine that watches the project's files does it, so that no
// reload comes between.
type act struct {
	ctx      context.Context
	to       string // the hash of a kept release; "" for the project's files
	by       store.Act
	done     console.RolledBack
	answered chan error
}

func (a *act) answer(err error) { a.answered <- err }

// acts are what waits to be done. The zero value takes none.
type acts struct {
	waiting chan *act
	look    func()
	ended   <-chan struct{} // nothing is done any more
}

// next returns what was asked for first and is not done yet, nil if there is nothing.
func (a *acts) next() *act {
	select {
	case x := <-a.waiting:
		return x
	default:
		return nil
	}
}

// ask has something done and returns what became of it.
func (a *acts) ask(ctx context.Context, to string, by store.Act) (console.RolledBack, error) {
	x := &act{ctx: ctx, to: to, by: by, answered: make(chan error, 1)}
	ended := errors.New("the process is about to end")
	select {
	case a.waiting <- x:
	case <-a.ended:
		return x.done, ended
	case <-ctx.Done():
		return x.done, ctx.Err()
	}
	a.look()
	select {
	case err := <-x.answered:
		return x.done, err
	case <-a.ended:
		return console.RolledBack{}, ended
	case <-ctx.Done():
		return console.RolledBack{}, ctx.Err()
	}
}

// api is the operators' API of a project that keeps something.
func (s *Serving) api() *console.API {
	a := s.storage.API()
	if s.Start != nil && s.Start.kept != nil {
		a.Releases = keptReleases{s}
	}
	return a
}

// keptReleases are the releases of a project as operators see them.
type keptReleases struct{ s *Serving }

// List returns what is kept and what is served.
func (k keptReleases) List() (list console.ReleaseList, err error) {
	_, list.Serving = k.s.releases.serving()
	list.Unkept, list.Releases = k.s.releases.unkept(), []console.Release{}
	if back := k.s.releases.rollback(); back != nil {
		list.Rollback = &console.Rollback{Since: back.Since, Who: back.Who, Why: back.Why}
	}
	all, err := k.s.Start.kept.List()
	for _, r := range all {
		list.Releases = append(list.Releases, console.Release{Hash: r.Hash, Served: r.Served, Files: r.Files, Damaged: r.Damaged})
	}
	return list, err
}

// Find returns the hash of the release that a prefix means, of "" that of the one before what is served.
func (k keptReleases) Find(prefix string) (string, error) {
	all, err := k.s.Start.kept.List()
	if err != nil {
		return "", err
	}
	_, serving := k.s.releases.serving()
	if prefix == "" {
		prefix, err = before(all, serving)
	}
	if err == nil {
		prefix, err = kept.Find(all, prefix)
	}
	if err == nil && prefix == serving {
		err = errors.New("the release " + serving + " is what is served")
	}
	return prefix, err
}

// before returns the release that was in service before what is served: the latest, if that is not kept.
func before(all []kept.Release, serving string) (string, error) {
	next := 0
	for i, r := range all {
		if r.Hash == serving {
			next = i + 1
		}
	}
	if next == len(all) {
		return "", errors.New("no release is kept that was in service before the one that is served")
	}
	return all[next].Hash, nil
}

// RollBack serves a kept release instead of the project's files.
func (k keptReleases) RollBack(ctx context.Context, hash string, by store.Act) (console.RolledBack, error) {
	return k.s.acts.ask(ctx, hash, by)
}

// End serves the project's files again.
func (k keptReleases) End(ctx context.Context, by store.Act) (console.RolledBack, error) {
	return k.s.acts.ask(ctx, "", by)
}

// served says what is in service.
func (s *Serving) served() pages.Served {
	_, hash := s.releases.serving()
	x := pages.Served{Hash: hash, Unkept: s.releases.unkept()}
	if back := s.releases.rollback(); back != nil {
		x.Since, x.Who, x.Why = back.Since, back.Who, back.Why
	}
	return x
}
