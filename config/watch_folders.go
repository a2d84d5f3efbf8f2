package config

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fsnotify/fsnotify"
)

// matters reports whether an event is a reason to look, and whether to read every file again: when one was written that
// was read. New and vanished names are a reason, since folders and links may have been swapped; other files' writing is
// none.
func (w *Watcher) matters(event fsnotify.Event) (look, thorough bool) {
	name := filepath.Clean(event.Name)
	if w.exact[name] || w.Secrets != "" && filepath.Dir(name) == w.Secrets {
		return true, event.Op != fsnotify.Chmod
	}
	if event.Op&(fsnotify.Create|fsnotify.Remove|fsnotify.Rename) == 0 {
		return false, false
	}
	base := filepath.Base(name)
	for _, top := range []string{w.Folder, w.Secrets} { // beside a folder there may be much that is nobody's business
		if top != "" && filepath.Dir(name) == filepath.Dir(top) && !w.watchedBelow(name) {
			return base == filepath.Base(top) || strings.HasPrefix(base, ".."), false
		}
	}
	return true, false
}

// watchedBelow reports whether a name lies in one of the folders themselves.
func (w *Watcher) watchedBelow(name string) bool {
	return name == w.Folder || strings.HasPrefix(name, w.Folder+string(filepath.Separator))
}

// sync watches exactly the folders that hold what was read, and those that they lie in. All are taken anew, because a
// path may have become another folder.
func (w *Watcher) sync() {
	if w.events == nil {
		return
	}
	seen := map[string]bool{}
	w.exact, w.targets = map[string]bool{}, map[string]bool{}
	for _, top := range []string{w.Folder, w.Secrets} {
		if top != "" {
			w.add(filepath.Dir(top), seen)
			w.add(top, seen)
		}
	}
	files, folders := w.reading.names()
	for _, name := range files {
		full := filepath.Join(w.Folder, filepath.FromSlash(name))
		w.exact[full] = true
		folders = append(folders, path.Dir(name))
		if target, err := filepath.EvalSymlinks(full); err == nil && target != full {
			w.exact[target] = true
			w.add(filepath.Dir(target), seen)
		}
	}
	for _, name := range folders {
		for ; name != "." && name != "/"; name = path.Dir(name) {
			w.add(filepath.Join(w.Folder, filepath.FromSlash(name)), seen)
		}
	}
	for name := range w.watched {
		if !seen[name] {
			_ = w.events.Remove(name) // it may be gone already
		}
	}
	w.watched = seen
}

func (w *Watcher) add(name string, seen map[string]bool) {
	target, err := filepath.EvalSymlinks(name)
	if err != nil || seen[name] || w.targets[target] {
		return // a folder is watched under one name
	}
	if w.watched[name] {
		_ = w.events.Remove(name) // a link's old target, or gone
	}
	if info, err := os.Stat(target); err == nil && info.IsDir() && w.events.Add(name) == nil {
		seen[name], w.targets[target] = true, true
	}
}

// names lists the files that were read or looked for, and the folders that were listed, with those in them.
func (r *Reading) names() (files, folders []string) {
	r.mu.Lock()
	files = slices.Collect(maps.Keys(r.files))
	var listed []string
	for key := range r.answers {
		if folders = append(folders, key.place); strings.HasPrefix(key.what, listing) {
			listed = append(listed, key.place)
		}
	}
	r.mu.Unlock()
	for _, top := range listed {
		_ = fs.WalkDir(beneath(r.source.FS), top, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil || entry.IsDir() && name != top && strings.HasPrefix(entry.Name(), "."):
				return fs.SkipDir
			case entry.IsDir():
				folders = append(folders, name)
			}
			return nil
		})
	}
	return files, folders
}
