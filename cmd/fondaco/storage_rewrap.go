package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"fondaco/messaging/embedded"
	"fondaco/store"
	"fondaco/store/sqlite"

	"github.com/spf13/cobra"
)

func storageCommand(w *World) *cobra.Command {
	c := &cobra.Command{
		Use:   "storage",
		Short: "Look after the files of what a stopped project keeps: their encryption, their size",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(rewrapCommand(w), compactCommand(w))
	return c
}

func rewrapCommand(w *World) *cobra.Command {
	secrets := ""
	c := &cobra.Command{
		Use:   "rewrap [DIR]",
		Short: "Encrypt all that a stopped project keeps with the first key of storage.encryption",
		Long: `Encrypt all that a stopped project keeps with the first key of storage.encryption.
Data keys that another key protects are protected by the first from then on, and what was written before there was encryption
is encrypted. It says which keys no file needs any more. One that is cut short has done a part; do it again.`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			f := savedFlags{project: folder(args), secrets: secrets}
			p, t, state, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.close()
			if err := unfinishedRestore(state); err != nil {
				return err
			}
			m := t.Model.Project
			keys, err := encryptionKeys(m, p.source.Lookup)
			if err == nil {
				err = p.faults.Err()
			}
			if err == nil {
				err = alone(m, p.source.Lookup)
			}
			if err != nil {
				return err
			}
			if !keys.On() {
				return errors.New(`storage.encryption has no keys; write storage: { encryption: { keys: ["${secret.NAME}"] } } into fondaco.yaml`)
			}
			var bad int64
			for _, one := range []struct {
				name, file string
				open       func(context.Context) (rewrapped, error)
			}{
				{"state", state, func(ctx context.Context) (rewrapped, error) {
					return sqlite.Open(ctx, state, sqlite.Options{Project: m.Name.Value, Keys: keys})
				}},
				{"topics", topicsFile(state), func(ctx context.Context) (rewrapped, error) {
					return embedded.Open(ctx, topicsFile(state), embedded.Options{Project: m.Name.Value, Keys: keys})
				}},
			} {
				if _, err := os.Stat(one.file); errors.Is(err, fs.ErrNotExist) {
					continue
				}
				did, err := rewrapFile(c.Context(), one.open)
				if err != nil {
					return fmt.Errorf("%s: %w; what was done stays done: do it again", one.name, err)
				}
				bad += did.Damaged
				fmt.Fprintf(w.Stdout, "%s: %s encrypted anew, and %s that had not been\n", one.name, counted(did.Keys, "data key"), counted(did.Records, "record"))
			}
			if bad > 0 {
				fmt.Fprintf(w.Stderr, "%s cannot be read and stay as they are: restore the files from a backup, or remove them\n", counted(bad, "record"))
				return errFailed
			}
			ids := keys.IDs()
			fmt.Fprintf(w.Stdout, "%s is encrypted with the key %s\n", m.Name.Value, ids[0])
			if len(ids) > 1 {
				fmt.Fprintf(w.Stdout, "no file needs %s any more: remove it from storage.encryption.keys, and keep it for as long as backups of before\n", strings.Join(ids[1:], ", "))
			}
			return nil
		},
	}
	c.Flags().StringVar(&secrets, "secrets", "", "a folder with a file for each secret")
	return c
}

// rewrapped is a file that can be encrypted anew.
type rewrapped interface {
	Rewrap(ctx context.Context) (store.Rewrapped, error)
	Close() error
}

func rewrapFile(ctx context.Context, open func(context.Context) (rewrapped, error)) (store.Rewrapped, error) {
	file, err := open(ctx)
	if err != nil {
		return store.Rewrapped{}, err
	}
	did, err := file.Rewrap(ctx)
	return did, errors.Join(err, file.Close())
}
