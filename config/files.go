package config

import (
	"io/fs"
	"runtime"
	"sync"

	"fondaco/config/diag"
)

// ReadFiles reads YAML files as ReadFile does, and has each made into something by then, which is called of several files at once, and
// never of one that ReadFile returns nil for. The files are looked at one after another, in their order: what is read, what a project may
// not have any more and every problem are the same as of ReadFile. The lists hold the problems of each file, in the order of names. A
// panic of then is that of the caller.
func ReadFiles(fsys fs.FS, names []string, then func(i int, n *Node)) []diag.List {
	problems := make([]diag.List, len(names))
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	var once sync.Once
	var failure any
	for i, name := range names {
		out := &problems[i]
		src, ok := readCharged(fsys, name, out, diag.Pos{File: name})
		if !ok {
			continue
		}
		free <- struct{}{}
		all.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					once.Do(func() { failure = r })
				}
				<-free
			}()
			if n := Parse(name, src, out); n != nil {
				then(i, n)
			}
		})
	}
	all.Wait()
	if failure != nil {
		panic(failure)
	}
	return problems
}
