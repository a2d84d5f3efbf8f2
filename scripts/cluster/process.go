package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// patience is how long a part may take to answer: on a loaded machine it is slow.
const patience = 2 * time.Minute

// process is a program that is run, killed and run again, with the same arguments each time.
type process struct {
	path, dir string
	args, env []string
	log       string                          // the file that its output is added to
	ready     func(ctx context.Context) error // nil once it answers

	command *exec.Cmd
	ended   chan struct{} // is closed when the command has ended
}

// start runs the program and waits until it answers.
func (p *process) start(ctx context.Context) error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	c := exec.Command(p.path, p.args...)
	c.Dir, c.Env, c.Stdout, c.Stderr, c.SysProcAttr = p.dir, append(os.Environ(), p.env...), log, log, mortal()
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait()
	}()
	p.command, p.ended = c, ended
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if err = p.ready(ctx); err == nil {
			return nil
		}
		select {
		case <-ended:
			p.command = nil
			return fmt.Errorf("it ended as it started; its log is %s", p.log)
		case <-ctx.Done():
			p.kill()
			return fmt.Errorf("it does not answer: %w; its log is %s", err, p.log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	p.wait()
}

// stop ends the program in order, and after a minute by force.
func (p *process) stop() {
	if p.command == nil {
		return
	}
	p.signal(syscall.SIGTERM)
	late := time.AfterFunc(time.Minute, func() { _ = p.command.Process.Kill() })
	<-p.ended
	late.Stop()
	p.command = nil
}

func (p *process) signal(s syscall.Signal) {
	if p.command != nil {
		_ = p.command.Process.Signal(s)
	}
}

func (p *process) wait() {
	if p.command != nil {
		<-p.ended
		p.command = nil
	}
}

// part makes the process one that can be killed by name.
func (p *process) part(name, title, address string) *part {
	return &part{name: name, title: title, address: address, start: p.start, kill: p.kill, signal: p.signal, stop: p.stop, state: stopped}
}

// answers reports nil once a GET of an address is answered 200.
func answers(address string) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s is answered %d", address, res.StatusCode)
		}
		return nil
	}
}
