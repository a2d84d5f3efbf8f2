package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// hangups returns the process's SIGHUPs until ctx ends. One that came because the terminal was closed from which the
// process was started is none of them: it stops the process, as it would without us.
func hangups(ctx context.Context, stop func()) <-chan os.Signal {
	all, out := make(chan os.Signal, 1), make(chan os.Signal, 1)
	attached := hasTerminal()
	signal.Notify(all, syscall.SIGHUP)
	go func() {
		defer signal.Stop(all)
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-all:
				if attached && !hasTerminal() {
					stop()
					return
				}
				select {
				case out <- s:
				default: // one is waiting to be looked at
				}
			}
		}
	}()
	return out
}

// hasTerminal reports whether the process has a controlling terminal.
func hasTerminal() bool {
	f, err := os.Open("/dev/tty")
	if err == nil {
		_ = f.Close()
	}
	return err == nil
}
