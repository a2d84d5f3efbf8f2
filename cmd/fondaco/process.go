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
	ctx, stop := stoppable()
	w := &engine.World{
		Args:     os.Args[1:],
		Env:      os.LookupEnv,
		Dir:      dir,
		Stdin:    os.Stdin,
		Stdout:   os.Stdout,
		Stderr:   os.Stderr,
		Colour:   terminal(os.Stderr) && os.Getenv("NO_COLOR") == "",
		Terminal: terminal(os.Stderr),
		Screen:   terminal(os.Stdout),
		Now:      time.Now,
	}
	w.Hangups = func(ctx context.Context) <-chan os.Signal { return hangups(ctx, stop) }
	return w, ctx, stop
}

// stoppable returns a context that ends on the first SIGINT or SIGTERM. The second one is the system's, which ends the process at once:
// signals are the system's again before the context ends, so that none is lost between, and one that came even sooner is sent again.
func stoppable() (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(context.Background())
	came := make(chan os.Signal, 2)
	signal.Notify(came, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-came:
		case <-ctx.Done():
		}
		signal.Stop(came) // nothing is sent to it afterwards
		select {
		case again := <-came:
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Signal(again)
			}
		default:
		}
		stop()
	}()
	return ctx, stop
}

// terminal reports whether f is a character device: good enough to choose colours.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
