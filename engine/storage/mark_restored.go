package storage

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"time"

	"fondaco/store"
	"fondaco/store/postgres"
	"fondaco/store/record"
)

// MarkRestored marks the state of a project on PostgreSQL, whose database was brought back to a moment by its own tools, as
// restored: what may not be
// done twice is held until an operator releases it, and sequences are moved on, which it returns. owner is the address of the
// schema's owner, "" for the project's own. It refuses while a process of the project runs.
func MarkRestored(ctx context.Context, of Project, owner string, moment, now time.Time) ([]record.Jumped, error) {
	if owner != "" {
		of.Source = withoutPassword(of)
	}
	at, err := placeOf(of)
	if err != nil {
		return nil, err
	}
	if at.kind != &postgresState {
		return nil, fmt.Errorf("storage.state is the file %s: what fondaco restore puts into its place is marked by that", filepath.Base(at.file))
	}
	p := of.Typed.Model.Project
	keys, err := EncryptionKeys(p, of.Source.Lookup)
	if err != nil {
		return nil, err
	}
	address := at.text
	if owner != "" {
		if address, err = postgres.InSchemaOf(owner, at.text, p.Name.Value); err != nil {
			return nil, fmt.Errorf("--owner: %w", err)
		}
	}
	jumped, err := postgres.MarkRestored(ctx, address, postgres.Options{Project: p.Name.Value, Keys: keys},
		store.Restored{ID: rand.Text(), Moment: moment.UTC(), At: now.UTC(), Held: true, Doubtful: true})
	if err != nil {
		return nil, fmt.Errorf("storage.state: %w", err)
	}
	return jumped, nil
}
