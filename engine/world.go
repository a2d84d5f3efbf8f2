package engine

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"
)

// World is everything outside of the program that a command, or a project that is served, may touch: nothing else reads the
// environment or the arguments by itself. Tests make a World in memory.
type World struct {
	Args           []string
	Env            func(name string) (string, bool)
	Dir            string    // the folder that relative paths start from
	Stdin          io.Reader // nil if there is none
	Stdout, Stderr io.Writer
	Colour         bool // whether Stderr and Stdout understand ANSI colours
	Terminal       bool // whether a person reads Stderr
	Screen         bool // whether Stdout is a terminal
	Now            func() time.Time
	Hangups        func(ctx context.Context) <-chan os.Signal //nolint:forbidigo // a type. SIGHUPs from now on; nil if there are none
}

// Path makes a name absolute, from the World's folder.
func (w *World) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.Dir, name)
}
