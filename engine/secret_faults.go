package engine

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
)

// secretFaults remembers of which secrets the latest look-up failed: one that is there and cannot be used is not the same
// as one that is not set. Its methods are safe for concurrent use.
type secretFaults struct {
	mu     sync.Mutex
	faults map[string]error // by name
}

// hear returns get, whose failures are remembered from then on.
func (f *secretFaults) hear(get func(string) (config.Secret, bool, error)) func(string) (config.Secret, bool, error) {
	return func(name string) (config.Secret, bool, error) {
		s, ok, err := get(name)
		f.mu.Lock()
		defer f.mu.Unlock()
		if delete(f.faults, name); err != nil {
			if f.faults == nil {
				f.faults = map[string]error{}
			}
			f.faults[name] = err
		}
		return s, ok, err
	}
}

// Err returns why secrets that were looked up cannot be used, nil if all could.
func (f *secretFaults) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []error
	for _, name := range slices.Sorted(maps.Keys(f.faults)) {
		all = append(all, f.faults[name])
	}
	return errors.Join(all...)
}

// secretProblems reports secrets that fondaco.yaml names and that are there and cannot be used, each where it is named
// first. They are looked up in src: where that records, it is noticed when they are good again.
func secretProblems(src config.Source, out *diag.List) {
	seen := map[string]bool{}
	var walk func(n *config.Node)
	walk = func(n *config.Node) {
		if n == nil {
			return
		}
		for _, e := range n.Entries {
			walk(e.Value)
		}
		for _, item := range n.Items {
			walk(item)
		}
		if n.Kind != config.NodeText || !strings.Contains(n.Text.Value, "${secret.") {
			return
		}
		for _, name := range config.ParseRefs(n.Text, []string{"env", "secret", "param"}, &diag.List{}).Names() {
			if name.Space != "secret" || seen[name.Name] {
				continue
			}
			seen[name.Name] = true
			if _, _, err := src.Secrets(name.Name); err != nil {
				out.Report(diag.BadReference, name.Pos, "%s", err.Error()).WithLen(len("${secret.}") + len(name.Name))
			}
		}
	}
	walk(config.ReadFile(src.FS, project.FileName, &diag.List{}, diag.Pos{}))
}
