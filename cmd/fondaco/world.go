package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// World is everything outside of the program that a command may touch: nothing below cmd reads the environment, the
// arguments or the clock by itself. Tests make a World in memory.
type World struct {
	Args           []string
	Env            func(name string) (string, bool)
	Dir            string    // the folder that relative paths start from
	Stdin          io.Reader // nil if there is none
	Stdout, Stderr io.Writer
	Colour         bool // whether Stderr and Stdout understand ANSI colours
	Terminal       bool // whether a person reads Stderr
	Now            func() time.Time
	Hangups        func(ctx context.Context) <-chan os.Signal // SIGHUPs from now on; nil if there are none
}

// processWorld returns the process's own, and a context that ends on SIGINT and SIGTERM.
func processWorld() (*World, context.Context, context.CancelFunc) {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	w := &World{
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

// path makes a name absolute, from the World's folder.
func (w *World) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.Dir, name)
}
