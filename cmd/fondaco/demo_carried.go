package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"fondaco/engine"
)

// carried is the example city within the program; nil in a build with the tag nocity.
var carried fs.FS

// errNotCarried is what a program without the city says to whoever asks for it.
var errNotCarried = errors.New("this program was built without the example city (tag nocity): name a project's folder")

// openDemo opens the project that is named, or else the first that is there: that of this repository, that of the current folder, the
// city that the program carries, of which inside is true. The caller closes it.
func openDemo(w *engine.World, args []string) (p *engine.Folder, dir string, inside bool, err error) {
	if len(args) > 0 {
		p, err = engine.OpenFolder(w, args[0], "")
		return p, args[0], false, err
	}
	for _, dir := range []string{demoFolder, "."} {
		// A fondaco.yaml that is there but cannot be read is that folder's problem, and is told as one.
		if _, err := os.Lstat(w.Path(dir + "/fondaco.yaml")); !errors.Is(err, fs.ErrNotExist) {
			p, err := engine.OpenFolder(w, dir, "")
			return p, dir, false, err
		}
	}
	if carried == nil {
		return nil, "", false, errNotCarried
	}
	fmt.Fprintln(w.Stderr, "There is no fondaco.yaml here: this is the example city that the program carries.")
	return engine.OpenFiles(w, carried), "", true, nil
}

// writeCity writes the carried city into a folder that is new or empty.
func writeCity(w *engine.World, into string) error {
	if carried == nil {
		return errNotCarried
	}
	dir := w.Path(into)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("--into %s: %w", into, err)
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("--into %s: %w", into, err)
	}
	if len(there) > 0 {
		return fmt.Errorf("--into %s: found %s in it, expected an empty folder or none: name another; nothing was written", into, there[0].Name())
	}
	if err := os.CopyFS(dir, carried); err != nil {
		return fmt.Errorf("--into %s: %w", into, err)
	}
	fmt.Fprintf(w.Stdout, "The example city is in %s. Next:\n\n  fondaco demo %s    serves it here, with its systems simulated\n  "+
		"fondaco check %s   lists what is wrong\n  fondaco test %s    runs its tests\n", into, into, into, into)
	return nil
}
