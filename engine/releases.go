package engine

import (
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/console/pages"
	"fondaco/engine/kept"
	"fondaco/routes"
)

// rememberedReleases is how many releases are remembered.
const rememberedReleases = 100

// releases are what was taken into service and what was refused since the start. The zero value is empty; safe for concurrent use.
type releases struct {
	mu    sync.Mutex
	all   []pages.Release // the latest first
	typed *routes.Typed   // in service
	hash  string          // a digest of the files that it was made of
	back  *kept.Mark      // the rollback in force; nil if there is none
	lost  string          // why what is in service is not kept; "" if it is, or nothing is
}

// add remembers a release, the latest.
func (r *releases) add(one pages.Release) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = slices.Insert(r.all, 0, one)
	r.all = r.all[:min(len(r.all), rememberedReleases)]
}

// taken remembers a project that is in service since now; files are those that differed: nil
// at the start, none at the end of a rollback.
func (r *releases) taken(t *routes.Typed, hash string, files []string, now time.Time, back *kept.Mark) {
	one := pages.Release{At: now, Files: files, Routes: len(t.Started()), Systems: len(t.Model.Systems), Hash: hash}
	one.Ended = back == nil && files != nil && len(files) == 0
	if back != nil {
		one.Back, one.Who, one.Why = true, back.Who, back.Why
	}
	r.mu.Lock()
	r.typed, r.hash, r.back = t, hash, back
	r.mu.Unlock()
	r.add(one)
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

// rollback returns the rollback in force, nil if there is none.
func (r *releases) rollback() *kept.Mark {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.back
}

// losing notes why what is in service is not kept, and reports whether that is new.
func (r *releases) losing(why string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.lost
	r.lost = why
	return why != "" && why != was
}

func (r *releases) unkept() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost
}

// health says that a kept release is served.
func (r *releases) health() error {
	back := r.rollback()
	if back == nil {
		return nil
	}
	return fmt.Errorf("the kept release %s is served instead of the project's files since %s, until they change or until "+
		"fondaco rollback --end", back.Hash, back.Since.UTC().Format(time.RFC3339))
}

// take remembers a project that is in service since now, made of what Reading has read, and keeps it.
func (s *Serving) take(t *routes.Typed, files []string) {
	if s.back != nil {
		s.releases.taken(t, s.back.Hash, files, s.World.Now(), &s.back.Mark)
		s.reloads.take(s.World.Now())
		return
	}
	hash := digestOf(s.Reading)[:shortHash]
	s.releases.taken(t, hash, files, s.World.Now(), nil)
	s.reloads.take(s.World.Now())
	s.keepRelease(t, hash, files)
}

// shortHash is how many digits of a digest name a release.
const shortHash = 12

// digestOf returns a digest of the files that were read.
func digestOf(r *config.Reading) string {
	sum := r.Sum(func(string) bool { return true })
	return hex.EncodeToString(sum[:])
}
