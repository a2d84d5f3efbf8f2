package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/messaging/embedded"
	"fondaco/routes"
	"fondaco/store/crypt"
	"fondaco/store/sqlite"
	"fondaco/store/sqlitefile"
)

// encryptionKeys returns the keys that fondaco.yaml names under storage.encryption, none if it says nothing. The error says which
// one cannot be used, and holds nothing of it.
func encryptionKeys(p *project.Project, known lookup) (crypt.Keys, error) {
	var list []crypt.Key
	for i, ref := range p.Storage.Encryption.Keys {
		k, err := encryptionKey(ref, known)
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

func encryptionKey(ref config.Ref, known lookup) (crypt.Key, error) {
	text, _, err := ref.Resolve(known)
	if err != nil {
		return crypt.Key{}, err
	}
	return crypt.ParseKey(text)
}

// alone reports that encryption cannot be with what processes share.
func alone(p *project.Project, known lookup) error {
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
	return errors.Join(e.CheckTopics(topics), e.CheckCache(cache))
}

// encryptionProblems reports keys that cannot be used, and files that need others. Keys that are not set here are told at the
// start. state is the file of the state, "" if that is not known.
func (p *folderOf) encryptionProblems(ctx context.Context, t *routes.Typed, state string, out *diag.List) {
	s := &t.Model.Project.Storage
	if topics, ok := p.known(s.Topics); ok && topics != "embedded" && !s.Topics.IsLiteral() && s.Encryption.CheckTopics(topics) != nil {
		s.Topics.Text.Report(out, diag.BadValue, "storage.topics: %s", s.Encryption.CheckTopics(topics).Error())
	}
	if cache, ok := p.known(s.Cache); ok && cache != "memory" && !s.Cache.IsLiteral() && s.Encryption.CheckCache(cache) != nil {
		s.Cache.Text.Report(out, diag.BadValue, "storage.cache: %s", s.Encryption.CheckCache(cache).Error())
	}
	at := s.State.Text
	if at.Value == "" {
		at.Pos = t.Model.Project.Pos
	}
	var list []crypt.Key
	for i, ref := range s.Encryption.Keys {
		if i == 0 {
			at = ref.Text
		}
		k, err := encryptionKey(ref, p.source.Lookup)
		switch {
		case errors.Is(err, config.ErrNoReference):
			state = "" // who lacks a key here cannot say what the files need
		case err != nil:
			ref.Text.Report(out, diag.BadValue, "storage.encryption.keys: %s", err.Error())
			return
		}
		list = append(list, k)
	}
	if state == "" {
		return
	}
	keys, err := crypt.NewKeys(list...)
	if err != nil {
		at.Report(out, diag.BadValue, "storage.encryption.keys: %s", err.Error())
		return
	}
	for _, one := range []struct {
		name, file string
		check      func(context.Context, string, crypt.Keys) error
	}{{"state", state, sqlite.CheckKeys}, {"topics", topicsFile(state), embedded.CheckKeys}} {
		if _, err := os.Stat(one.file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if checkSQLite(one.file) != nil {
			continue // told already
		}
		if err := one.check(ctx, one.file, keys); errors.Is(err, sqlitefile.ErrMissingKey) {
			at.Report(out, diag.BadValue, "storage.encryption: %s: %s", one.name, err.Error())
		}
	}
}
