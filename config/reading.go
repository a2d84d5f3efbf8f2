package config

import (
	"crypto/sha256"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Reading is what was read through a Source that Record has made: of each file the digest of its content, of each file
// that was looked for in vain that there was none, of each listing the names that it gave, of each secret the digest of
// its value. Safe for concurrent use.
type Reading struct {
	source Source // what is asked again

	mu      sync.Mutex
	files   map[string]*fileMark
	answers map[questionKey]*answer
	secrets map[string]secretMark
	nodes   int // of the YAML files that were read
}

type questionKey struct{ place, what string }

// question is one that was asked about the folder at place, and how it is asked again. known is false if the answer
// cannot be given now, as of a folder that may not be read.
type question struct {
	place, what string
	ask         func(fs.FS) (answer string, known bool)
}

type answer struct {
	question
	text  string
	known bool
}

// differing returns the names that stand in one of two answers alone; the folder itself if the answers are no lists.
func (a *answer) differing(now string) []string {
	if !strings.HasPrefix(a.what, listing) || now == a.text {
		return []string{a.place}
	}
	count := map[string]int{}
	for _, name := range append(strings.Split(a.text, "\n"), strings.Split(now, "\n")...) {
		count[name]++
	}
	delete(count, "")
	maps.DeleteFunc(count, func(_ string, n int) bool { return n > 1 })
	return slices.Collect(maps.Keys(count))
}

// Record returns a Source that reads as s does and notes in the Reading what is read.
func (s Source) Record() (Source, *Reading) {
	r := &Reading{source: s, files: map[string]*fileMark{}, answers: map[questionKey]*answer{}, secrets: map[string]secretMark{}}
	s.FS = &recorder{s.FS, r}
	if s.Secrets != nil {
		s.Secrets = r.secret
	}
	return s, r
}

// Changes returns the names of the files, folders and secrets ("secret NAME") whose content is no longer what was read,
// sorted: changed, vanished, or new where one was looked for. Times, rights and owners are no content. What cannot be
// read now, though it could be, counts as unchanged: so does a disk that is away for a moment. With thorough every file
// is read again; without, a file of the same size and modification time as before is taken to be the same, unless that
// time was so recent that a second change could have had the same.
func (r *Reading) Changes(thorough bool) []string {
	r.mu.Lock()
	files, answers, secrets := maps.Clone(r.files), maps.Clone(r.answers), maps.Clone(r.secrets)
	r.mu.Unlock()
	changed := map[string]bool{}
	for name, was := range files {
		if r.fileChanged(name, was, thorough) {
			changed[name] = true
		}
	}
	for _, was := range answers {
		if now, known := was.ask(r.source.FS); known && (now != was.text || !was.known) {
			for _, name := range was.differing(now) {
				changed[name] = true
			}
		}
	}
	for name, was := range secrets {
		if now := markSecret(r.source.Secrets(name)); now != was && (now.known || !was.known) {
			changed["secret "+name] = true
		}
	}
	return slices.Sorted(maps.Keys(changed))
}

// writing reports whether a file that differs was written to just now, so that it may be half of what it will be: no event
// says so where there are none, or while a program stands between emptying a file and filling it.
func (r *Reading) writing() bool {
	return slices.ContainsFunc(r.Changes(false), func(name string) bool {
		info, err := fs.Stat(r.source.FS, name)
		return err == nil && time.Since(info.ModTime()).Abs() < quiet
	})
}

// Sum returns a digest of all that was read of the files whose names keep accepts.
func (r *Reading) Sum(keep func(name string) bool) [sha256.Size]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		if m := r.files[name]; keep(name) {
			_, _ = h.Write([]byte(strconv.Quote(name)))
			_, _ = h.Write(append(m.sum[:], byte(m.kind)))
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// note keeps the answer to a question about a file system in every Reading that notes what is read through it.
func note(fsys fs.FS, q question, text string, known bool) {
	for {
		rec, ok := fsys.(*recorder)
		if !ok {
			return
		}
		r, key := rec.reading, questionKey{q.place, q.what}
		r.mu.Lock()
		if was := r.answers[key]; was == nil {
			r.answers[key] = &answer{q, text, known}
		} else if was.text != text {
			was.known = false // it changed while it was read: asked again, it differs
		}
		r.mu.Unlock()
		fsys = rec.inner
	}
}

// noteSize notes a file that was refused for its size.
func noteSize(fsys fs.FS, name string, size int64) {
	note(fsys, question{name, "size", func(fsys fs.FS) (string, bool) {
		info, err := fs.Stat(fsys, name)
		if err != nil {
			return "", missing(err)
		}
		return strconv.FormatInt(info.Size(), 10), true
	}}, strconv.FormatInt(size, 10), true)
}

// beneath returns the file system that others only record the reading of.
func beneath(fsys fs.FS) fs.FS {
	for {
		rec, ok := fsys.(*recorder)
		if !ok {
			return fsys
		}
		fsys = rec.inner
	}
}

// secretMark is what a look-up of a secret gave. The digest is salted by the process: nobody can guess a secret by it.
type secretMark struct {
	known, found bool
	sum          [sha256.Size]byte
}

func (r *Reading) secret(name string) (Secret, bool, error) {
	s, ok, err := r.source.Secrets(name)
	now := markSecret(s, ok, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if was, seen := r.secrets[name]; seen && was != now {
		now = secretMark{} // it changed while it was read
	}
	r.secrets[name] = now
	return s, ok, err
}

func markSecret(s Secret, ok bool, err error) secretMark {
	if err != nil {
		return secretMark{}
	}
	return secretMark{known: true, found: ok, sum: sha256.Sum256([]byte(salt + s.Reveal()))}
}

// settled is how old a file's modification time must be when it is read, for the same time to mean the same content:
// longer than the steps of any file system's clock (2 s on FAT).
const settled = 3 * time.Second
