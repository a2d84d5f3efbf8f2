package engine

import (
	"context"
	"errors"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/engine/storage"
	"fondaco/routes"
	"fondaco/store/crypt"
)

// encryptedTopicsProblem reports topics on Kafka whose processes would not find the data keys, where the load could not.
func (p *Folder) encryptedTopicsProblem(s *project.Storage, out *diag.List) {
	topics, ok := p.known(s.Topics)
	place, known := p.stateText(s)
	told := strings.HasPrefix(s.Topics.Text.Value, "kafka://") && !strings.HasPrefix(s.State.Text.Value, "${")
	if !ok || !known || topics == "embedded" || told {
		return
	}
	if err := s.Encryption.CheckTopics(topics, storage.SharedState(place)); err != nil {
		s.Topics.Text.Report(out, diag.BadValue, "storage.topics: %s", err.Error())
	}
}

// encryptionProblems reports keys that cannot be used, and files that need others. Keys that are not set here are told at the
// start. state is the file of the state, "" if that is not known.
func (p *Folder) encryptionProblems(ctx context.Context, t *routes.Typed, state string, out *diag.List) {
	s := &t.Model.Project.Storage
	p.encryptedTopicsProblem(s, out)
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
