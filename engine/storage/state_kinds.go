package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fondaco/store"
	"fondaco/store/crypt"
)

// stateKind is a storage that a project's state may be in. Each is one file of this folder, and one line of stateKinds.
type stateKind struct {
	title   string
	schemes []string                      // which its addresses begin with; none for files
	shared  bool                          // several processes may have the same state open
	within  func(dir, text string) string // an address whose files are the project's in the folder dir; nil: it stays
	check   func(dir, text, project string) error
	open    func(ctx context.Context, at statePlace, o opening) (store.Store, error)
	copying func(ctx context.Context, at statePlace, owner string, o opening) (copySide, error)
	empty   string                   // how another place is made or named, for people
	groups  func(store.Store) groups // which had a place on Kafka; nil: a file beside the state says so
}

var stateKinds = []*stateKind{&postgresState, &sqliteState}

// opening says how a state is opened.
type opening struct {
	project string
	keys    crypt.Keys
	topics  string // where the messages are that its operations are of; "" for nowhere, or where that needs no saying
	away    bool   // a state that cannot be reached is no error: it is store.ErrIO until it can be
}

// statePlace is where a project keeps its state.
type statePlace struct {
	kind *stateKind
	text string // an address; of a file, its path
	file string // the file of the state; where that is no file, the one beside which this process keeps its own
}

func stateKindOf(state string) (*stateKind, error) {
	scheme, _, address := strings.Cut(state, "://")
	for _, k := range stateKinds {
		if address && slices.Contains(k.schemes, scheme) || !address && k.schemes == nil {
			return k, nil
		}
	}
	return nil, errors.New("found another address, expected a file of SQLite, or postgres://role@host:port/database")
}

// CheckState reports why the state of a project in the folder dir cannot be kept in a place: an invalid address, or what is
// there is something else. It connects to nothing and changes nothing. The message holds no password, and of a file its name.
func CheckState(dir, state, project string) error {
	k, err := stateKindOf(state)
	if err != nil {
		return err
	}
	return k.check(dir, k.placed(dir, state), project)
}

func (k *stateKind) placed(dir, state string) string {
	if k.within == nil {
		return state
	}
	return k.within(dir, state)
}

// SharedState reports whether several processes may have the state at a place open.
func SharedState(state string) bool {
	k, err := stateKindOf(state)
	return err == nil && k.shared
}

// placeOf returns where a project keeps its state.
func placeOf(of Project) (at statePlace, err error) {
	p := of.Typed.Model.Project
	at.text, err = p.Storage.StateAddress(of.Source.Lookup)
	if at.text == "" && err == nil {
		at.text = DefaultState
	}
	if err == nil {
		at.kind, err = stateKindOf(at.text)
	}
	if err == nil {
		at.text = at.kind.placed(of.Dir, at.text)
		dir := of.Dir
		if at.kind.schemes == nil {
			dir = of.keptIn()
		}
		err = at.kind.check(dir, at.text, p.Name.Value)
	}
	if err != nil {
		return at, fmt.Errorf("storage.state: %w", err)
	}
	at.file = at.text
	if at.kind.schemes != nil {
		at.file = DefaultState
	}
	if !filepath.IsAbs(at.file) {
		at.file = filepath.Join(of.keptIn(), at.file)
	}
	return at, nil
}

// keptIn returns the folder that relative places of what is kept are in.
func (of Project) keptIn() string { return cmp.Or(of.Data, of.Dir) }

// fileOf returns the file in which a project keeps its state. For a state that is no file it fails, and says what to do instead.
func fileOf(of Project, instead string) (string, error) {
	at, err := placeOf(of)
	if err == nil && at.kind.schemes != nil {
		err = fmt.Errorf("storage.state is on %s, and this command is for files: %s", at.kind.title, instead)
	}
	return at.file, err
}
