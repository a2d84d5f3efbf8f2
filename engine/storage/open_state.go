package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"fondaco/store"
	"fondaco/store/sqlite"
)

// DefaultState is where the state of a project is kept that says nothing, in its folder.
const DefaultState = "data/fondaco.db"

// stateFile returns the file in which a project keeps its state, from the project's folder dir.
func stateFile(of Project) (string, error) {
	file, _, err := of.Typed.Model.Project.Storage.State.Resolve(of.Source.Lookup)
	if err != nil {
		return "", fmt.Errorf("storage.state: %w", err)
	}
	if file == "" {
		file = DefaultState
	}
	if err := CheckState(of.Dir, file); err != nil {
		return "", fmt.Errorf("storage.state: %w", err)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(of.Dir, file)
	}
	return file, nil
}

// openState opens the project's state, and makes its folder. It returns its file too. Whoever asked for it closes it.
func openState(ctx context.Context, of Project) (store.Store, string, error) {
	file, err := stateFile(of)
	if err != nil {
		return nil, "", err
	}
	if err := UnfinishedRestore(file); err != nil {
		return nil, "", fmt.Errorf("storage.state: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, "", fmt.Errorf("storage.state: %w", err)
	}
	keys, err := EncryptionKeys(of.Typed.Model.Project, of.Source.Lookup)
	if err == nil {
		err = alone(of.Typed.Model.Project, of.Source.Lookup)
	}
	if err != nil {
		return nil, "", err
	}
	s, err := sqlite.Open(ctx, file, sqlite.Options{Project: of.Typed.Model.Project.Name.Value, Keys: keys})
	if err != nil {
		return nil, "", fmt.Errorf("storage.state: %w", err)
	}
	return s, file, nil
}
