package pages

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fondaco/connectors/policy"
	"fondaco/console"
)

// mostOperations is how many operations a page has: each has two pictures, and pages stay under 50 KB.
const mostOperations = 15

// systemPage is one system with what is measured of its operations.
type systemPage struct {
	Row        systemRow
	Operations list[operationRow]
}

// operationRow is an operation of a system.
type operationRow struct {
	console.SystemOperation
	Spark, WeekSpark *spark
}

// system shows one system.
func (s *site) system(v *visit) (any, error) {
	name := v.r.PathValue("name")
	if v.typed != nil {
		for _, row := range s.rows(v) {
			if row.Name != name {
				continue
			}
			p := &systemPage{Row: row}
			var all []operationRow
			for _, o := range row.Measured.Operations {
				all = append(all, operationRow{SystemOperation: o})
			}
			slices.SortStableFunc(all, func(a, b operationRow) int { return int(b.Week.Attempts - a.Week.Attempts) })
			p.Operations = partOf(v, all, mostOperations, func(o operationRow) []string { return []string{o.Operation, o.State} })
			for i := range p.Operations.Rows {
				o := &p.Operations.Rows[i]
				o.Spark = sparkOf(o.Minutes, 1)
				o.WeekSpark = sparkOf(o.Hours, 3)
			}
			return p, nil
		}
	}
	return nil, missing{fmt.Errorf("%s", v.T("system.none", name))}
}

// measured lists what is measured of the systems, by name.
func (s *site) measured() map[string]console.System {
	at := map[string]console.System{}
	for _, x := range console.SystemsOf(s.Now(), s.Systems(), s.Meters()) {
		at[x.System] = x
	}
	return at
}

// Took says how long attempts took: the half, of a hundred 95, and 99.
func (*visit) Took(m console.Measured) string {
	if m.Attempts == 0 {
		return "–"
	}
	last := millis(m.P99)
	if m.Beyond {
		last = "> " + last
	}
	return millis(m.P50) + " / " + millis(m.P95) + " / " + last
}

// P95 says how long 95 of a hundred attempts took at most.
func (*visit) P95(m console.Measured) string { return millis(m.P95) }

// millis writes a time with as many digits as are known of it.
func millis(ms float64) string {
	switch {
	case ms >= 1000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f ms", ms)
}

// Faults lists faults by kind: timeout 3, unavailable 1.
func (*visit) Faults(m console.Measured) string {
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(m.Faults)) {
		all = append(all, fmt.Sprintf("%s %d", kind, m.Faults[kind]))
	}
	return strings.Join(all, ", ")
}

// spark is a small picture of attempts over time, and in front of them those that failed.
type spark struct {
	Width, Height int
	Attempts, Bad string // paths
	Most          int64  // attempts in one column
	From          time.Time
	Total, Failed int64
}

const (
	sparkHeight = 24
	sparkColumn = 3 // of width, and one between columns
)

// sparkOf draws windows, some of them together as one column; nil if nothing happened in any.
func sparkOf(windows []policy.Span, together int) *spark {
	var tall, bad []int64
	p := &spark{Height: sparkHeight}
	for i, w := range windows {
		if i%together == 0 {
			tall, bad = append(tall, 0), append(bad, 0)
		}
		tall[len(tall)-1] += w.Attempts
		bad[len(bad)-1] += w.Failed()
		p.Total, p.Failed = p.Total+w.Attempts, p.Failed+w.Failed()
	}
	most := slices.Max(tall)
	if most == 0 {
		return nil
	}
	p.Most, p.From = most, windows[0].From
	p.Width = len(tall) * (sparkColumn + 1)
	p.Attempts, p.Bad = columns(tall, most), columns(bad, most)
	return p
}

// columns is the path of columns that stand on the ground; those of 0 are left out, all others can be seen.
func columns(values []int64, most int64) string {
	var b strings.Builder
	for i, n := range values {
		if n > 0 {
			fmt.Fprintf(&b, "M%d %dv-%dh%dV%dz", i*(sparkColumn+1), sparkHeight, max(1, n*sparkHeight/most), sparkColumn, sparkHeight)
		}
	}
	return b.String()
}
