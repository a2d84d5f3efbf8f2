package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"fondaco/messaging"
	"fondaco/store/sqlitefile"
)

// seenGroups remembers in a file which groups had a place on a topic of a Kafka cluster. It is a messaging.Seen.
type seenGroups struct {
	path string

	mu     sync.Mutex
	groups map[string]map[string]bool // by topic
}

// openSeen reads the file at path; it need not exist yet.
func openSeen(path string) (*seenGroups, error) {
	if err := sqlitefile.KeepPrivate(path); err != nil {
		return nil, err
	}
	s := &seenGroups{path: path, groups: map[string]map[string]bool{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &s.groups); err != nil {
		return nil, fmt.Errorf("%s cannot be read; it says which groups had a place on Kafka. Restore it, or delete it to take groups without "+
			"a place for new ones: %w", path, err)
	}
	return s, nil
}

// Seen reports whether the group had a place.
func (s *seenGroups) Seen(topic, group string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groups[topic][group]
}

// See remembers that it has one.
func (s *seenGroups) See(topic, group string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groups[topic][group] {
		return nil
	}
	if s.groups[topic] == nil {
		s.groups[topic] = map[string]bool{}
	}
	s.groups[topic][group] = true
	err := s.write()
	if err != nil {
		delete(s.groups[topic], group)
	}
	return err
}

// replaceFile writes a file whole or not at all, durably.
func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// all returns the groups that had a place, by topic.
func (s *seenGroups) all() map[string][]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := map[string][]string{}
	for topic, groups := range s.groups {
		list[topic] = slices.Sorted(maps.Keys(groups))
	}
	return list
}

// list is all, as groups has it.
func (s *seenGroups) list(context.Context) (map[string][]string, error) { return s.all(), nil }

func (s *seenGroups) close() {}

// Forget takes a group out of those that had a place.
func (s *seenGroups) Forget(topic, group string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.groups[topic][group] {
		return nil
	}
	delete(s.groups[topic], group)
	if len(s.groups[topic]) == 0 {
		delete(s.groups, topic)
	}
	return s.write()
}

// write keeps what is remembered. The lock is held.
func (s *seenGroups) write() error {
	text, err := json.MarshalIndent(s.groups, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(s.path, text)
}

// groupsOf returns the topics and groups that had a place, and those of readers, in their order.
func groupsOf(seen *seenGroups, readers []messaging.Kept) [][2]string {
	found := map[[2]string]bool{}
	for topic, groups := range seen.all() {
		for _, group := range groups {
			found[[2]string{topic, group}] = true
		}
	}
	for _, k := range readers {
		for _, r := range k.Readers {
			found[[2]string{k.Topic, r.Group}] = true
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
}
