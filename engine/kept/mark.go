package kept

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Mark says that a kept release is served instead of the project's files. The zero value says that none is.
type Mark struct {
	Hash     string    `json:"hash"`     // of what is served
	Replaces string    `json:"replaces"` // a digest of the files that it is served instead of
	Since    time.Time `json:"since"`
	Who      string    `json:"who"`
	Why      string    `json:"why"`
}

func (f *Folder) mark() string { return filepath.Join(f.dir, "rollback.json") }

// Mark returns what SetMark wrote, the zero value if nothing is marked.
func (f *Folder) Mark() (m Mark, err error) {
	text, err := os.ReadFile(f.mark())
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err == nil && m.Hash == "" {
		err = errors.New("it names no release")
	}
	if err != nil {
		return Mark{}, fmt.Errorf("what is noted of a rollback cannot be read (%s): %w", filepath.Base(f.mark()), err)
	}
	return m, nil
}

// SetMark writes a mark, whole and synced or not at all.
func (f *Folder) SetMark(m Mark) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return replace(f.mark(), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// Unmark removes a mark, if there is one.
func (f *Folder) Unmark() error {
	err := os.Remove(f.mark())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, syncFolder(f.dir))
}
