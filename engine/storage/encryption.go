package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fondaco/config"
	"fondaco/config/project"
	"fondaco/messaging/embedded"
	"fondaco/store/crypt"
	"fondaco/store/sqlite"
	"fondaco/store/sqlitefile"
)

// EncryptionKeys returns the keys that fondaco.yaml names under storage.encryption, none if it says nothing. The error says which
// one cannot be used, and holds nothing of it.
func EncryptionKeys(p *project.Project, known Lookup) (crypt.Keys, error) {
	var list []crypt.Key
	for i, ref := range p.Storage.Encryption.Keys {
		k, err := EncryptionKey(ref, known)
		if err != nil {
			return crypt.Keys{}, fmt.Errorf("storage.encryption.keys: key %d of %d: %w", i+1, len(p.Storage.Encryption.Keys), err)
		}
		list = append(list, k)
	}
	keys, err := crypt.NewKeys(list...)
	if err != nil {
		return keys, fmt.Errorf("storage.encryption.keys: %w", err)
	}
	return keys, nil
}

// EncryptionKey reads the key that a reference stands for. The error holds nothing of it.
func EncryptionKey(ref config.Ref, known Lookup) (crypt.Key, error) {
	text, _, err := ref.Resolve(known)
	if err != nil {
		return crypt.Key{}, err
	}
	return crypt.ParseKey(text)
}

// encryptable reports that encryption cannot be with what processes share, and a state that they share or not.
func encryptable(p *project.Project, known Lookup, sharedState bool) error {
	e := &p.Storage.Encryption
	if !e.Given {
		return nil
	}
	topics, err := p.Storage.TopicsAddress(known)
	if err != nil {
		return fmt.Errorf("storage.topics: %w", err)
	}
	cache, err := p.Storage.CacheAddress(known)
	if err != nil {
		return fmt.Errorf("storage.cache: %w", err)
	}
	return errors.Join(e.CheckTopics(topics, sharedState), e.CheckCache(cache))
}

// Lookup finds what a reference stands for.
type Lookup = func(space, name string) (value string, secret, ok bool)

// MissingKeys reports which files of a state need a key that is not among keys. A file that is something else is passed over.
func MissingKeys(ctx context.Context, state string, keys crypt.Keys) (all []error) {
	for _, one := range []struct {
		name, file string
		check      func(context.Context, string, crypt.Keys) error
	}{{"state", state, sqlite.CheckKeys}, {"topics", TopicsFile(state), embedded.CheckKeys}} {
		if _, err := os.Stat(one.file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if checkSQLite(one.file) != nil {
			continue // told already
		}
		if err := one.check(ctx, one.file, keys); errors.Is(err, sqlitefile.ErrMissingKey) {
			all = append(all, fmt.Errorf("%s: %w", one.name, err))
		}
	}
	return all
}
