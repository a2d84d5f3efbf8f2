package main

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

	"github.com/spf13/cobra"
)

// clusterPatience is how long a backup waits for Kafka to say where groups stand.
const clusterPatience = time.Minute

// savedFlags say which project a backup is of.
type savedFlags struct{ project, secrets string }

func (f *savedFlags) declare(c *cobra.Command) {
	c.Flags().StringVar(&f.project, "project", ".", "the project's folder")
	c.Flags().StringVar(&f.secrets, "secrets", "", "a folder with a file for each secret")
}

// oneFolder asks for the folder of a backup.
func oneFolder(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("found %d folders, expected one: that of the backup; the project's is --project", len(args))}
	}
	return nil
}

func backupCommand(w *World) *cobra.Command {
	var f savedFlags
	c := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the state and the embedded topics as they are at one moment, while the project is served or not",
		Long: `Copy the state and the embedded topics as they are at one moment, while the project is served or not.
DIR is made; the copy is read whole before it gets that name. Whoever reads it reads what citizens sent.
Of a project whose topics are on Kafka the state is copied, and where its groups stand.`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			p, t, file, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.close()
			m, err := p.backup(c.Context(), t, file, w.path(args[0]))
			if err != nil {
				return err
			}
			var size int64
			for _, x := range m.Files {
				size += x.Size
			}
			fmt.Fprintf(w.Stdout, "%s holds %s as of %s (%d bytes, verified)\n", args[0], m.Project, m.Moment.Format(time.RFC3339Nano), size)
			return nil
		},
	}
	f.declare(c)
	return c
}

// open opens the project, and returns where its state is kept. Whoever asked for it closes it.
func (f *savedFlags) open(w *World) (*folderOf, *routes.Typed, string, error) {
	p, err := openFolder(w, f.project, f.secrets)
	if err != nil {
		return nil, nil, "", err
	}
	t, err := p.must(w)
	if err == nil {
		var file string
		if file, err = stateFile(t, p.source, p.dir); err == nil {
			return p, t, file, nil
		}
	}
	p.close()
	return nil, nil, "", err
}

// backup copies what the project keeps into the folder dir, which it makes.
func (p *folderOf) backup(ctx context.Context, t *routes.Typed, state, dir string) (*manifest, error) {
	if err := unfinishedRestore(state); err != nil {
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
	m, err := p.fill(ctx, t, state, partial)
	if err != nil {
		return nil, err
	}
	if err := m.write(partial); err != nil {
		return nil, err
	}
	if m, err = readManifest(partial); err != nil {
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
func (p *folderOf) fill(ctx context.Context, t *routes.Typed, state, dir string) (*manifest, error) {
	name := t.Model.Project.Name.Value
	m := &manifest{Format: manifestFormat, Project: name, Version: version, Topics: "none"}
	address, err := t.Model.Project.Storage.TopicsAddress(p.source.Lookup)
	if err != nil {
		return nil, fmt.Errorf("storage.topics: %w", err)
	}
	files := []sqlitefile.Copy{{Kind: sqlite.FileKind(), Path: state, Project: name, To: filepath.Join(dir, stateName)}}
	_, missing := os.Stat(topicsFile(state))
	switch {
	case address != "":
		// Where the groups stand comes first: what they have finished by then the state knows.
		m.Topics = "kafka"
		if m.Places, err = p.places(ctx, t, state, address); err != nil {
			return nil, fmt.Errorf("storage.topics: %w", err)
		}
	case missing == nil:
		// Topics come first: their writer waits no longer for what the state's is doing.
		m.Topics = "embedded"
		files = append([]sqlitefile.Copy{{Kind: embedded.FileKind(), Path: topicsFile(state), Project: name, To: filepath.Join(dir, topicsName)}}, files...)
	}
	moment, made, err := sqlitefile.Snapshot(ctx, files...)
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
func (p *folderOf) places(ctx context.Context, t *routes.Typed, state, address string) ([]store.GroupPlace, error) {
	o, err := kafkaAt(t, p.source, p.dir, address)
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
	for _, one := range groupsOf(seen, keptBy(t, routes.Compile(t).Consumers)) {
		at, err := b.Places(ctx, one[0], one[1])
		if err != nil {
			return nil, err
		}
		places = append(places, at...)
	}
	return places, nil
}
