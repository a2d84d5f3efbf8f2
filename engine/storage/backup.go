package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"fondaco/messaging/embedded"
	"fondaco/messaging/kafka"
	"fondaco/routes"
	"fondaco/store"
	"fondaco/store/sqlite"
	"fondaco/store/sqlitefile"
)

// clusterPatience is how long a backup waits for Kafka to say where groups stand.
const clusterPatience = time.Minute

// Backup copies what a project keeps into the folder dir, which it makes, while the project is served or not. version is that of the
// program. The copy is read whole before it gets its name.
func Backup(ctx context.Context, of Project, dir, version string) (*Manifest, error) {
	state, err := fileOf(of, "back the database up by its own tools (pg_basebackup with an archive of its log, or pg_dump)")
	if err == nil {
		err = UnfinishedRestore(state)
	}
	if err != nil {
		return nil, err
	}
	if there, err := os.ReadDir(dir); err == nil && len(there) > 0 {
		return nil, fmt.Errorf("%s is not empty: name a folder that is not there yet", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if _, err := os.Stat(state); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is nothing to copy: the project has no state yet (%s)", state)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, err
	}
	partial, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".partial-*") // for its owner alone
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(partial) }()
	m, err := of.fill(ctx, state, partial, version)
	if err != nil {
		return nil, err
	}
	if err := m.write(partial); err != nil {
		return nil, err
	}
	if m, err = ReadManifest(partial); err != nil {
		return nil, err
	}
	if err := m.verify(ctx, partial); err != nil {
		return nil, err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.Rename(partial, dir); err != nil {
		return nil, err
	}
	return m, sqlitefile.Flush(filepath.Dir(dir))
}

// fill makes the files of a backup in the folder dir, all but its manifest.
func (of Project) fill(ctx context.Context, state, dir, version string) (*Manifest, error) {
	name := of.Typed.Model.Project.Name.Value
	m := &Manifest{Format: manifestFormat, Project: name, Version: version, Topics: "none"}
	address, err := of.Typed.Model.Project.Storage.TopicsAddress(of.Source.Lookup)
	if err != nil {
		return nil, fmt.Errorf("storage.topics: %w", err)
	}
	files := []sqlitefile.Copy{{Kind: sqlite.FileKind(), Path: state, Project: name, To: filepath.Join(dir, StateName)}}
	_, missing := os.Stat(TopicsFile(state))
	switch {
	case onNATS(address): // the servers keep where the groups stand
		m.Topics = "nats"
	case address != "":
		// Where the groups stand comes first: what they have finished by then the state knows.
		m.Topics = "kafka"
		if m.Places, err = of.places(ctx, state, address); err != nil {
			return nil, fmt.Errorf("storage.topics: %w", err)
		}
	case missing == nil:
		// Topics come first: their writer waits no longer for what the state's is doing.
		m.Topics = "embedded"
		files = append([]sqlitefile.Copy{{Kind: embedded.FileKind(), Path: TopicsFile(state), Project: name, To: filepath.Join(dir, TopicsName)}},
			files...)
	}
	moment, made, err := sqlitefile.Snapshot(ctx, of.Clock, files...)
	if err != nil {
		return nil, err
	}
	m.Moment = moment.UTC()
	for i, f := range files {
		if err := m.describe(dir, filepath.Base(f.To), made[i].Format); err != nil {
			return nil, err
		}
	}
	if m.Topics != "kafka" {
		return m, nil
	}
	text, err := os.ReadFile(groupsFile(state))
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = replaceFile(filepath.Join(dir, groupsName), text)
	}
	if err == nil {
		err = m.describe(dir, groupsName, 0)
	}
	return m, err
}

// places returns where the project's groups stand on Kafka: those that it reads with, and those that it had.
func (of Project) places(ctx context.Context, state, address string) ([]store.GroupPlace, error) {
	o, err := kafkaAt(of, address)
	if err != nil {
		return nil, err
	}
	seen, err := openSeen(groupsFile(state))
	if err != nil {
		return nil, err
	}
	b, err := kafka.Open(o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = b.Close() }()
	ctx, cancel := context.WithTimeout(ctx, clusterPatience)
	defer cancel()
	places := []store.GroupPlace{}
	for _, one := range groupsOf(seen, KeptBy(of.Typed, routes.Compile(of.Typed).Consumers)) {
		at, err := b.Places(ctx, one[0], one[1])
		if err != nil {
			return nil, err
		}
		places = append(places, at...)
	}
	return places, nil
}
