package storage

import (
	"context"
	"fmt"

	"fondaco/store"
)

// DefaultState is where the state of a project is kept that says nothing, in its folder.
const DefaultState = "data/fondaco.db"

// openState opens the project's state; of one in a file it makes the folder. topics and away are as opening has them. Whoever asked for
// it closes it.
func openState(ctx context.Context, of Project, at statePlace, topics string, away bool) (store.Store, error) {
	p := of.Typed.Model.Project
	keys, err := EncryptionKeys(p, of.Source.Lookup)
	if err == nil {
		err = encryptable(p, of.Source.Lookup, at.kind.shared)
	}
	if err != nil {
		return nil, err
	}
	s, err := at.kind.open(ctx, at, opening{project: p.Name.Value, keys: keys, topics: topics, away: away})
	if err != nil {
		return nil, fmt.Errorf("storage.state: %w", err)
	}
	return s, nil
}
