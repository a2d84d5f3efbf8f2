package pages

import (
	"fmt"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/console"
)

// systemRow is a system as it stands.
type systemRow struct {
	Name, Title, Protocol string
	Idle                  bool // no route calls it
	Health                policy.Health
	State                 string // a word of the table of texts
	Since, Until          time.Time
	Causes                []policy.BreakerHealth // what is not closed
	Routes                []string
	Tolerated, Stale      int64
	Measured              console.System
}

// Bad reports whether the system is left alone.
func (r systemRow) Bad() bool { return r.State == "open" || r.State == "partly" || r.State == "trying" }

// Few are the first of the routes that call it.
func (r systemRow) Few() []string { return r.Routes[:min(len(r.Routes), 8)] }

// Others is how many more those are.
func (r systemRow) Others() int { return max(len(r.Routes)-8, 0) }

// Concurrency says how many calls are under way, of how many.
func (r systemRow) Concurrency() string {
	if r.Health.Slots == 0 {
		return "–"
	}
	text := fmt.Sprintf("%d / %d", r.Health.InUse, r.Health.Slots)
	if r.Health.Waiting > 0 {
		text += fmt.Sprintf(" (+%d)", r.Health.Waiting)
	}
	return text
}

// systems lists the project's systems, those that are not well first.
func (s *site) systems(v *visit) (any, error) {
	if v.typed == nil {
		return list[systemRow]{}, nil
	}
	return part(v, s.rows(v), func(r systemRow) []string { return []string{r.Name, r.Title, r.Protocol} }), nil
}

// rows are the systems of the project in service.
func (s *site) rows(v *visit) []systemRow {
	measured := s.measured()
	at := map[string]policy.Health{}
	for _, h := range s.Systems() {
		at[h.System] = h
	}
	by := map[string][]string{}
	for _, r := range v.typed.Started() {
		last := map[string]bool{}
		for _, c := range r.Calls {
			if !last[c.System] {
				last[c.System] = true
				by[c.System] = append(by[c.System], r.Model.ID.Value)
			}
		}
	}
	var bad, good []systemRow
	for _, x := range v.typed.Model.Systems {
		h, open := at[x.Name]
		row := systemOf(x, h, open)
		row.Routes, row.Measured = by[x.Name], measured[x.Name]
		if row.Bad() {
			bad = append(bad, row)
		} else {
			good = append(good, row)
		}
	}
	return append(bad, good...)
}

func systemOf(x *connectors.System, h policy.Health, open bool) systemRow {
	row := systemRow{Name: x.Name, Health: h, State: "idle", Tolerated: x.Tolerated(), Stale: x.Stale()}
	if c := x.Connector; c != nil {
		row.Title = c.Title
		if c.Protocol != nil {
			row.Protocol = c.Protocol.Name
		}
	}
	if row.Idle = !open; open {
		row.State = console.StateOf(&h)
	}
	if open && h.Unwell() {
		row.Since = h.Since()
		if h.Whole.State != policy.Closed {
			row.Causes = append(row.Causes, h.Whole)
		}
		row.Causes = append(row.Causes, h.Operations...)
	}
	return row
}
