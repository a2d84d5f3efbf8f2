package engine

import (
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"fondaco/console/pages"
	"fondaco/routes"
)

// keptReleases is how many releases are remembered.
const keptReleases = 100

// releases are what was taken into service and what was refused since the start. The zero value is empty; safe for concurrent use.
type releases struct {
	mu    sync.Mutex
	all   []pages.Release // the latest first
	typed *routes.Typed   // in service
	hash  string          // a digest of the files that it was made of
}

// add remembers a release, the latest.
func (r *releases) add(one pages.Release) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = slices.Insert(r.all, 0, one)
	r.all = r.all[:min(len(r.all), keptReleases)]
}

// taken remembers a project that is in service since now; files are those that differed, none at the start.
func (r *releases) taken(t *routes.Typed, hash string, files []string, now time.Time) {
	r.mu.Lock()
	r.typed, r.hash = t, hash
	r.mu.Unlock()
	r.add(pages.Release{At: now, Files: files, Routes: len(t.Started()), Systems: len(t.Model.Systems)})
}

// list returns them, the latest first.
func (r *releases) list() []pages.Release {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// project returns the project in service, nil before the first.
func (r *releases) project() *routes.Typed {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.typed
}

// serving returns the project in service and the digest of its files; nil before the first.
func (r *releases) serving() (*routes.Typed, string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.typed, r.hash
}

// take remembers a project that is in service since now, made of what Reading has read.
func (s *Serving) take(t *routes.Typed, files []string) {
	sum := s.Reading.Sum(func(string) bool { return true })
	s.releases.taken(t, hex.EncodeToString(sum[:6]), files, s.World.Now())
	s.reloads.take(s.World.Now())
}
