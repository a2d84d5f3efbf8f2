package main

import (
	"errors"
	"fmt"
	"strings"

	"fondaco/engine"
	"fondaco/engine/storage"
	"fondaco/store"

	"github.com/spf13/cobra"
)

func storageCommand(w *engine.World) *cobra.Command {
	c := &cobra.Command{
		Use:   "storage",
		Short: "Look after the files of what a stopped project keeps: their encryption, their size",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(rewrapCommand(w), compactCommand(w))
	return c
}

func rewrapCommand(w *engine.World) *cobra.Command {
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
			p, of, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.Close()
			m := of.Typed.Model.Project
			keys, err := storage.EncryptionKeys(m, p.Source.Lookup)
			if err == nil {
				err = p.SecretFaults()
			}
			if err != nil {
				return err
			}
			if !keys.On() {
				return errors.New(`storage.encryption has no keys; write storage: { encryption: { keys: ["${secret.NAME}"] } } into fondaco.yaml`)
			}
			bad, err := storage.Rewrap(c.Context(), of, keys, func(name string, did store.Rewrapped) {
				fmt.Fprintf(w.Stdout, "%s: %s encrypted anew, and %s that had not been\n", name, engine.Counted(did.Keys, "data key"),
					engine.Counted(did.Records, "record"))
			})
			if err != nil {
				return err
			}
			if bad > 0 {
				fmt.Fprintf(w.Stderr, "%s cannot be read and stay as they are: restore the files from a backup, or remove them\n",
					engine.Counted(bad, "record"))
				return errFailed
			}
			ids := keys.IDs()
			fmt.Fprintf(w.Stdout, "%s is encrypted with the key %s\n", m.Name.Value, ids[0])
			if len(ids) > 1 {
				fmt.Fprintf(w.Stdout, "no file needs %s any more: remove it from storage.encryption.keys, and keep it for as long as backups "+
					"of before\n", strings.Join(ids[1:], ", "))
			}
			return nil
		},
	}
	c.Flags().StringVar(&secrets, "secrets", "", "a folder with a file for each secret")
	return c
}
