package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"fondaco/engine"
	"fondaco/routes"
)

// The exit codes. Scripts may rely on them.
const (
	exitOK     = 0
	exitFailed = 1 // the command ran and the answer is no: problems found, tests failed, the server broke
	exitUsage  = 2 // the command was not understood
)

// exitCodes says what they mean, for the reference page.
var exitCodes = []struct {
	code  int
	means string
}{
	{exitOK, "The command did what it was asked, and found nothing wrong."},
	{exitFailed, "The command ran and the answer is no: problems found, tests failed, the server broke."},
	{exitUsage, "The command was not understood."},
}

// errFailed ends a command that has said itself what is wrong.
var errFailed = errors.New("failed")

// usageError is a command line that was not understood.
type usageError struct{ error }

// run carries out the command line of w and returns the exit code.
func run(ctx context.Context, w *engine.World) int {
	root := commands(w)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFailed), errors.Is(err, engine.ErrReported):
		return exitFailed
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.As(err, &usage) || unknownCommand(root, w.Args):
		fmt.Fprintf(w.Stderr, "fondaco: %v\nRun \"fondaco help\" for the commands.\n", err)
		return exitUsage
	}
	fmt.Fprintf(w.Stderr, "fondaco: %v\n", err)
	return exitFailed
}

// commands returns the command line of w: every command with its flags.
func commands(w *engine.World) *cobra.Command {
	root := &cobra.Command{
		Use:           "fondaco",
		Short:         "Fondaco: a city's old and foreign systems behind one typed, documented, dependable API",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetHelpCommand(helpCommand(w))
	root.SetArgs(w.Args)
	root.SetOut(w.Stdout)
	root.SetErr(w.Stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(runCommand(w), demoCommand(w), checkCommand(w), doctorCommand(w), explainCommand(w), testCommand(w), callCommand(w),
		importCommand(w), newCommand(w), keyCommand(w), topicsCommand(w), deadCommand(w), operationsCommand(w), topCommand(w), traceCommand(w),
		auditCommand(w), backupCommand(w), restoreCommand(w), releaseCommand(w), rollbackCommand(w), privacyCommand(w), storageCommand(w),
		migrateCommand(w), stateCommand(w),
		schemaCommand(w), manCommand(w), openapiCommand(w), asyncapiCommand(w), simulateCommand(w), mockCommand(w),
		versionCommand(w), referenceCommand(w))
	root.InitDefaultCompletionCmd(w.Args...)
	return root
}

// unknownCommand reports whether the arguments name no command: cobra's own error for it has no type.
func unknownCommand(root *cobra.Command, args []string) bool {
	found, _, err := root.Find(args)
	return err != nil || found == root && len(args) > 0
}

// folder is the project folder that a command works on: its only argument, or the current one.
func folder(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

// checked hands a command the project in a folder, which it needs without a problem; the folder is open until do returns. Problems are
// printed, and are engine.ErrReported.
func checked(w *engine.World, dir string, do func(p *engine.Folder, t *routes.Typed) error) error {
	p, err := engine.OpenFolder(w, dir, "")
	if err != nil {
		return err
	}
	defer p.Close()
	t, err := p.Must(w)
	if err != nil {
		return err
	}
	return do(p, t)
}

// atMostOne is cobra.MaximumNArgs(1) as a usage error.
func atMostOne(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("found %d folders, expected one", len(args))}
	}
	return nil
}
