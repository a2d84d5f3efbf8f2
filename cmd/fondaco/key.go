package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/engine"
	"fondaco/server/auth"

	"github.com/spf13/cobra"
)

func keyCommand(w *engine.World) *cobra.Command {
	password, expires, owner := false, "", ""
	c := &cobra.Command{
		Use:   "key NAME",
		Short: "Make an API key for a caller, and the lines of the file of callers that let it in",
		Long: `Make an API key for a caller, and the lines of the file of callers that let it in.

The lines go to the standard output and hold a digest alone; the key goes to the standard error, once: hand it to the
caller, nothing keeps it. With --password a password is read from the standard input instead (one line, 12 characters or
more), and nothing is printed but the lines.`,
		Example: `  fondaco key comune-di-mira --owner "Ufficio SIT, Comune di Mira" --expires 2027-12-31 >> callers/partners.yaml
  fondaco key protocollo --password < password.txt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d names, expected that of the caller, as comune-di-mira", len(args))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			var out diag.List
			if name := (config.Text{Value: args[0]}); !config.CheckName(name, &out) {
				return usageError{errors.New(out.Sorted()[0].Message)}
			}
			if _, err := time.Parse(time.DateOnly, expires); expires != "" && err != nil {
				return usageError{fmt.Errorf("--expires: found %q, expected a day as 2027-12-31", expires)}
			}
			lines := "  " + args[0] + ":\n"
			if owner != "" {
				lines += fmt.Sprintf("    owner: %q\n", owner)
			}
			if password {
				digest, err := readPassword(w)
				if err != nil {
					return usageError{err}
				}
				lines += "    password: " + digest + "\n"
			} else {
				key, digest := auth.NewKey()
				fmt.Fprintf(w.Stderr, "the key of %s, which is shown this once:\n%s\n", args[0], key)
				lines += "    key: " + digest + "\n"
			}
			if expires != "" {
				lines += "    expires: " + expires + "\n"
			}
			_, err := io.WriteString(w.Stdout, lines)
			return err
		},
	}
	c.Flags().BoolVar(&password, "password", false, "read a password from the standard input, for a scheme by basic")
	c.Flags().StringVar(&expires, "expires", "", "the last day on which the caller is let in, as 2027-12-31")
	c.Flags().StringVar(&owner, "owner", "", "who answers for the caller")
	return c
}

// readPassword reads one line, and returns its digest.
func readPassword(w *engine.World) (string, error) {
	if w.Stdin == nil {
		return "", errors.New("there is no standard input to read the password from")
	}
	b, err := io.ReadAll(io.LimitReader(w.Stdin, 4<<10))
	if err != nil {
		return "", err
	}
	line, rest, _ := strings.Cut(strings.TrimSuffix(string(b), "\n"), "\n")
	if rest != "" {
		return "", errors.New("the standard input has several lines, expected the password alone")
	}
	return auth.PasswordDigest(strings.TrimSuffix(line, "\r"))
}
