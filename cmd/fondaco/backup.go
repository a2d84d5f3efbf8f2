package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"fondaco/engine"
	"fondaco/engine/storage"
)

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

func backupCommand(w *engine.World) *cobra.Command {
	var f savedFlags
	c := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the state and the embedded topics as they are at one moment, while the project is served or not",
		Long: `Copy the state and the embedded topics as they are at one moment, while the project is served or not.
DIR is made; the copy is read whole before it gets that name. Whoever reads it reads what citizens sent.
Of a project whose topics are on Kafka the state is copied, and where its groups stand.`,
		Args: oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			p, of, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.Close()
			m, err := storage.Backup(c.Context(), of, w.Path(args[0]), version)
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

// open opens the project. Whoever asked for it closes it.
func (f *savedFlags) open(w *engine.World) (*engine.Folder, storage.Project, error) {
	p, err := engine.OpenFolder(w, f.project, f.secrets)
	if err != nil {
		return nil, storage.Project{}, err
	}
	t, err := p.Must(w)
	if err != nil {
		p.Close()
		return nil, storage.Project{}, err
	}
	return p, p.Storing(t), nil
}
