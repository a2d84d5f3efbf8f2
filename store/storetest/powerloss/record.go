// Package powerloss replays what a process did to its files up to a moment at which the power went: what it had not
// synced by then is gone, or there in part. What it had told the world by then stands beside it, so that a test can ask
// whether anything that was told is lost.
//
// It sees the process through strace(1). The model is that of a disk with a volatile cache below ext4 or xfs: a write is
// safe when an fsync or fdatasync of its file has returned that began after the write had returned (POSIX, fsync); of
// any other each sector of 512 bytes is there or not, in any order. A file's name is safe as soon as it is made.
package powerloss

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Log is what a process did to the files of one folder, and what it told, in order. It is read-only once recorded.
type Log struct {
	dir    string
	before map[string][]byte // the files' content before
	files  map[string]*history
	told   []told
	end    int // moments
}

// history is what happened to one file.
type history struct {
	changes []change
	syncs   []span
}

// span is from the moment at which a call began to the one at which it had returned.
type span struct{ begin, end int }

// change is a write, or the new size where data is nil.
type change struct {
	span
	at   int64
	data []byte
}

type told struct {
	moment int
	text   []byte
}

// Record runs the command under strace until it has told the given number of lines on its standard output, kills it, and
// returns what it did to the files of the folder dir. Without strace the test is skipped, in CI it fails.
func Record(t *testing.T, c *exec.Cmd, dir string, lines int) *Log {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("in CI this test needs strace")
		}
		t.Skip("strace is absent (make test-all fetches it)")
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	l := &Log{dir: dir, before: map[string][]byte{}, files: map[string]*history{}}
	present, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range present {
		if l.before[f.Name()], err = os.ReadFile(filepath.Join(dir, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
	trace := filepath.Join(t.TempDir(), "trace")
	c.Args = append([]string{
		strace, "-f", "-qq", "-y", "-xx", "-s", strconv.Itoa(64 << 20), "-o", trace, "-e", "signal=none",
		"-e", "trace=write,pwrite64,writev,pwritev,pwritev2,ftruncate,fallocate,fsync,fdatasync,sync_file_range,rename,renameat,renameat2,unlink,unlinkat",
	}, append([]string{c.Path}, c.Args[1:]...)...)
	c.Path = strace
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	scanner := bufio.NewScanner(out)
	for n := 0; n < lines && scanner.Scan(); n++ {
		continue
	}
	if err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
	for scanner.Scan() {
		continue // to the pipe's end, so that nothing of the group lives
	}
	_ = c.Wait()
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := l.read(bufio.NewReaderSize(f, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if len(l.told) == 0 || l.end == 0 {
		t.Fatal("strace has seen nothing")
	}
	return l
}

// call is one line of the trace, or two where another thread's came between.
type call struct {
	name, arguments string
	begin           int
}

// read takes up a trace. A call that never returned, for the kill, was begun and may have had its effect.
func (l *Log) read(r *bufio.Reader) error {
	open := map[string]call{} // by thread
	for {
		line, err := r.ReadString('\n')
		if err != nil { // the last line may be cut
			for _, c := range open {
				if err := l.take(c, l.end+1); err != nil {
					return err
				}
			}
			return nil
		}
		l.end++
		thread, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		if _, tail, resumed := strings.Cut(rest, " resumed>"); resumed && strings.HasPrefix(rest, "<... ") {
			c, ok := open[thread]
			if !ok {
				return fmt.Errorf("thread %s resumes what it never began: %.80s", thread, rest)
			}
			delete(open, thread)
			c.arguments += tail
			err = l.take(c, l.end)
		} else {
			name, arguments, _ := strings.Cut(rest, "(")
			c := call{name, arguments, l.end}
			if begun, unfinished := strings.CutSuffix(arguments, " <unfinished ...>"); unfinished {
				c.arguments = begun
				open[thread] = c
				continue
			}
			err = l.take(c, l.end)
		}
		if err != nil {
			return err
		}
	}
}

// take sorts a call that had returned at the moment end into its file's history.
func (l *Log) take(c call, end int) error {
	arguments, result, _ := cutLast(c.arguments, " = ")
	if strings.HasPrefix(result, "-1 ") || result == "?" {
		return nil
	}
	number, rest, _ := strings.Cut(arguments, "<")
	path, rest, _ := strings.Cut(rest, ">")
	path = string(unescape(path))
	if number == "1" && c.name == "write" {
		data, _, err := quoted(rest)
		if err != nil {
			return err
		}
		l.told = append(l.told, told{c.begin, data})
		return nil
	}
	if !strings.HasPrefix(c.name, "f") && !strings.HasPrefix(c.name, "pwrite") && !strings.HasPrefix(c.name, "write") {
		if strings.Contains(arguments, l.dir) || bytes.Contains(unescape(arguments), []byte(l.dir)) {
			return fmt.Errorf("the call %s of a file under test is not understood: %.200s", c.name, arguments)
		}
		return nil
	}
	if filepath.Dir(path) != l.dir || strings.HasSuffix(path, "-shm") { // shared memory is made anew at each start
		return nil
	}
	h := l.files[filepath.Base(path)]
	if h == nil {
		h = &history{}
		l.files[filepath.Base(path)] = h
	}
	at := span{c.begin, end}
	switch c.name {
	case "fsync", "fdatasync":
		h.syncs = append(h.syncs, at)
	case "ftruncate":
		size, err := strconv.ParseInt(strings.Trim(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ",")), ") "), 10, 64)
		if err != nil {
			return err
		}
		h.changes = append(h.changes, change{span: at, at: size})
	case "pwrite64":
		data, tail, err := quoted(rest)
		if err != nil {
			return err
		}
		fields := strings.Split(strings.Trim(tail, " ,)"), ",")
		offset, err := strconv.ParseInt(strings.TrimSpace(fields[len(fields)-1]), 10, 64)
		if err != nil {
			return err
		}
		h.changes = append(h.changes, change{at, offset, data})
	default:
		return fmt.Errorf("the call %s of the file %s is not understood", c.name, path)
	}
	return nil
}

// quoted returns the bytes of the text that comes first, and what follows it.
func quoted(s string) (data []byte, rest string, err error) {
	begin := strings.IndexByte(s, '"')
	end := strings.LastIndexByte(s, '"')
	if begin < 0 || end <= begin {
		return nil, "", fmt.Errorf("no text in %.80s", s)
	}
	return unescape(s[begin+1 : end]), s[end+1:], nil
}

// unescape reads strace's \xff; other bytes stand for themselves.
func unescape(s string) []byte {
	out := make([]byte, 0, len(s)/4+16)
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if v, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				out = append(out, byte(v))
				i += 3
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
