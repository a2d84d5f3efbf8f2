package config

import (
	"io/fs"
	"runtime"
	"sync"

	"fondaco/config/diag"
)

// ReadFiles reads YAML files as ReadFile does, and has each made into something by then, which is called of several files at once, and
// never of one that ReadFile returns nil for. The files are looked at one after another, in their order: what is read, what a project may
// not have any more and every problem are the same as of ReadFile. The lists hold the problems of each file, in the order of names. Where
// then reports that no more are wanted, files that are not looked at yet are left out. A panic of then is that of the caller.
func ReadFiles(fsys fs.FS, names []string, then func(i int, n *Node) (more bool)) []diag.List {
	problems := make([]diag.List, len(names))
	at := &atOnce{free: bytesAtOnce, turns: runtime.GOMAXPROCS(0)}
	at.changed.L = &at.mu
	for i, name := range names {
		out := &problems[i]
		if at.ended() {
			break
		}
		src, ok := readCharged(fsys, name, out, diag.Pos{File: name})
		if !ok {
			continue
		}
		if !at.begin(int64(len(src))) {
			break
		}
		at.all.Go(func() {
			more := false
			defer func() { at.end(int64(len(src)), more, recover()) }()
			n := Parse(name, src, out)
			more = n == nil || then(i, n)
		})
	}
	at.all.Wait()
	if at.failure != nil {
		panic(at.failure)
	}
	return problems
}

// bytesAtOnce is how many bytes of files are made into something at the same time, beside one file that is larger: the memory that reading
// takes is that of one large file, or of some small ones.
const bytesAtOnce = 128 << 10

// atOnce is what is being read at the same time.
type atOnce struct {
	all sync.WaitGroup

	mu      sync.Mutex
	changed sync.Cond
	free    int64 // bytes that may still be begun; below 0 while a file larger than all of them is read
	turns   int   // files that may still be begun
	busy    int
	enough  bool
	failure any
}

// begin waits until a file of a size may be begun; it reports false if none is wanted any more.
func (a *atOnce) begin(size int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.enough && a.busy > 0 && (a.turns == 0 || a.free < size) {
		a.changed.Wait()
	}
	if a.enough {
		return false
	}
	a.free, a.turns, a.busy = a.free-size, a.turns-1, a.busy+1
	return true
}

// end takes a file of a size for read. more reports whether others are wanted; failure is what its making panicked with.
func (a *atOnce) end(size int64, more bool, failure any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.free, a.turns, a.busy = a.free+size, a.turns+1, a.busy-1
	a.enough = a.enough || !more
	if a.failure == nil {
		a.failure = failure
	}
	a.changed.Broadcast()
}

func (a *atOnce) ended() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.enough
}
