package engine

import (
	"context"
	"errors"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/engine/storage"
	"fondaco/routes"
	"fondaco/store/crypt"
)

// encryptionProblems reports keys that cannot be used, and files that need others. Keys that are not set here are told at the
// start. state is the file of the state, "" if that is not known.
func (p *Folder) encryptionProblems(ctx context.Context, t *routes.Typed, state string, out *diag.List) {
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
		k, err := storage.EncryptionKey(ref, p.Source.Lookup)
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
	for _, err := range storage.MissingKeys(ctx, state, keys) {
		at.Report(out, diag.BadValue, "storage.encryption: %s", err.Error())
	}
}
