package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"fondaco/engine"
)

// processWorld returns the process's own, and a context that ends on the first SIGINT or SIGTERM.
func processWorld() (*engine.World, context.Context, context.CancelFunc) {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal is the system's, which ends the process at once
	w := &engine.World{
		Args:     os.Args[1:],
		Env:      os.LookupEnv,
		Dir:      dir,
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Colour:   terminal(os.Stderr) && os.Getenv("NO_COLOR") == "",
		Terminal: terminal(os.Stderr),
		Now:      time.Now,
	}
	w.Hangups = func(ctx context.Context) <-chan os.Signal { return hangups(ctx, stop) }
	return w, ctx, stop
}

// terminal reports whether f is a character device: good enough to choose colours.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
