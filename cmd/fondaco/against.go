package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/connectors/scaffold"
	"fondaco/engine"
	"fondaco/routes"
)

// against compares a project with an older WSDL, connector or project.
type against struct {
	w       *engine.World
	project *engine.Folder
	model   *routes.Model // of the project as it is
	before  *routes.Typed // the older project, nil if what it is compared with is none
	system  string        // the one that the older file is of, "" to find it out
	closers []func()
}

func (a *against) close() {
	for _, c := range slices.Backward(a.closers) {
		c()
	}
}

// older is a file or folder that a project is compared with, as folders that lie over the project's connectors.
func (a *against) older(old string) (mounts map[string]fs.FS, err error) {
	full := a.w.Path(old)
	info, err := os.Stat(full)
	switch {
	case err != nil:
		return nil, usageError{fmt.Errorf("--against: there is no file or folder %s", old)}
	case !info.IsDir():
		return a.olderFile(old)
	}
	fsys, err := a.open(full)
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(fsys, "fondaco.yaml"); err == nil {
		return a.olderProject(fsys), nil
	}
	if _, err := fs.Stat(fsys, connectors.File); err == nil {
		return a.olderConnector(old, fsys)
	}
	return nil, usageError{fmt.Errorf("--against: %s has neither fondaco.yaml nor %s", old, connectors.File)}
}

// open opens a folder until the comparison ends.
func (a *against) open(dir string) (fs.FS, error) {
	fsys, closer, err := config.Dir(dir)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() { _ = closer.Close() })
	return fsys, nil
}

// olderProject puts the connectors of an older project in the places of those of its systems.
func (a *against) olderProject(fsys fs.FS) map[string]fs.FS {
	mounts := map[string]fs.FS{}
	var ignored diag.List
	older := routes.Load(config.Source{FS: fsys, Env: a.project.Source.Env, Secrets: a.project.Source.Secrets}, all.Protocols, &ignored)
	a.before = routes.Check(older, &ignored)
	for _, was := range older.Systems {
		is := a.model.System(was.Name)
		if is == nil || is.Connector == nil || was.Connector == nil {
			continue
		}
		if sub, err := fs.Sub(fsys, was.Connector.Dir); err == nil {
			mounts[is.Connector.Dir] = sub
		}
	}
	return mounts
}

// olderConnector puts an older connector in the place of those of its name.
func (a *against) olderConnector(old string, fsys fs.FS) (map[string]fs.FS, error) {
	var ignored diag.List
	name := ""
	if n := config.ReadFile(fsys, connectors.File, &ignored, diag.Pos{}); n != nil && n.Get("connector") != nil {
		name = n.Get("connector").Text.Value
	}
	mounts := map[string]fs.FS{}
	for _, s := range a.systems() {
		if a.system == s.Name || a.system == "" && s.Connector.Name == name {
			mounts[s.Connector.Dir] = fsys
		}
	}
	if len(mounts) == 0 {
		return nil, usageError{fmt.Errorf("--against: no system of the project has the connector %q of %s. Say --system", name, old)}
	}
	return mounts, nil
}

// systems are those whose connectors could be read.
func (a *against) systems() (list []*connectors.System) {
	for _, s := range a.model.Systems {
		if s.Connector != nil && s.Connector.Protocol != nil {
			list = append(list, s)
		}
	}
	return list
}

// olderFile puts an older description in the place of the one that a connector names.
func (a *against) olderFile(old string) (map[string]fs.FS, error) {
	var tried *diag.List
	var source *engine.Folder
	for _, importer := range all.Importers {
		p, x, out, err := readImport(a.w, importer, old, importFlags{})
		if err != nil {
			return nil, err
		}
		if x == nil {
			if tried == nil || !importer.Ports && !strings.HasPrefix(path.Ext(old), ".w") {
				tried, source = out, p
			}
			a.closers = append(a.closers, p.Close)
			continue
		}
		defer p.Close()
		s, place, err := a.described(importer.Name, x, old)
		if err != nil {
			return nil, err
		}
		var ignored diag.List
		now := importer.Read(s.Connector.FS, path.Join(s.Connector.Dir, place), scaffold.Options{}, &ignored)
		dir, err := a.replaced(s.Connector, place, now, p.Source.FS, x)
		if err != nil {
			return nil, err
		}
		fsys, err := a.open(dir)
		if err != nil {
			return nil, err
		}
		return map[string]fs.FS{s.Connector.Dir: fsys}, nil
	}
	source.Show(a.w, tried)
	return nil, errFailed
}

