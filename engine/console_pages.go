package engine

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/console"
	"fondaco/console/pages"
	"fondaco/server"
)

// consolePages are the console's pages of what is served, by the server once it is made.
func (s *Serving) consolePages(log *slog.Logger, srv *atomic.Pointer[server.Server]) map[string]http.Handler {
	seen := &firstSeen{}
	all := pages.New(pages.Deps{
		Kept: func(ctx context.Context) (*console.API, error) {
			if s.storage != nil {
				return s.api(), nil
			}
			return s.only.API(ctx, log)
		},
		Project: s.releases.project,
		Systems: s.live.Health,
		Meters:  s.live.Meters,
		Parts: func() []pages.Part {
			x := srv.Load()
			if x == nil {
				return nil
			}
			return seen.parts(x.Unwell(), s.World.Now())
		},
		Schedules: func() []pages.Schedule {
			var all []pages.Schedule
			for name, x := range s.programs.work.Schedules() {
				all = append(all, pages.Schedule{Route: name, Last: x.Last, Next: x.Next, Missed: x.Missed})
			}
			slices.SortFunc(all, func(a, b pages.Schedule) int { return strings.Compare(a.Route, b.Route) })
			return all
		},
		Releases: s.releases.list,
		Served:   s.served,
		Build:    s.built,
		Lost: func() int64 {
			if s.Dropped == nil {
				return 0
			}
			return s.Dropped()
		},
		Now: s.World.Now,
	})
	all["GET "+console.SystemsPath] = console.SystemsPage(func() []console.System {
		return console.SystemsOf(s.World.Now(), s.live.Health(), s.live.Meters())
	})
	return all
}

// firstSeen remembers since when parts are known to be unwell: nothing is asked for it while nobody looks.
type firstSeen struct {
	mu    sync.Mutex
	since map[string]time.Time
}

func (f *firstSeen) parts(unwell []server.Unwell, now time.Time) (all []pages.Part) {
	f.mu.Lock()
	defer f.mu.Unlock()
	former := f.since
	f.since = map[string]time.Time{}
	for _, u := range unwell {
		since, known := former[u.Name]
		if !known {
			since = now
		}
		f.since[u.Name] = since
		all = append(all, pages.Part{Name: u.Name, Detail: u.Detail, Fails: u.Fails, Since: since})
	}
	return all
}
