package engine

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/engine/storage"
	"fondaco/routes"
)

// storageProblems reports places of storage that cannot be opened. Of a project that keeps nothing they are warnings:
// they are not opened.
func (p *Folder) storageProblems(ctx context.Context, t *routes.Typed, out *diag.List) {
	s := &t.Model.Project.Storage
	p.cacheProblems(s, out)
	state, known := p.stateText(s)
	shared := storage.SharedState(state)
	good := known && placeProblem(t, "storage.state", s.State, p.stateProblem(t, state, shared, known), out)
	file := ""
	if good && !shared {
		file = p.placed(state)
	}
	if shared {
		state = storage.DefaultState // beside which its own files are
	}
	p.encryptionProblems(ctx, t, file, out)
	topics, ok := p.known(s.Topics)
	switch {
	case ok && (topics == "" || topics == "embedded"):
		if good {
			at := s.Topics
			if at.IsZero() {
				at = s.State
			}
			placeProblem(t, "storage.topics", at, storage.CheckFile(p.keptIn(), storage.TopicsFile(state)), out)
		}
	case ok || loginOnly(s.Topics, p.Source.Lookup):
		p.brokerProblems(t, out)
	}
}

// placeProblem reports why a place cannot be opened, where the project says the place, else at the project's head. It reports whether the
// place is good.
func placeProblem(t *routes.Typed, name string, r config.Ref, err error, out *diag.List) (good bool) {
	if err == nil {
		return true
	}
	text := r.Text
	if r.IsZero() {
		text.Pos = t.Model.Project.Pos
	}
	problem := text.Report(out, diag.BadValue, "%s: %s", name, err.Error())
	problem.Warning = problem.Warning || !storage.Needed(t)
	return false
}

func (p *Folder) cacheProblems(s *project.Storage, out *diag.List) {
	address, err := s.CacheAddress(p.Source.Lookup)
	switch {
	case errors.Is(err, config.ErrNoReference):
		return
	case err == nil && address != "":
		err = storage.CheckCache(address)
	}
	if err != nil {
		s.Cache.Text.Report(out, diag.BadValue, "storage.cache: %s", err.Error())
	}
}

// stateProblem returns why the state cannot be kept where the project says; nil also if that is not known.
func (p *Folder) stateProblem(t *routes.Typed, state string, shared, known bool) error {
	if !known {
		return nil
	}
	dir := p.dir
	if !shared {
		dir = p.keptIn()
	}
	err := storage.CheckState(dir, state, t.Model.Project.Name.Value)
	if err == nil && !shared {
		err = storage.UnfinishedRestore(p.placed(state))
	}
	return err
}

// brokerProblems reports why topics cannot be opened on their broker, and what of the project it does not keep.
func (p *Folder) brokerProblems(t *routes.Typed, out *diag.List) {
	topics := t.Model.Project.Storage.Topics
	text, _, _ := topics.Resolve(standIn(p.Source.Lookup))
	if placeProblem(t, "storage.topics", topics, storage.CheckTopics(p.dir, t.Model.Project.Name.Value, text, topics.HasSecret()), out) {
		promises, broker := storage.Promised(text)
		t.Unkept(promises, broker, out)
	}
}

// stateText returns what storage.state says, the default for nothing; false if that is not known. Of an address whose password alone
// is not set all else is.
func (p *Folder) stateText(s *project.Storage) (string, bool) {
	known := p.Source.Lookup
	if loginOnly(s.State, known) {
		known = standIn(known)
	}
	text, err := s.StateAddress(known)
	return cmp.Or(text, storage.DefaultState), err == nil
}

// keptIn returns the folder that relative places of what is kept are in.
func (p *Folder) keptIn() string { return cmp.Or(p.data, p.dir) }

// placed returns where a file is in which the project keeps something.
func (p *Folder) placed(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(p.keptIn(), file)
}

// standIn returns a text for what is not set.
func standIn(known storage.Lookup) storage.Lookup {
	return func(space, name string) (string, bool, bool) {
		if value, secret, ok := known(space, name); ok {
			return value, secret, true
		}
		return "1", space == "secret", true
	}
}

// loginOnly reports whether all that an address names and that is not set stands in its user:password@ part: what
// stands for it does not change whether the address is good.
func loginOnly(r config.Ref, known storage.Lookup) bool {
	at := strings.LastIndex(r.Text.Value, "@")
	if at < 0 {
		return false
	}
	inLogin := strings.Count(r.Text.Value[:at], "${") - strings.Count(r.Text.Value[:at], "$${")
	for i, n := range r.Names() {
		if _, _, ok := known(n.Space, n.Name); !ok && i >= inLogin {
			return false
		}
	}
	return true
}

// StrandedProblems reports what waits on embedded topics, as they are now, for nobody.
func (p *Folder) StrandedProblems(ctx context.Context, t *routes.Typed, out *diag.List) {
	s := &t.Model.Project.Storage
	topics, err := s.TopicsAddress(p.Source.Lookup)
	state, known := p.stateText(s)
	if err != nil || topics != "" || !known {
		return
	}
	if storage.SharedState(state) {
		state = storage.DefaultState
	}
	for _, text := range storage.StrandedAt(ctx, t, p.placed(state)) {
		out.Report(diag.BadReference, t.Model.Project.Pos, "%s", text).AsWarning()
	}
}
