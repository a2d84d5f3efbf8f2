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
	o.Var("keys", keyRefs{&e.Keys}).Required().Doc("Keys of 32 bytes, each as openssl rand -base64 32 prints it: the first writes, all read. docs/guide/storage.md says how one is changed.").Example("[\"${secret.storage_2026}\", \"${secret.storage_2025}\"]")
}

// keyRefs are references to keys.
type keyRefs struct{ to *[]config.Ref }

// Decode reads one or several.
func (k keyRefs) Decode(n *config.Node, out *diag.List) {
	list := texts("keys", n, out)
	if len(list) == 0 && n.Kind == config.NodeList {
		out.Report(diag.BadValue, n.Pos(), "storage.encryption.keys: found no key, expected one or several").WithHint("write [\"${secret.NAME}\"], or leave encryption out")
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

// Why encryption cannot be where processes share what they keep: only the state and embedded topics are encrypted.
var (
	errEncryptedTopics = errors.New("storage.encryption needs topics: embedded: messages would be on Kafka as they are; " +
		"write topics: embedded, or leave storage.encryption out")
	errEncryptedCache = errors.New("storage.encryption needs cache: memory: the Redis server would hold answers as they are; " +
		"write cache: memory, or leave storage.encryption out")
)

// CheckTopics reports that topics at an address, "" for embedded ones, cannot be together with encryption.
func (e *Encryption) CheckTopics(address string) error {
	if e.Given && address != "" {
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
	for _, one := range []struct {
		name, scheme string
		at           config.Ref
		check        func(string) error
	}{
		{"storage.topics", "kafka://", s.Topics, s.Encryption.CheckTopics},
		{"storage.cache", "redis", s.Cache, s.Encryption.CheckCache},
	} {
		if text := one.at.Text.Value; strings.HasPrefix(text, one.scheme) {
			one.at.Text.Report(out, diag.BadValue, "%s: %s", one.name, one.check(text).Error())
		}
	}
}
