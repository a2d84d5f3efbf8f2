package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// redisDies has the server of storage.cache killed, emptied and standing still under load, and the engine killed amid.
// The server is a hint: nothing is lost, no call that has an effect each time is made twice, and no answer that was kept
// for one key serves another.
func redisDies(ctx context.Context, r *round, times int) error {
	e := r.engines[0]
	s, err := newRedis(r.dir)
	if err != nil {
		return err
	}
	r.closers = append(r.closers, s.kill)
	if err := s.start(ctx, r); err != nil {
		return err
	}
	e.env = append(e.env, "CACHE=redis://"+s.addr)
	return r.inDoubt(ctx, func() error {
		for n := range times {
			if err := r.lives(ctx, e); err != nil {
				return err
			}
			if err := r.uses(ctx, e, s); err != nil {
				return err
			}
			if err := r.flows(ctx, 50+r.random.IntN(150)); err != nil {
				return err
			}
			if err := r.hurt(ctx, e, s, n); err != nil {
				return err
			}
		}
		if err := r.lives(ctx, e); err != nil {
			return err
		}
		return r.uses(ctx, e, s)
	})
}

// hurt does one of three things to the server, and kills the engine every other time before it is well again.
func (r *round) hurt(ctx context.Context, e *engine, s *redis, n int) error {
	crash := func() error {
		wait(ctx, time.Duration(r.random.IntN(1000))*time.Millisecond)
		if n%2 == 1 {
			return nil
		}
		r.killed(e)
		return e.start()
	}
	switch n % 3 {
	case 0:
		s.kill()
		if err := crash(); err != nil {
			return err
		}
		return s.start(ctx, r)
	case 1:
		if _, err := s.ask("FLUSHALL"); err != nil {
			return err
		}
		return crash()
	default:
		if err := s.process.Process.Signal(syscall.SIGSTOP); err != nil {
			return err
		}
		err := crash()
		wait(ctx, 2*time.Second)
		if err := s.process.Process.Signal(syscall.SIGCONT); err != nil {
			return err
		}
		return err
	}
}

// uses waits until the engine says that it has the server, and the server has something of it.
func (r *round) uses(ctx context.Context, e *engine, s *redis) error {
	return r.eventually(ctx, max(progress, r.w.patience), func() string {
		keys, err := s.ask("DBSIZE")
		if err != nil {
			return err.Error()
		}
		if up := e.metric(ctx, "fondaco_cache_up"); up != "1" || keys == 0 {
			return fmt.Sprintf("silent: the Redis server is there with %d keys, and fondaco_cache_up is %q; the engine said last:\n%s", keys, up,
				e.output)
		}
		return ""
	})
}

// redis is a real server, with nothing on disk.
type redis struct {
	program, addr, dir string
	process            *exec.Cmd
}

// newRedis finds the server's program. errSkipped if there is none.
func newRedis(dir string) (*redis, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		program = filepath.Join(".tools", "redis", "redis-server")
		if _, err := os.Stat(program); err != nil {
			return nil, fmt.Errorf("%w: redis-server is absent; scripts/wider fetches it", errSkipped)
		}
	}
	ports, err := quietPorts(1)
	if err != nil {
		return nil, err
	}
	return &redis{program: program, dir: dir, addr: fmt.Sprintf("127.0.0.1:%d", ports[0])}, nil
}

// start starts the server, empty, and waits until it answers.
func (s *redis) start(ctx context.Context, r *round) error {
	_, port, _ := net.SplitHostPort(s.addr)
	s.process = exec.Command(s.program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.dir)
	s.process.SysProcAttr = mortal()
	if err := s.process.Start(); err != nil {
		return err
	}
	return r.eventually(ctx, r.w.patience, func() string {
		if _, err := s.ask("DBSIZE"); err != nil {
			return "the Redis server does not answer: " + err.Error()
		}
		return ""
	})
}

// kill is kill -9. It waits for the end.
func (s *redis) kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}

// ask sends a command and returns the number that is answered; 0 if it is none.
func (s *redis) ask(command string) (int, error) {
	c, err := net.DialTimeout("tcp", s.addr, 10*time.Second)
	if err != nil {
		return 0, err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := fmt.Fprintf(c, "%s\r\n", command); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return 0, err
	}
	if strings.HasPrefix(line, "-") {
		return 0, fmt.Errorf("redis answers %s", line)
	}
	n, _ := strconv.Atoi(strings.TrimSpace(strings.TrimLeft(line, ":+")))
	return n, nil
}
