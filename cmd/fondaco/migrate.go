package main

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"fondaco/engine"
	"fondaco/engine/storage"
)

func migrateCommand(w *engine.World) *cobra.Command {
	var secrets, owner, restored string
	moved := false
	c := &cobra.Command{
		Use:   "migrate [DIR]",
		Short: "Make the schema of a state on PostgreSQL, or bring it to the format of this version",
		Long: `Make the schema of a state on PostgreSQL, or bring it to the format of this version.
The server's role, that of storage.state, has no right to do so: --owner is the address of one that owns the schema or may make it,
and the server's role is given the rights that it needs. Its password is read from PGPASSWORD or ~/.pgpass. It does all or
nothing, may be done again, and processes that run with the format before go on.
--restored is for a database that its own tools have brought back to an earlier moment: no process of the project may run; when they start
again schedules, and work with calls that may not be made twice, are held until fondaco release, as after fondaco restore.`,
		Example: `  fondaco migrate city --owner postgres://owner@db-1.city.example/fondaco`,
		Args:    atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkOwner(owner); err != nil {
				return err
			}
			moment, err := checkRestored(restored, w.Now())
			if err != nil {
				return err
			}
			f := savedFlags{project: folder(args), secrets: secrets}
			p, of, err := f.open(w)
			if err != nil {
				return err
			}
			defer p.Close()
			did, err := storage.Migrate(c.Context(), of, owner, moved)
			if err != nil {
				return err
			}
			switch {
			case did.From == 0:
				fmt.Fprintf(w.Stdout, "the schema %s was made, of format %d\n", did.Schema, did.To)
			case did.From < did.To:
				fmt.Fprintf(w.Stdout, "the schema %s was brought from format %d to %d\n", did.Schema, did.From, did.To)
			default:
				fmt.Fprintf(w.Stdout, "the schema %s has format %d, which this version can use\n", did.Schema, did.To)
			}
			if did.Role != "" {
				fmt.Fprintf(w.Stdout, "the role %s may use it\n", did.Role)
			}
			if restored == "" {
				return nil
			}
			jumped, err := storage.MarkRestored(c.Context(), of, owner, moment, w.Now())
			if err != nil {
				return err
			}
			fmt.Fprintf(w.Stdout, "it is as it was at %s; schedules, and work with calls that may not be made twice, are held: fondaco release\n",
				moment.Format(time.RFC3339))
			for _, j := range jumped {
				fmt.Fprintf(w.Stdout, "the sequence %s goes on above %d\n", j.Name, j.Last)
			}
			return nil
		},
	}
	c.Flags().StringVar(&secrets, "secrets", "", "a folder with a file for each secret")
	c.Flags().StringVar(&owner, "owner", "", "the address of the database with the owner's role; without it that of storage.state is used")
	c.Flags().StringVar(&restored, "restored", "", "the moment, as 2026-01-31T09:00:00Z, to which the database was brought back by its "+
		"own tools")
	c.Flags().BoolVar(&moved, "topics-moved", false, "give up the topics that the state was used with: the next start says where topics are")
	return c
}

// checkRestored returns the moment to which a database was brought back; the zero value for none.
func checkRestored(text string, now time.Time) (moment time.Time, err error) {
	if text == "" {
		return moment, nil
	}
	moment, err = time.Parse(time.RFC3339, text)
	if err != nil || moment.After(now) {
		return moment, usageError{fmt.Errorf("--restored: found %q, expected a moment that has been, as 2026-01-31T09:00:00Z", text)}
	}
	return moment, nil
}

// checkOwner refuses a password on the command line: whoever lists processes would see it.
func checkOwner(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return usageError{errors.New("--owner: not a valid address, expected postgres://role@host:port/database")}
	}
	if _, has := u.User.Password(); has {
		return usageError{errors.New("--owner: a password on the command line is seen by whoever lists processes; " +
			"leave it out, and set PGPASSWORD or write it into ~/.pgpass")}
	}
	return nil
}
