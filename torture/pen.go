package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// pen writes to a ledger on disk, which a process of its own keeps: what was written is in the file whatever becomes of
// this process. Safe for concurrent use, but for close.
type pen struct {
	mu      sync.Mutex
	process *exec.Cmd
	to      io.WriteCloser
	from    *bufio.Reader
	failed  error
}

// keeper is the flag with which this program is the process that keeps a ledger.
const keeper = "keep-ledger"

// newPen starts the process that appends to a file. The caller closes it.
func newPen(file string) (*pen, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &pen{process: exec.Command(program, "-"+keeper, file)}
	p.process.Stderr = os.Stderr
	p.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what ends this program at a terminal does not end it
	if p.to, err = p.process.StdinPipe(); err != nil {
		return nil, err
	}
	from, err := p.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.from = bufio.NewReader(from)
	return p, p.process.Start()
}

// write appends an entry. When it returns nothing but the death of the keeper, or of the machine, keeps it from the file.
// A failure is told by flush.
func (p *pen) write(e entry) {
	line, err := json.Marshal(e)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		_, err = p.to.Write(append(line, '\n'))
	}
	p.failed = errors.Join(p.failed, err)
}

// flush waits until all that was written is in the file and on disk. It returns what has failed since the pen was new.
func (p *pen) flush() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed != nil {
		return fmt.Errorf("the process that keeps %s: %w", p.process.Args[2], p.failed)
	}
	_, err := p.to.Write([]byte{'\n'})
	if err == nil {
		_, err = p.from.ReadString('\n')
	}
	if p.failed = err; err != nil {
		return fmt.Errorf("the process that keeps %s: %w", p.process.Args[2], err)
	}
	return nil
}

// close ends the ledger and waits for its process.
func (p *pen) close() {
	_ = p.to.Close()
	_ = p.process.Wait()
}

// keep appends what comes from in to a file, until in ends: each line when it has come, onto the disk once a second, and
// after an empty line, which it answers with one. The death of who writes is an end as any other. The file ends in a whole
// line unless the machine fails.
func keep(file string, in io.Reader, out io.Writer) (err error) {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Sync(), f.Close()) }()
	ended := make(chan struct{})
	var syncing sync.WaitGroup
	syncing.Go(func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(time.Second):
				_ = f.Sync() // one that fails shows at the end too
			}
		}
	})
	defer syncing.Wait()
	defer close(ended)
	lines, to := bufio.NewReaderSize(in, 64<<10), bufio.NewWriterSize(f, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		whole := err == nil
		if whole && len(line) > 1 {
			_, err = to.Write(line)
		}
		if err == nil && whole && len(line) == 1 {
			if err = errors.Join(to.Flush(), f.Sync()); err == nil {
				_, err = out.Write(line)
			}
		}
		if err == nil && lines.Buffered() == 0 {
			err = to.Flush()
		}
		if errors.Is(err, io.EOF) {
			return to.Flush()
		}
		if err != nil {
			return err
		}
	}
}
