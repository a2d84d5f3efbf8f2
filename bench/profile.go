package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// profile has the CPU profile of a process written for as long as told, in whole seconds, under the name of a work; the channel
// receives the outcome, nil at once where no profiles are wanted.
func (b *bench) profile(ctx context.Context, p *process, name string, lasting time.Duration) <-chan error {
	done := make(chan error, 1)
	seconds := int(lasting.Seconds())
	if p.console == "" || seconds == 0 {
		done <- nil
		return done
	}
	go func() {
		done <- func() (err error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", p.console, seconds),
				nil)
			if err != nil {
				return err
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return err
			}
			defer func() { _ = res.Body.Close() }()
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("the console has no profile to give: %s", res.Status)
			}
			if err := os.MkdirAll(b.profiles, 0o755); err != nil {
				return err
			}
			f, err := os.Create(filepath.Join(b.profiles, name+".pprof"))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, f.Close()) }()
			_, err = io.Copy(f, res.Body)
			return err
		}()
	}()
	return done
}
