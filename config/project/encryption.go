package project

import (
	"errors"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Encryption says with which keys what is stored is encrypted.
type Encryption struct {
	Given bool
	Keys  []config.Ref // the first writes, all read
}

func (e *Encryption) spec(o *spec.Object) {
	e.Given = true
	o.Var("keys", keyRefs{&e.Keys}).Required().Doc("Keys of 32 bytes, each as openssl rand -base64 32 prints it: the first writes, all " +
		"read. docs/guide/storage.md says how one is changed.").Example("[\"${secret.storage_2026}\", \"${secret.storage_2025}\"]")
}

// keyRefs are references to keys.
type keyRefs struct{ to *[]config.Ref }

// Decode reads one or several.
func (k keyRefs) Decode(n *config.Node, out *diag.List) {
	list := texts("keys", n, out)
	if len(list) == 0 && n.Kind == config.NodeList {
		out.Report(diag.BadValue, n.Pos(), "storage.encryption.keys: found no key, expected one or several").
			WithHint("write [\"${secret.NAME}\"], or leave encryption out")
	}
	for _, t := range list {
		ref := config.ParseRefs(t, []string{"env", "secret"}, out)
		switch {
		case t.Value == "":
			t.Report(out, diag.BadValue, "storage.encryption.keys: found an empty text, expected a key").WithHint("write ${secret.NAME}")
		case !strings.Contains(t.Value, "${"):
			t.Report(out, diag.LiteralSecret, "storage.encryption.keys: a secret is written into the file").
				WithHint("write ${secret.NAME}, and put the value into the secrets folder or FONDACO_SECRET_NAME")
		}
		*k.to = append(*k.to, ref)
	}
}

// Schema is that of texts.
func (k keyRefs) Schema() spec.Schema { return textsSchema() }

// Same reports whether both say the same keys.
func (e *Encryption) Same(other *Encryption) bool {
	if e.Given != other.Given || len(e.Keys) != len(other.Keys) {
		return false
	}
	for i := range e.Keys {
		if e.Keys[i].Text.Value != other.Keys[i].Text.Value {
			return false
		}
	}
	return true
}

// Why encryption cannot be: what processes share is encrypted with data keys that all of them find, or not at all.
var (
	errEncryptedTopics = errors.New("storage.encryption needs, with topics on Kafka, a state that all processes of the project share: " +
		"the data keys are in the state, and this one is a file of one process, so that no other could read its messages; " +
		"write state: postgres://role@host/database, or topics: embedded, or leave storage.encryption out")
	errEncryptedNATS = errors.New("storage.encryption does not cover topics on NATS: messages would be on the server as they are; " +
		"write topics: embedded or an address of Kafka, or leave storage.encryption out")
	errEncryptedCache = errors.New("storage.encryption needs cache: memory: the Redis server would hold answers as they are; " +
		"write cache: memory, or leave storage.encryption out")
)

// CheckTopics reports that topics at an address, "" for embedded ones, cannot be together with encryption and a state, which several
// processes share or not.
func (e *Encryption) CheckTopics(address string, sharedState bool) error {
	switch {
	case !e.Given || address == "":
	case strings.HasPrefix(address, "nats://"):
		return errEncryptedNATS
	case !sharedState:
		return errEncryptedTopics
	}
	return nil
}

// CheckCache reports that a cache at an address, "" for memory, cannot be together with encryption.
func (e *Encryption) CheckCache(address string) error {
	if e.Given && address != "" {
		return errEncryptedCache
	}
	return nil
}

// checkEncryption reports what is said beside encryption and cannot be, before the references are known.
func (s *Storage) checkEncryption(out *diag.List) {
	if !s.Encryption.Given {
		return
	}
	state := s.State.Text.Value
	shared := strings.HasPrefix(state, "postgres") || strings.HasPrefix(state, "${") // the latter is known at the start
	if text := s.Topics.Text.Value; strings.HasPrefix(text, "kafka://") || strings.HasPrefix(text, "nats://") {
		if err := s.Encryption.CheckTopics(text, shared); err != nil {
			s.Topics.Text.Report(out, diag.BadValue, "storage.topics: %s", err.Error())
		}
	}
	if text := s.Cache.Text.Value; strings.HasPrefix(text, "redis") {
		s.Cache.Text.Report(out, diag.BadValue, "storage.cache: %s", s.Encryption.CheckCache(text).Error())
	}
}
