package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"fondaco/engine"
	"fondaco/engine/storage"
)

func stateCommand(w *engine.World) *cobra.Command {
	c := &cobra.Command{
		Use:   "state",
		Short: "Move what a stopped project keeps from one machine to a database that several share, and back",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(stateCopyCommand(w))
	return c
}

func stateCopyCommand(w *engine.World) *cobra.Command {
	var secrets string
	var r storage.CopyRequest
	c := &cobra.Command{
		Use:   "copy [DIR]",
		Short: "Copy the state of a stopped project from a file to PostgreSQL, or back",
		Long: `Copy the state of a stopped project from a file to PostgreSQL, or back.
--from and --to are written as storage.state is, with ${env.NAME} and ${secret.NAME}; one of them may be left out: it is storage.state of
fondaco.yaml. The second has to hold nothing: a file that is not there, or the schema that fondaco migrate has made. The first stays as it
was. All that a state holds is copied, and both are read whole and compared by counts and hashes. One that is cut short goes on where it was
when the same is said again; until it is whole no process starts with the second. The state on PostgreSQL is opened with the role that
owns its schema: see --owner.`,
		Example: `  fondaco state copy city --from data/fondaco.db --owner postgres://owner@db-1.city.example/fondaco`,
		Args:    atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if r.From == "" && r.To == "" {
				return usageError{errors.New("found neither --from nor --to, expected one of them at least; the other is storage.state")}
			}
			if err := checkOwner(r.Owner); err != nil {
				return err
			}
			for flag, text := range map[string]string{"--from": r.From, "--to": r.To} {
				if err := checkNoPassword(flag, text); err != nil {
					return err
				}
			}
			f := savedFlags{project: folder(args), secrets: secrets}
			p, of, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.Close()
			r.Now = w.Now()
			did, err := storage.CopyState(c.Context(), of, r, func(k storage.CopiedKind) {
				fmt.Fprintf(w.Stdout, "%s: %d, %d written now", k.Name, k.Rows, k.Wrote)
				if k.Hash != "" {
					fmt.Fprintf(w.Stdout, ", hash %s", k.Hash)
				}
				fmt.Fprintln(w.Stdout)
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(w.Stdout, "%s holds the same as %s: %s, verified\n", did.To, did.From, engine.Counted(did.Rows, "row"))
			fmt.Fprintf(w.Stdout, "write its address under storage.state, start the project, and never again with %s: keep that as a backup\n",
				did.From)
			return nil
		},
	}
	c.Flags().StringVar(&secrets, "secrets", "", "a folder with a file for each secret")
	c.Flags().StringVar(&r.From, "from", "", "the state that is copied: a file, or postgres://role@host:port/database; without it "+
		"storage.state")
	c.Flags().StringVar(&r.To, "to", "", "where it is copied to; without it storage.state")
	c.Flags().StringVar(&r.Owner, "owner", "", "the address of the database with the owner's role; without it that of the state is used")
	c.Flags().BoolVar(&r.TopicsMoved, "topics-moved", false, "nothing is wanted of the topics that were used with the first state")
	return c
}

// checkNoPassword refuses a password on the command line, in a place where a reference may stand.
func checkNoPassword(flag, text string) error {
	_, rest, isAddress := strings.Cut(text, "://")
	who, _, hasUser := strings.Cut(rest, "@")
	_, password, hasPassword := strings.Cut(who, ":")
	if in, err := url.Parse(text); err == nil && in.Query().Has("password") {
		hasPassword, password, hasUser = true, in.Query().Get("password"), true
	}
	if isAddress && hasUser && hasPassword && !strings.HasPrefix(password, "${") {
		return usageError{errors.New(flag + ": a password on the command line is seen by whoever lists processes; write ${secret.NAME} or " +
			"${env.NAME}, or leave it out, and set PGPASSWORD or write it into ~/.pgpass")}
	}
	return nil
}
