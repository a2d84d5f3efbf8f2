package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fondaco/messaging/embedded"
	"fondaco/store"
	"fondaco/store/crypt"
)

// Rewrap encrypts all that a project which is not served keeps with the first of keys, and reports each file that is there. It returns
// how many records cannot be read, which stay as they are. What was cut short has done a part.
func Rewrap(ctx context.Context, of Project, keys crypt.Keys, each func(name string, did store.Rewrapped)) (bad int64, err error) {
	at, err := placeOf(of)
	state := at.file
	if err == nil && !at.kind.shared {
		err = UnfinishedRestore(state)
	}
	if err == nil {
		err = encryptable(of.Typed.Model.Project, of.Source.Lookup, at.kind.shared)
	}
	if err != nil {
		return 0, err
	}
	project := of.Typed.Model.Project.Name.Value
	for _, one := range []struct {
		name, file string
		open       func(context.Context) (rewrapped, error)
	}{
		{"state", state, func(ctx context.Context) (rewrapped, error) {
			s, err := at.kind.open(ctx, at, opening{project: project, keys: keys})
			if err != nil {
				return nil, err
			}
			return s.(rewrapped), nil
		}},
		{"topics", TopicsFile(state), func(ctx context.Context) (rewrapped, error) {
			return embedded.Open(ctx, TopicsFile(state), embedded.Options{Project: project, Keys: keys})
		}},
	} {
		if _, err := os.Stat(one.file); (one.name != "state" || !at.kind.shared) && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		did, err := rewrapFile(ctx, one.open)
		if err != nil {
			return bad, fmt.Errorf("%s: %w; what was done stays done: do it again", one.name, err)
		}
		bad += did.Damaged
		each(one.name, did)
	}
	return bad, nil
}

// rewrapped is a file that can be encrypted anew.
type rewrapped interface {
	Rewrap(ctx context.Context) (store.Rewrapped, error)
	Close() error
}

func rewrapFile(ctx context.Context, open func(context.Context) (rewrapped, error)) (store.Rewrapped, error) {
	file, err := open(ctx)
	if err != nil {
		return store.Rewrapped{}, err
	}
	did, err := file.Rewrap(ctx)
	return did, errors.Join(err, file.Close())
}
