package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// diskFulls has the disk of the engine's files run full under load: what cannot be kept is answered 503 until there is
// space, and all goes on by itself. The kill at the end leaves nothing but what is on the disk.
func diskFulls(ctx context.Context, r *round, times int) error {
	disk := filepath.Join(r.dir, "node0")
	if err := os.MkdirAll(disk, 0o700); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: a small disk cannot be mounted: %w %s", errSkipped, err, out)
	}
	r.closers = append([]func(){func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }}, r.closers...) // after the engines' end
	if err := r.begin(ctx); err != nil {
		return err
	}
	for range times {
		if err := r.flows(ctx, 100); err != nil {
			return err
		}
		_, before := r.ledger.words()
		over := r.ledger.disturb(disturbance{What: "a full disk", Bound: inFlight}) // work whose event cannot be kept begins again
		full := filepath.Join(disk, "full")
		if err := fill(full); err != nil {
			return err
		}
		err := r.eventually(ctx, 30*time.Second, func() string {
			if _, now := r.ledger.words(); now["503"] < before["503"]+5 {
				return "nobody was told 503 on a full disk"
			}
			return ""
		})
		wait(ctx, time.Second)
		if err := errors.Join(err, os.Remove(full)); err != nil {
			return err
		}
		if err := r.flows(ctx, 100); err != nil {
			return fmt.Errorf("with space again: %w", err)
		}
		over()
	}
	return r.crash(ctx)
}

// crash kills the engine and starts it again.
func (r *round) crash(ctx context.Context) error {
	r.killed(r.engines[0])
	if err := r.engines[0].start(); err != nil {
		return err
	}
	return r.engines[0].ready(ctx)
}

// fill takes all space that is left.
func fill(name string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for size := 64 << 10; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			return err
		}
	}
	return nil
}

// fsyncFails lets every third fsync of the engine fail for a while (EIO, by strace), and kills it then.
func fsyncFails(ctx context.Context, r *round, times int) error {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return fmt.Errorf("%w: strace is absent", errSkipped)
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	for range times {
		if err := r.flows(ctx, 100); err != nil {
			return err
		}
		e := r.engines[0]
		over := r.ledger.disturb(disturbance{What: "an fsync that failed", Bound: inFlight})
		_, before := r.ledger.words()
		hurt := exec.CommandContext(ctx, strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync",
			"-e", "inject=fsync,fdatasync:error=EIO:when=5+3", "-p", strconv.Itoa(e.pid()))
		said := &tail{}
		hurt.Stdout, hurt.Stderr, hurt.SysProcAttr = said, said, mortal()
		if err := hurt.Start(); err != nil {
			return err
		}
		err := r.eventually(ctx, 20*time.Second, func() string {
			if _, now := r.ledger.words(); now["503"] < before["503"]+5 {
				return "nobody was told 503 while fsync failed; strace says: " + said.String()
			}
			return ""
		})
		wait(ctx, 500*time.Millisecond)
		_ = hurt.Process.Signal(syscall.SIGINT)
		_ = hurt.Wait()
		if err != nil {
			return err
		}
		if err := r.crash(ctx); err != nil {
			return err
		}
		over()
	}
	return r.flows(ctx, 100)
}
