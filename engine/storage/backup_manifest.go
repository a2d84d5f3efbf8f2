package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"fondaco/messaging/embedded"
	"fondaco/store"
	"fondaco/store/sqlite"
	"fondaco/store/sqlitefile"
)

// The files of a backup.
const (
	ManifestName = "backup.json"
	StateName    = "state.db"
	TopicsName   = "topics.db"
	groupsName   = "groups.json"
)

// manifestFormat is the newest format of manifests that is known; the first is 1.
const manifestFormat = 1

// Manifest says what a backup holds. It is the last file that is written, and its sum covers all of it.
type Manifest struct {
	Format  int                `json:"fondaco_backup"`
	Project string             `json:"project"`
	Moment  time.Time          `json:"moment"`  // what was accepted before it is in the backup
	Version string             `json:"version"` // of the program that made it
	Topics  string             `json:"topics"`  // embedded, kafka, nats, or none for a project that keeps none
	Files   []BackupFile       `json:"files"`
	Places  []store.GroupPlace `json:"places,omitempty"` // on Kafka
	Sum     string             `json:"sum"`              // SHA-256 of the manifest with an empty sum, as it is written without white space
}

// BackupFile is a file of a backup.
type BackupFile struct {
	Name   string `json:"name"`
	Format int    `json:"format,omitempty"` // of a file of SQLite
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// file returns the file of a name, nil if the backup has none.
func (m *Manifest) file(name string) *BackupFile {
	for i := range m.Files {
		if m.Files[i].Name == name {
			return &m.Files[i]
		}
	}
	return nil
}

// kindOf returns what kind a file of a backup is; false for one that is not of SQLite.
func kindOf(name string) (sqlitefile.Kind, bool) {
	switch name {
	case StateName:
		return sqlite.FileKind(), true
	case TopicsName:
		return embedded.FileKind(), true
	}
	return sqlitefile.Kind{}, false
}

// sum returns the check sum of the manifest.
func (m *Manifest) sum() (string, error) {
	bare := *m
	bare.Sum = ""
	text, err := json.Marshal(bare)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// write puts the manifest into the folder dir, on the disk.
func (m *Manifest) write(dir string) (err error) {
	if m.Sum, err = m.sum(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, ManifestName), append(text, '\n'))
}

// ReadManifest reads that of the backup in the folder dir.
func ReadManifest(dir string) (*Manifest, error) {
	file := filepath.Join(dir, ManifestName)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not a backup: it has no %s; expected a folder that fondaco backup made", dir, ManifestName)
	}
	if err != nil {
		return nil, err
	}
	damaged := func(why string) error {
		return fmt.Errorf("%s is damaged, take another backup: %s", file, why)
	}
	var head struct {
		Format int `json:"fondaco_backup"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, damaged(err.Error())
	}
	if head.Format > manifestFormat {
		return nil, fmt.Errorf("%s: the backup was made by a newer version of fondaco (format %d, this one knows %d): restore it by that version",
			dir, head.Format, manifestFormat)
	}
	m := &Manifest{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, damaged(err.Error())
	}
	sum, err := m.sum()
	if err != nil {
		return nil, err
	}
	if sum != m.Sum || m.Format < 1 {
		return nil, damaged("its check sum is wrong")
	}
	return m, nil
}

// describe adds a file of the folder dir to the manifest.
func (m *Manifest) describe(dir, name string, format int) error {
	f := BackupFile{Name: name, Format: format}
	var err error
	if f.Size, f.SHA256, err = digest(filepath.Join(dir, name)); err == nil {
		m.Files = append(m.Files, f)
	}
	return err
}

// digest returns the size of a file and its SHA-256.
func digest(file string) (size int64, sum string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}

// verify reads all files of the backup in the folder dir, and reports the first that is not as it was written.
func (m *Manifest) verify(ctx context.Context, dir string) error {
	for _, f := range m.Files {
		if filepath.Base(f.Name) != f.Name {
			return fmt.Errorf("%s: found the file %q, expected one of the folder itself", dir, f.Name)
		}
		file := filepath.Join(dir, f.Name)
		size, sum, err := digest(file)
		if err != nil {
			return fmt.Errorf("the backup cannot be read: %w", err)
		}
		if size != f.Size || sum != f.SHA256 {
			return fmt.Errorf("%s is damaged, take another backup: it is not what was written (%d bytes, expected %d)", file, size, f.Size)
		}
		if kind, is := kindOf(f.Name); is {
			if _, err := kind.Verify(ctx, file, m.Project); err != nil {
				return err
			}
		}
	}
	return nil
}
