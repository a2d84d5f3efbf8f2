package engine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/engine/storage"
	"fondaco/routes"
)

// ErrReported ends what found problems in a project, which it has printed.
var ErrReported = errors.New("failed")

// Folder is an open project folder. Close ends it.
type Folder struct {
	dir     string
	data    string // the folder that relative places of what is kept are in, "" for dir
	secrets string // the folder of secrets, "" for none
	Source  config.Source
	faults  *secretFaults // of the secrets that were looked up
	closers []io.Closer
}

// DataVariable is the variable of the environment that names the folder which relative places of what is kept are in: where a project
// is installed, its own folder is not for writing.
const DataVariable = "FONDACO_DATA"

// OpenFolder opens a project's folder with the World's environment. secrets may name a folder of secrets, "" for none.
func OpenFolder(w *World, dir, secrets string) (*Folder, error) {
	path := w.Path(dir)
	fsys, closer, err := config.Dir(path)
	if err != nil {
		return nil, fmt.Errorf("there is no project in %s: %w", dir, err)
	}
	p := &Folder{dir: path, closers: []io.Closer{closer}, faults: &secretFaults{}}
	if data, ok := w.Env(DataVariable); ok && data != "" {
		p.data = w.Path(data)
	}
	var hidden fs.FS
	if secrets != "" {
		p.secrets = w.Path(secrets)
		if hidden, closer, err = config.Dir(p.secrets); err != nil {
			p.Close()
			return nil, fmt.Errorf("the folder of secrets: %w", err)
		}
		p.closers = append(p.closers, closer)
	}
	p.Source = config.Source{FS: fsys, Dir: path, Env: w.Env, Secrets: p.faults.hear(config.SecretsFrom(hidden, w.Env))}
	return p, nil
}

// OpenFiles is OpenFolder of a project that is in no folder: nothing watches it, and nothing can be kept in it.
func OpenFiles(w *World, files fs.FS) *Folder {
	faults := &secretFaults{}
	return &Folder{faults: faults, Source: config.Source{FS: files, Env: w.Env, Secrets: faults.hear(config.SecretsFrom(nil, w.Env))}}
}

// OpenBare opens a folder without an environment and secrets, by its absolute path. Whoever asked for it closes it.
func OpenBare(dir string) (*Folder, error) {
	fsys, closer, err := config.Dir(dir)
	if err != nil {
		return nil, err
	}
	return &Folder{dir: dir, Source: config.Source{FS: fsys}, closers: []io.Closer{closer}, faults: &secretFaults{}}, nil
}

// Close closes the folder; what was read of it stays.
func (p *Folder) Close() {
	for _, c := range p.closers {
		_ = c.Close()
	}
}

// SecretFaults returns why secrets that were looked up cannot be used, nil if all could.
func (p *Folder) SecretFaults() error { return p.faults.Err() }

// MadeUp puts the project into a world in which nothing comes from outside: addresses are for simulators to replace, secrets
// are made up. What the environment does say still counts.
func (p *Folder) MadeUp(w *World) {
	p.Source.Env = func(name string) (string, bool) {
		if v, ok := w.Env(name); ok {
			return v, true
		}
		return "http://127.0.0.1:1", true
	}
	p.Source.Secrets = func(string) (config.Secret, bool, error) { return config.NewSecret("simulated"), true, nil }
}

// MadeUpIfMissing sets a made-up value for what neither the environment nor the secrets say: tests need
// none of them.
func (p *Folder) MadeUpIfMissing() {
	env, secrets := p.Source.Env, p.Source.Secrets
	p.Source.Env = func(name string) (string, bool) {
		if v, ok := env(name); ok {
			return v, true
		}
		return "http://127.0.0.1:1", true
	}
	p.Source.Secrets = func(name string) (config.Secret, bool, error) {
		if s, ok, err := secrets(name); ok && err == nil {
			return s, true, nil
		}
		return config.NewSecret("simulated"), true, nil
	}
}

// Load reads and checks the project. Problems go to out; nil if there is nothing to speak of.
func (p *Folder) Load(out *diag.List) *routes.Typed {
	t, _ := p.read(out)
	return t
}

// read is Load, and returns what it has read; what the project's program reads later is noted there too.
func (p *Folder) read(out *diag.List) (*routes.Typed, *config.Reading) {
	source, reading := p.Source.Record()
	m := routes.Load(source, all.Protocols, out)
	if m == nil {
		return nil, reading
	}
	return routes.Check(m, out), reading
}

// Show prints problems with the lines that they are in.
func (p *Folder) Show(w *World, out *diag.List) {
	out.Print(w.Stderr, func(file string) []byte {
		b, err := fs.ReadFile(p.Source.FS, file)
		if err != nil {
			return nil
		}
		return b
	}, w.Colour)
}

// Must loads a project for a command that needs it whole; problems are printed, and the error is ErrReported.
func (p *Folder) Must(w *World) (*routes.Typed, error) {
	t, _, err := p.MustRead(w)
	return t, err
}

// MustRead is must, and returns what was read.
func (p *Folder) MustRead(w *World) (*routes.Typed, *config.Reading, error) {
	var out diag.List
	t, reading := p.read(&out)
	if err := p.must(w, t, &out); err != nil {
		return nil, nil, err
	}
	return t, reading, nil
}

// must prints the problems of what was read, if there are any; the error is ErrReported then.
func (p *Folder) must(w *World, t *routes.Typed, out *diag.List) error {
	if t == nil && !out.Failed() {
		return errors.New("there is no fondaco.yaml")
	}
	if out.Failed() {
		p.Show(w, out)
		return ErrReported
	}
	return nil
}

// Storing names the storage of the project, as it was read.
func (p *Folder) Storing(t *routes.Typed) storage.Project {
	return storage.Project{Typed: t, Source: p.Source, Dir: p.dir, Data: p.data}
}
