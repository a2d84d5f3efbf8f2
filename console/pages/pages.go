package pages

import (
	"context"
	"net/http"
	"time"

	"fondaco/connectors/policy"
	"fondaco/console"
	"fondaco/routes"
)

// Deps is what the pages show. Its functions are called concurrently, answer at once unless they are given a context, and are all set.
type Deps struct {
	// Kept returns the operators' API of what the project keeps, nil where it keeps nothing.
	Kept func(ctx context.Context) (*console.API, error)
	// Project returns the project in service, nil before there is one.
	Project func() *routes.Typed
	// Systems says how the systems stand that routes call, by name.
	Systems func() []policy.Health
	// Meters returns what the calls of each operation are measured by.
	Meters func() []*policy.Meter
	// Parts says what of the server is unwell, as its readiness does.
	Parts func() []Part
	// Schedules says how the routes stand that start by themselves, by name.
	Schedules func() []Schedule
	// Releases returns what was taken into service and what was refused, the latest first.
	Releases func() []Release
	// Served says what is in service.
	Served func() Served
	// Build names the version that runs, and what it was built from.
	Build func() string
	// Lost is how many lines of the log could not be written since the process began.
	Lost func() int64
	// Now is the time that is shown.
	Now func() time.Time
}

// Part is something that the server works with and that is unwell.
type Part struct {
	Name   string
	Detail string    // what is wrong and what to do
	Fails  bool      // requests are refused for it
	Since  time.Time // when that was first seen
}

// Schedule is a route that starts by itself.
type Schedule struct {
	Route      string
	Last, Next time.Time // zero if unknown
	Missed     int64     // due times that nobody was there for
}

// Release is a project that was taken into service, or could not be.
type Release struct {
	At              time.Time
	Files           []string // that differed; none at the start
	Routes, Systems int
	Refused         string // why it was not taken; "" for one that was
	Again           bool   // the files are again as those of the program in service
	Hash            string // of the files of one that was taken
	Back            bool   // a kept release, served instead of the files
	Ended           bool   // the files again, after a rollback
	Who, Why        string // asked for a rollback
}

// Served is what is in service.
type Served struct {
	Hash     string
	Unkept   string    // why it is not kept; "" if it is, or nothing is
	Since    time.Time // since when a kept release is served instead of the files; zero if none is
	Who, Why string    // asked for that
}

// Root is the path under which the pages are.
const Root = "/console/"

// New returns the pages by the patterns of http.ServeMux. They are for the console's listener, which refuses what a page of another site
// asks for and a Host that it does not know.
func New(d Deps) map[string]http.Handler {
	s := &site{Deps: d}
	all := map[string]http.Handler{
		"GET /{$}":                http.RedirectHandler(Root, http.StatusSeeOther),
		"GET " + Root + "assets/": assets(),
	}
	for _, p := range s.pages() {
		all[p.pattern] = s.page(p)
	}
	return all
}

// site makes the pages.
type site struct{ Deps }

// page is a page of the console.
type page struct {
	pattern  string
	template string // the file
	tab      string // of the menu
	make     func(v *visit) (any, error)
}

func (s *site) pages() []page {
	return []page{
		{"GET " + Root + "{$}", "now", "now", s.now},
		{"GET " + Root + "routes", "routes", "routes", s.routes},
		{"GET " + Root + "routes/{id}", "route", "routes", s.route},
		{"GET " + Root + "systems", "systems", "systems", s.systems},
		{"GET " + Root + "systems/{name}", "system", "systems", s.system},
		{"GET " + Root + "search", "search", "search", s.search},
		{"POST " + Root + "search", "search", "search", s.search},
		{"GET " + Root + "waiting", "waiting", "waiting", s.waiting},
		{"GET " + Root + "dead", "dead", "dead", s.dead},
		{"GET " + Root + "dead/cause", "cause", "dead", s.cause},
		{"GET " + Root + "dead/letter", "letter", "dead", s.letter},
		{"POST " + Root + "dead/replay", "acted", "dead", s.act("POST " + console.ReplayPath)},
		{"POST " + Root + "dead/discard", "acted", "dead", s.act("POST " + console.DiscardPath)},
		{"GET " + Root + "operations", "operations", "operations", s.operations},
		{"GET " + Root + "topics", "topics", "topics", s.topics},
		{"GET " + Root + "schedules", "schedules", "schedules", s.schedules},
		{"GET " + Root + "releases", "releases", "releases", s.releases},
		{"GET " + Root + "audit", "audit", "audit", s.audit},
	}
}
