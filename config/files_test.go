package config_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
)

// TestReadFiles holds that files which are read at once give what they give one by one: the same nodes and the same problems, by file.
func TestReadFiles(t *testing.T) {
	fsys, names := fstest.MapFS{}, []string{}
	for i := range 40 {
		name, text := fmt.Sprintf("f%02d.yaml", i), fmt.Sprintf("a: %d\n", i)
		switch i % 4 {
		case 1:
			text = ""
		case 2:
			text = "a: 1\na: 2\n"
		}
		names = append(names, name)
		if i%4 != 3 {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	got := make([]*config.Node, len(names))
	problems := config.ReadFiles(fsys, names, func(i int, n *config.Node) bool { got[i] = n; return true })
	for i, name := range names {
		var out diag.List
		want := config.ReadFile(fsys, name, &out, diag.Pos{File: name})
		if (want == nil) != (got[i] == nil) || want != nil && want.Get("a").Text.Value != got[i].Get("a").Text.Value {
			t.Errorf("%s: found %v, expected %v", name, got[i], want)
		}
		said := func(l *diag.List) (texts []string) {
			for p := range l.All() {
				texts = append(texts, fmt.Sprint(p.Pos, p.Code, p.Message, p.Hint))
			}
			return texts
		}
		if a, b := said(&problems[i]), said(&out); !slices.Equal(a, b) {
			t.Errorf("%s: found %q, expected %q", name, a, b)
		}
	}
}

// TestReadFilesAtOnce holds that several files are made into something at the same time, where there are processors for it.
func TestReadFilesAtOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	fsys := fstest.MapFS{"a.yaml": {Data: []byte("a: 1")}, "b.yaml": {Data: []byte("b: 1")}}
	var both sync.WaitGroup
	both.Add(2)
	met := make(chan struct{})
	go func() { both.Wait(); close(met) }()
	config.ReadFiles(fsys, []string{"a.yaml", "b.yaml"}, func(int, *config.Node) bool {
		both.Done()
		select {
		case <-met:
		case <-time.After(time.Minute):
			t.Error("the other file was not begun within a minute")
		}
		return true
	})
}

// TestReadFilesPanic holds that a panic over one file comes to the caller, who may contain it.
func TestReadFilesPanic(t *testing.T) {
	fsys := fstest.MapFS{"a.yaml": {Data: []byte("a: 1")}, "b.yaml": {Data: []byte("b: 1")}}
	defer func() {
		if r := recover(); r != "b" {
			t.Errorf("recovered %v, expected b", r)
		}
	}()
	config.ReadFiles(fsys, []string{"a.yaml", "b.yaml"}, func(i int, _ *config.Node) bool {
		if i == 1 {
			panic("b")
		}
		return true
	})
}

// TestReadFilesEnough holds that files which are not wanted any more are not read.
func TestReadFilesEnough(t *testing.T) {
	fsys, names := fstest.MapFS{}, []string{}
	for i := range 1000 {
		names = append(names, fmt.Sprint(i, ".yaml"))
		fsys[names[i]] = &fstest.MapFile{Data: []byte("a: 1")}
	}
	var read atomic.Int64
	config.ReadFiles(fsys, names, func(int, *config.Node) bool { return read.Add(1) < 3 })
	if most := int64(3 + runtime.GOMAXPROCS(0)); read.Load() < 3 || read.Load() > most {
		t.Errorf("%d files were read, expected 3 to %d", read.Load(), most)
	}
}
