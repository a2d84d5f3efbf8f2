package pages

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fondaco/console"
	"fondaco/store"
)

// number reads a number of an address, 0 for none.
func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// waiting lists the routes whose messages wait, those that wait longest first.
func (s *site) waiting(v *visit) (any, error) {
	rows, err := v.topics()
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(t console.Topic) bool { return t.InFlight == 0 })
	slices.SortStableFunc(rows, func(a, b console.Topic) int {
		if a.Oldest == "" || b.Oldest == "" {
			return strings.Compare(b.Oldest, a.Oldest)
		}
		return strings.Compare(a.Oldest, b.Oldest)
	})
	return part(v, rows, topicTexts), nil
}

func topicTexts(t console.Topic) []string { return []string{t.Route, t.Topic, t.Group, t.State} }

// topics lists the accounts of all topics.
func (s *site) topics(v *visit) (any, error) {
	rows, err := v.topics()
	if err != nil {
		return nil, err
	}
	return part(v, rows, topicTexts), nil
}

// operationsPage are the operations of one state, or the one that was asked for.
type operationsPage struct {
	console.Operations
	State, ID, Next string
	States          []string
}

func (s *site) operations(v *visit) (any, error) {
	p := &operationsPage{State: v.query.Get("state"), ID: strings.TrimSpace(v.query.Get("id"))}
	for _, state := range []store.OperationState{store.Failed, store.Waiting, store.Working, store.Accepted, store.Done, store.Cancelled} {
		p.States = append(p.States, string(state))
	}
	if p.State == "" {
		p.State = string(store.Failed)
	}
	q := url.Values{"state": {p.State}, "limit": {strconv.Itoa(shown)}, "after": {v.query.Get("after")}}
	if p.ID != "" {
		q = url.Values{"id": {p.ID}}
	}
	var err error
	if p.Operations, err = ask[console.Operations](v.r.Context(), v, "GET "+console.OperationsPath, q); err != nil {
		return nil, err
	}
	if p.After != "" {
		p.Next = address(Root+"operations", "state", p.State, "after", p.After)
	}
	return p, nil
}

func (s *site) schedules(v *visit) (any, error) {
	return part(v, s.Schedules(), func(x Schedule) []string { return []string{x.Route} }), nil
}

// releasesPage are what was taken into service and what was refused, what is in service, and what is kept.
type releasesPage struct {
	list[Release]
	Served Served
	Kept   []console.Release
}

func (s *site) releases(v *visit) (any, error) {
	p := &releasesPage{Served: s.Served()}
	p.list = part(v, s.Releases(), func(r Release) []string { return append([]string{r.Refused, r.Hash}, r.Files...) })
	if v.api == nil || v.api.Releases == nil {
		return p, nil
	}
	kept, err := ask[console.ReleaseList](v.r.Context(), v, "GET "+console.ReleasesPath, nil)
	p.Kept = kept.Releases
	return p, err
}

// auditPage are entries of the audit, the latest first.
type auditPage struct {
	Rows []console.AuditEntry
	Next string
}

func (s *site) audit(v *visit) (any, error) {
	q := url.Values{"limit": {strconv.Itoa(shown)}}
	if before := number(v.query.Get("before")); before > 0 {
		from := max(before-1-shown, 0)
		q = url.Values{"after": {decimal(from)}, "limit": {decimal(before - 1 - from)}}
		if before == 1 {
			return auditPage{}, nil
		}
	}
	rows, err := ask[[]console.AuditEntry](v.r.Context(), v, "GET "+console.AuditPath, q)
	if err != nil {
		return nil, err
	}
	p := auditPage{Rows: rows}
	slices.Reverse(p.Rows)
	if n := len(rows); n > 0 && p.Rows[n-1].Number > 1 {
		p.Next = address(Root+"audit", "before", strconv.FormatInt(p.Rows[n-1].Number, 10))
	}
	return p, nil
}