// described finds the system that an older description is of, and the file of its connector that says the same now: the
// one that was named, the only one, the one of the same file name, or the one with most of its operations.
func (a *against) described(key string, x *scaffold.Import, old string) (*connectors.System, string, error) {
	type candidate struct {
		system *connectors.System
		place  string
		score  int
	}
	var list []candidate
	for _, s := range a.systems() {
		var ignored diag.List
		n := config.ReadFile(s.Connector.FS, path.Join(s.Connector.Dir, connectors.File), &ignored, diag.Pos{})
		if n == nil || n.Get(x.Protocol) == nil || n.Get(x.Protocol).Get(key) == nil || a.system != "" && a.system != s.Name {
			continue
		}
		c := candidate{system: s, place: n.Get(x.Protocol).Get(key).Text.Value}
		for _, op := range x.Operations {
			wire := op.Wire
			if wire == "" {
				wire = op.Name
			}
			if slices.ContainsFunc(s.Connector.Operations, func(o *connectors.Operation) bool { return strings.EqualFold(o.Name, wire) }) {
				c.score++
			}
		}
		if path.Base(c.place) == filepath.Base(old) {
			c.score += 1000
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(x, y candidate) int { return y.score - x.score })
	switch {
	case len(list) == 0:
		return nil, "", usageError{fmt.Errorf("--against: no system of the project is described by a file as %s", old)}
	case len(list) > 1 && (list[0].score == 0 || list[0].score == list[1].score &&
		list[0].system.Connector.Dir != list[1].system.Connector.Dir):
		var names []string
		for _, c := range list {
			names = append(names, c.system.Name)
		}
		return nil, "", usageError{fmt.Errorf("--against: it is not known which system %s is of. Say --system with one of %s", old,
			strings.Join(names, ", "))}
	}
	return list[0].system, list[0].place, nil
}

// replaced returns a copy of a connector's folder in which the files of an older description stand in the place of those
// it has now. The copy goes with the comparison.
func (a *against) replaced(c *connectors.Connector, place string, now *scaffold.Import, from fs.FS, x *scaffold.Import) (string, error) {
	dir, err := os.MkdirTemp("", "fondaco-against-")
	if err != nil {
		return "", err
	}
	a.closers = append(a.closers, func() { _ = os.RemoveAll(dir) })
	folder, err := fs.Sub(c.FS, c.Dir)
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, folder); err != nil {
		return "", err
	}
	if now != nil {
		for _, s := range now.Sources { // what it imports now is not to be found there
			if inside, found := strings.CutPrefix(s.From, c.Dir+"/"); found {
				_ = os.Remove(filepath.Join(dir, filepath.FromSlash(inside)))
			}
		}
	}
	place = path.Clean(place)
	for _, s := range x.Sources {
		to := path.Join(path.Dir(place), relative(path.Dir(x.File), s.From))
		if s.From == x.File {
			to = place
		}
		data, err := fs.ReadFile(from, s.From)
		if err != nil {
			return "", err
		}
		if !fs.ValidPath(to) {
			return "", fmt.Errorf("%s lies outside of the connector's folder: put %s deeper into it", s.From, place)
		}
		full := filepath.Join(dir, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(full, data, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// relative returns a path as seen from a folder.
func relative(from, to string) string {
	r, err := filepath.Rel(filepath.FromSlash(from), filepath.FromSlash(to))
	if err != nil {
		return to
	}
	return filepath.ToSlash(r)
}
