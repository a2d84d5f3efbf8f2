package kept

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fondaco/config"
)

// Keep keeps what a program was made of under a hash, which stands for names and contents, as in service since now; files are those that
// differed from the program before. What is kept already under the hash is not written again. Of others the latest Most stay. The file
// appears whole and synced or not at all. It fails with config.ErrTooMuch, config.ErrDiffers, or as the disk does.
func (f *Folder) Keep(name string, r *config.Reading, files []string, now time.Time) error {
	if _, err := f.about(name); err == nil {
		return os.Chtimes(f.file(name), now, now)
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	err := replace(f.file(name), func(w io.Writer) error { return write(w, r, about{Kept: now, Files: files}) })
	if err != nil {
		return err
	}
	if err := os.Chtimes(f.file(name), now, now); err != nil {
		return err
	}
	return f.prune()
}

// write writes an archive of what was read.
func write(w io.Writer, r *config.Reading, a about) error {
	z, sum := zip.NewWriter(w), sha256.New()
	err := r.Contents(MaxBytes, func(name string, content []byte) error {
		add(sum, name, content)
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		h.SetMode(0o600)
		if strings.HasSuffix(name, "/") {
			h.Method = zip.Store
			h.SetMode(fs.ModeDir | 0o700)
		}
		entry, err := z.CreateHeader(h)
		if err == nil && content != nil {
			_, err = entry.Write(content)
		}
		return err
	})
	if err != nil {
		return err
	}
	a.Sum = hex.EncodeToString(sum.Sum(nil))
	text, err := json.Marshal(a)
	return errors.Join(err, z.SetComment(string(text)), z.Close())
}

// add adds a name and a content to a sum.
func add(sum hash.Hash, name string, content []byte) {
	_, _ = fmt.Fprintf(sum, "%q %d\n", name, len(content))
	_, _ = sum.Write(content)
}

// replace writes a file that appears whole and synced, or not at all.
func replace(file string, write func(io.Writer) error) (err error) {
	t, err := os.CreateTemp(filepath.Dir(file), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(t.Name())
		}
	}()
	if err = errors.Join(write(t), t.Sync(), t.Close()); err != nil {
		return err
	}
	if err = os.Rename(t.Name(), file); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}

// syncFolder has a folder's names survive a loss of power.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// prune removes all but the latest Most, and what a process has left that was killed while it wrote.
func (f *Folder) prune() error {
	all, err := f.List()
	for i := Most; i < len(all); i++ {
		err = errors.Join(err, os.Remove(f.file(all[i].Hash)))
	}
	left, _ := filepath.Glob(filepath.Join(f.dir, ".new-*"))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}
