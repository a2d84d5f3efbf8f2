package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// folderOf is an open project folder. Close ends it.
type folderOf struct {
	dir     string
	secrets string // the folder of secrets, "" for none
	source  config.Source
	faults  *secretFaults // of the secrets that were looked up
	closers []io.Closer
}

// openFolder opens a project's folder with the World's environment. secrets may name a folder of secrets, "" for none.
func openFolder(w *World, dir, secrets string) (*folderOf, error) {
	path := w.path(dir)
	fsys, closer, err := config.Dir(path)
	if err != nil {
		return nil, fmt.Errorf("there is no project in %s: %w", dir, err)
	}
	p := &folderOf{dir: path, closers: []io.Closer{closer}, faults: &secretFaults{}}
	var hidden fs.FS
	if secrets != "" {
		p.secrets = w.path(secrets)
		if hidden, closer, err = config.Dir(p.secrets); err != nil {
			p.close()
			return nil, fmt.Errorf("the folder of secrets: %w", err)
		}
		p.closers = append(p.closers, closer)
	}
	p.source = config.Source{FS: fsys, Env: w.Env, Secrets: p.faults.hear(config.SecretsFrom(hidden, w.Env))}
	return p, nil
}

func (p *folderOf) close() {
	for _, c := range p.closers {
		_ = c.Close()
	}
}

// madeUp gives the project a world in which nothing comes from outside: addresses are for simulators to replace, secrets
// are made up. What the environment does say still counts.
func (p *folderOf) madeUp(w *World) {
	p.source.Env = func(name string) (string, bool) {
		if v, ok := w.Env(name); ok {
			return v, true
		}
		return "http://127.0.0.1:1", true
	}
	p.source.Secrets = func(string) (config.Secret, bool, error) { return config.NewSecret("simulated"), true, nil }
}

// madeUpIfMissing gives the project a made-up value for what neither the environment nor the secrets say: tests need
// none of them.
func (p *folderOf) madeUpIfMissing() {
	env, secrets := p.source.Env, p.source.Secrets
	p.source.Env = func(name string) (string, bool) {
		if v, ok := env(name); ok {
			return v, true
		}
		return "http://127.0.0.1:1", true
	}
	p.source.Secrets = func(name string) (config.Secret, bool, error) {
		if s, ok, err := secrets(name); ok && err == nil {
			return s, true, nil
		}
		return config.NewSecret("simulated"), true, nil
	}
}

// load reads and checks the project. Problems go to out; nil if there is nothing to speak of.
func (p *folderOf) load(out *diag.List) *routes.Typed {
	t, _ := p.read(out)
	return t
}

// read is load, and returns what it has read; what the project's program reads later is noted there too.
func (p *folderOf) read(out *diag.List) (*routes.Typed, *config.Reading) {
	source, reading := p.source.Record()
	m := routes.Load(source, all.Protocols, out)
	if m == nil {
		return nil, reading
	}
	return routes.Check(m, out), reading
}

// show prints problems with the lines that they are in.
func (p *folderOf) show(w *World, out *diag.List) {
	out.Print(w.Stderr, func(file string) []byte {
		b, err := fs.ReadFile(p.source.FS, file)
		if err != nil {
			return nil
		}
		return b
	}, w.Colour)
}

// must loads a project for a command that needs it whole; problems are printed, and the error is errFailed.
func (p *folderOf) must(w *World) (*routes.Typed, error) {
	t, _, err := p.mustRead(w)
	return t, err
}

// mustRead is must, and returns what was read.
func (p *folderOf) mustRead(w *World) (*routes.Typed, *config.Reading, error) {
	var out diag.List
	t, reading := p.read(&out)
	if t == nil && !out.Failed() {
		return nil, nil, errors.New("there is no fondaco.yaml")
	}
	if out.Failed() {
		p.show(w, &out)
		return nil, nil, errFailed
	}
	return t, reading, nil
}
