package pages

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"fondaco/connectors/policy"
	"fondaco/console"
)

// incident is something that is wrong now.
type incident struct {
	Fails   bool // requests or messages fail for it, rather than that they may
	What    string
	Detail  string    // as the engine says it
	Since   time.Time // zero if not known
	AtLeast bool      // it may be so for longer
	Next    time.Time // when it is tried again; zero if not known
	Count   int64     // letters or messages; 0 for none
	Link    string    // where more is
	Routes  []string  // whom it touches
}

// nowPage is the first page.
type nowPage struct {
	Incidents       []incident
	More            int64 // that are not shown
	Routes, Systems int
	Latest          *Release
}

// mostIncidents is how many the first page shows.
const mostIncidents = 40

// old is for how long a message waits before the first page says so.
const old = 10 * time.Minute

// now lists what is wrong, the worst first, and of those the oldest.
func (s *site) now(v *visit) (any, error) {
	p := &nowPage{}
	var all []incident
	if releases := s.Releases(); len(releases) > 0 {
		p.Latest = &releases[0]
		all = append(all, refused(v, releases)...)
	}
	for _, part := range s.Parts() {
		i := incident{Fails: part.Fails, What: v.T("now.part", part.Name), Detail: part.Detail, Since: part.Since, AtLeast: true}
		if part.Name == "release" { // the page in the reader's language, with the way on
			i.What, i.Detail, i.Link = v.T("rel.until"), "", Root+"releases"
		}
		all = append(all, i)
	}
	if n := s.Lost(); n > 0 {
		all = append(all, incident{What: v.T("now.lost", n)})
	}
	systems := s.Systems()
	all = append(all, unwell(v, systems)...)
	watches, err := ask[[]console.Watch](v.r.Context(), v, "GET "+console.WatchesPath, nil)
	if err != nil {
		all = append(all, incident{Fails: true, What: v.T("now.unread"), Detail: err.Error()})
	}
	all = append(all, blind(v, watches)...)
	topics, err := v.topics()
	if err != nil {
		all = append(all, incident{Fails: true, What: v.T("now.unread"), Detail: err.Error()})
	}
	all = append(all, work(v, topics, systems)...)
	causes, err := ask[[]console.Cause](v.r.Context(), v, "GET "+console.CausesPath, url.Values{"limit": {"1000"}})
	if err != nil {
		all = append(all, incident{Fails: true, What: v.T("now.unread"), Detail: err.Error()})
	}
	for _, c := range causes {
		all = append(all, incident{
			What: v.T("now.dead", c.Letters, v.Reason(c.Reason)), Count: c.Letters, Since: c.First,
			Link: causeAddress(c), Routes: []string{c.Route},
		})
	}
	slices.SortStableFunc(all, func(a, b incident) int {
		return cmp.Or(-order(a.Fails, b.Fails), -order(a.Since.IsZero(), b.Since.IsZero()), a.Since.Compare(b.Since))
	})
	p.More = int64(max(len(all)-mostIncidents, 0))
	p.Incidents = all[:min(len(all), mostIncidents)]
	if v.typed != nil {
		p.Routes, p.Systems = len(v.typed.Started()), len(v.typed.Model.Systems)
	}
	return p, nil
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// refused returns that the files on disk are not what runs.
func refused(v *visit, releases []Release) []incident {
	of := slices.IndexFunc(releases, func(r Release) bool { return !r.Back || r.Refused == "" }) // a refused rollback is no change
	if of < 0 {
		return nil
	}
	if r := releases[of]; r.Refused != "" {
		return []incident{{
			What: v.T("now.refused"), Detail: r.Refused, Since: r.At,
			Link: Root + "releases",
		}}
	}
	return nil
}

// unwell returns the systems that are left alone, or were not reached.
func unwell(v *visit, systems []policy.Health) (all []incident) {
	for _, h := range systems {
		if !h.Unwell() {
			if h.Away {
				all = append(all, incident{
					What: v.T("now.away", h.System), Link: address(Root+"systems", "q", h.System), Routes: callers(v, h.System, ""),
				})
			}
			continue
		}
		i := incident{Fails: true, Since: h.Since(), Link: address(Root+"systems", "q", h.System)}
		if h.Whole.State != policy.Closed {
			i.What, i.Detail, i.Routes = v.T("now.system", h.System), h.Whole.Cause.Detail, callers(v, h.System, "")
			all = append(all, i)
			continue
		}
		for _, o := range h.Operations {
			i.What, i.Detail, i.Since = v.T("now.operation", h.System+"."+o.Operation), o.Cause.Detail, o.Since
			i.Routes = callers(v, h.System, o.Operation)
			all = append(all, i)
		}
	}
	return all
}

// blind returns the watches that cannot look.
func blind(v *visit, watches []console.Watch) (all []incident) {
	for _, w := range watches {
		if w.Fails() {
			all = append(all, incident{
				Fails: true, What: v.T("now.watch", w.Watch), Detail: w.Cause, Since: w.Since,
				Link: address(Root+"systems", "q", w.System()), Routes: []string{w.Route},
			})
		}
	}
	return all
}

// callers names the routes that call a system, or one operation of it.
func callers(v *visit, system, operation string) []string {
	found := map[string]bool{}
	if v.typed == nil {
		return nil
	}
	for _, r := range v.typed.Started() {
		for _, c := range r.Calls {
			if c.System == system && (operation == "" || c.Operation == operation) {
				found[r.Model.ID.Value] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// work returns the consumers that do not work, the messages that wait for long, and what no route reads.
func work(v *visit, topics []console.Topic, systems []policy.Health) (all []incident) {
	opened := map[string]time.Time{}
	for _, h := range systems {
		opened[h.System] = h.Since()
	}
	for _, t := range topics {
		at := incident{Count: t.InFlight, Link: address(Root+"waiting", "q", t.Topic), Routes: routesOf(t)}
		oldest, _ := time.Parse(time.RFC3339, t.Oldest)
		switch {
		case t.State == "ended":
			at.Fails, at.What = true, v.T("now.ended", t.Route)
		case t.State == "held":
			at.Fails, at.What = true, v.T("now.held", t.Route)
		case t.State == "paused":
			at.Fails, at.What, at.Since = true, v.T("now.paused", t.Route, t.InFlight), oldest
		case len(t.WaitsFor) > 0:
			on := waitsFor(t)
			at.What, at.Since = v.T("now.waits", t.InFlight, strings.Join(on, ", ")), oldest
			if name, _, _ := strings.Cut(on[0], "."); oldest.IsZero() {
				at.Since = opened[name]
			}
		case len(t.Retries) > 0 && t.InFlight > 0:
			again(v, &at, t)
		case !oldest.IsZero() && v.Now.Sub(oldest) > old:
			at.What, at.Since = v.T("now.old", t.InFlight, t.Topic), oldest
		}
		if at.What != "" {
			all = append(all, at)
		}
		if t.Unfit != "" {
			all = append(all, incident{What: v.T("now.unfit", t.Topic), Detail: t.Unfit, Routes: routesOf(t)})
		}
	}
	return all
}

// again says of messages that are tried again how many there are, after whose fault, and when the next attempt is.
func again(v *visit, at *incident, t console.Topic) {
	n := int64(0)
	for _, r := range t.Retries {
		n += int64(r.Messages)
		if at.Since.IsZero() || r.Since.Before(at.Since) {
			at.Since = r.Since
		}
		if r.Next.After(v.Now) && (at.Next.IsZero() || r.Next.Before(at.Next)) {
			at.Next = r.Next
		}
	}
	at.Count = min(n, t.InFlight) // they are counted at two moments
	at.What = v.T("now.waits", at.Count, strings.Join(waitsFor(t), ", "))
}

// waitsFor names the systems and operations that a topic's messages wait for, put aside or tried again: each once, and no operation of a
// system that is named.
func waitsFor(t console.Topic) []string {
	on := map[string]bool{}
	for name := range t.WaitsFor {
		on[name] = true
	}
	for _, r := range t.Retries {
		on[r.On] = true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(on)), func(name string) bool {
		system, _, operation := strings.Cut(name, ".")
		return operation && on[system]
	})
}

func routesOf(t console.Topic) []string {
	if t.Route == "" {
		return nil
	}
	return []string{t.Route}
}

// Few are the first of the routes that an incident touches.
func (i incident) Few() []string { return i.Routes[:min(len(i.Routes), 6)] }

// Others is how many more those are.
func (i incident) Others() int { return max(len(i.Routes)-6, 0) }

// causeAddress is where the letters of a cause are.
func causeAddress(c console.Cause) string {
	return address(Root+"dead/cause", "topic", c.Topic, "group", c.Group, "route", c.Route, "reason", c.Reason)
}

// RouteAddress is where a route's page is.
func (*visit) RouteAddress(id string) string { return Root + "routes/" + url.PathEscape(id) }

// SystemAddress is where a system is, given its name or that of one of its operations.
func (*visit) SystemAddress(name string) string {
	system, _, _ := strings.Cut(name, ".")
	return address(Root+"systems", "q", system)
}

func decimal(n int) string { return fmt.Sprint(n) }
