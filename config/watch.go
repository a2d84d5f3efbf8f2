package config

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	quiet     = 50 * time.Millisecond  // how long nothing may happen before a change is told
	patience  = time.Second            // how long changes without a pause may go on before one is told all the same
	lookAgain = 500 * time.Millisecond // how often a folder that is gone is looked for
	deepest   = 20                     // levels of folders
)

// Watcher tells of changes under a folder. Use Run once.
type Watcher struct {
	folder  string
	watcher *fsnotify.Watcher
	watched map[string]bool // folders, as they were given to the watcher
}

// NewWatcher begins to watch: what changes after it returns is told by Run.
func NewWatcher(folder string) (*Watcher, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", folder, err)
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", folder, err)
	}
	w := &Watcher{folder: folder, watcher: watcher, watched: map[string]bool{}}
	if w.sync(); !w.watched[folder] {
		_ = watcher.Close()
		return nil, fmt.Errorf("watch %s: %w", folder, fs.ErrNotExist)
	}
	return w, nil
}

// Watch is NewWatcher and Run: it calls changed after every change under the folder, until ctx ends.
func Watch(ctx context.Context, folder string, changed func()) error {
	w, err := NewWatcher(folder)
	if err != nil {
		return err
	}
	w.Run(ctx, changed)
	return nil
}

// Run calls changed, one call at a time, when something under the folder has changed and then been quiet for 50 ms: new
// and deleted folders, and symbolic links that were swapped, count. It returns when ctx ends, and frees the watcher.
func (w *Watcher) Run(ctx context.Context, changed func()) {
	defer w.watcher.Close()
	var due <-chan time.Time
	var since time.Time // of the first change that was not told
	missing := time.NewTicker(lookAgain)
	defer missing.Stop()
	note := func() {
		now := time.Now()
		if due == nil {
			since = now
		}
		due = time.After(max(0, min(quiet, patience-now.Sub(since))))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case event, ok := <-w.watcher.Events:
			if !ok {
				return
			}
			if w.matters(event) {
				note()
			}
		case _, ok := <-w.watcher.Errors: // events were lost: something has changed
			if !ok {
				return
			}
			note()
		case <-missing.C:
			if !w.watched[w.folder] {
				if w.sync(); w.watched[w.folder] {
					note()
				}
			}
		case <-due:
			due = nil
			w.sync()
			changed()
		}
	}
}

// matters leaves out what changes no content: rights, and the files that editors put beside the one they write.
func (w *Watcher) matters(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	if filepath.Dir(event.Name) == filepath.Dir(w.folder) && event.Name != w.folder {
		return false // beside the folder
	}
	if event.Name == w.folder && event.Op&(fsnotify.Remove|fsnotify.Rename) != 0 {
		delete(w.watched, w.folder)
		return true
	}
	name := filepath.Base(event.Name)
	return name == "..data" || !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "~") && name != "4913"
}

// sync watches exactly the folders that there are now. All are taken anew, because a path may have become another
// folder.
func (w *Watcher) sync() {
	seen := map[string]bool{}
	w.add(filepath.Dir(w.folder), seen)
	w.walk(w.folder, seen, map[string]bool{}, 0)
	for folder := range w.watched {
		if !seen[folder] {
			_ = w.watcher.Remove(folder) // it may be gone already
		}
	}
	w.watched = seen
}

func (w *Watcher) add(folder string, seen map[string]bool) bool {
	if w.watched[folder] {
		_ = w.watcher.Remove(folder) // a link's old target, or gone
	}
	if w.watcher.Add(folder) != nil {
		return false
	}
	seen[folder] = true
	return true
}

// walk follows links to folders, each true folder once.
func (w *Watcher) walk(folder string, seen, real map[string]bool, depth int) {
	target, err := filepath.EvalSymlinks(folder)
	if err != nil || real[target] || depth > deepest {
		return
	}
	real[target] = true
	if !w.add(folder, seen) {
		return
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		name := filepath.Join(folder, entry.Name())
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if entry.IsDir() {
			w.walk(name, seen, real, depth+1)
		} else if entry.Type()&fs.ModeSymlink != 0 {
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				w.walk(name, seen, real, depth+1)
			}
		}
	}
}
