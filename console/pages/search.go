package pages

import (
	"net/url"
	"strings"
	"time"

	"fondaco/console"
	"fondaco/store/traces"
)

// mostHops is how many exchanges and steps a page has: pages stay under 50 KB. The rest is counted, and fondaco trace shows all.
const mostHops = 90

// searchPage is the story of what was searched for: all exchanges that belong to it, with their calls, over the time that they took.
type searchPage struct {
	Find   string // as it was asked for
	Story  *console.Story
	Rows   []hopRow
	More   int    // exchanges and steps that are not shown
	Absent string // why there is no story
	From   time.Time
	Whole  string // how long all of it took
}

// hopRow is an exchange, or a step of it. Its bar shows when it was, of all the time that the page shows.
type hopRow struct {
	Depth    int // of indents
	Kind     string
	Name     string // the route, SYSTEM.OPERATION, or the topic
	Step     bool
	Publish  bool
	Attempt  int
	At       time.Time
	Ms       string
	Outcome  string // a word of an exchange's; "" if a status says it
	Status   int
	Fault    string
	Bad      bool
	Effect   string
	Place    string
	Release  string
	Waits    *console.Retry
	X, Width int
}

// barWidth is how wide the time of the whole story is drawn.
const barWidth = 240

// search shows the story of a request, a trace, an operation or a message. What is typed is posted, so that an id which a caller chose
// stands in no address; pages that know an id of ours lead here with it.
func (s *site) search(v *visit) (any, error) {
	p := &searchPage{Find: strings.TrimSpace(v.query.Get("find"))}
	if p.Find == "" || v.api == nil {
		return p, nil
	}
	story, err := ask[*console.Story](v.r.Context(), v, "GET "+console.TracesPath, url.Values{"find": {p.Find}})
	if err != nil {
		return nil, err
	}
	p.Story = story
	switch {
	case !story.Recorded:
		p.Absent = v.T("search.off")
	case len(story.Hops) == 0:
		p.Absent = v.T("search.none")
	}
	p.lay(story.Hops)
	return p, nil
}

// lay makes the rows, and places their bars.
func (p *searchPage) lay(hops []console.Hop) {
	if len(hops) == 0 {
		return
	}
	from, to := hops[0].At, hops[0].At
	for i := range hops {
		h := &hops[i]
		if h.At.Before(from) {
			from = h.At
		}
		if end := h.At.Add(spanOf(h.Ms)); end.After(to) {
			to = end
		}
		p.Rows = append(p.Rows, rowOfHop(h))
		for j := range h.Steps {
			p.Rows = append(p.Rows, rowOfStep(h, &h.Steps[j]))
			if end := h.At.Add(spanOf(h.Steps[j].After + h.Steps[j].Ms)); end.After(to) {
				to = end
			}
		}
	}
	whole := to.Sub(from)
	p.From, p.Whole = from, millis(float64(whole.Microseconds())/1000)
	if len(p.Rows) > mostHops {
		p.More = len(p.Rows) - mostHops
		p.Rows = p.Rows[:mostHops]
	}
	for i := range p.Rows {
		p.Rows[i].place(from, whole)
	}
}

func spanOf(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// place sets the bar. Its Width is its duration in milliseconds before.
func (r *hopRow) place(from time.Time, whole time.Duration) {
	took := time.Duration(r.Width) * time.Microsecond
	r.X, r.Width = 0, barWidth
	if whole > 0 {
		r.X = int(int64(barWidth-2) * int64(r.At.Sub(from)) / int64(whole))
		r.Width = max(2, int(int64(barWidth)*int64(took)/int64(whole)))
	}
	r.X = min(max(r.X, 0), barWidth-2)
	r.Width = min(r.Width, barWidth-r.X)
}

func rowOfHop(h *console.Hop) hopRow {
	r := hopRow{
		Depth: min(h.Depth, 6), Kind: h.Kind, Name: h.Route, Attempt: h.Attempt, At: h.At, Ms: millis(h.Ms), Outcome: h.Outcome,
		Status: h.Status, Fault: h.Fault, Release: h.Release, Waits: h.Waits, Width: int(h.Ms * 1000),
	}
	r.Bad = h.Status >= 500 || h.Fault != "" || h.Kind == traces.Message && h.Outcome != "done"
	return r
}

func rowOfStep(h *console.Hop, t *console.HopStep) hopRow {
	return hopRow{
		Depth: min(h.Depth, 6) + 1, Step: true, Publish: t.Effect == traces.Publishes, Name: t.Operation, Attempt: t.Attempt,
		At: h.At.Add(spanOf(t.After)), Ms: millis(t.Ms), Fault: t.Fault, Bad: t.Fault != "", Effect: t.Effect, Place: t.Place,
		Width: int(t.Ms * 1000),
	}
}

// Indents is what a row is moved by, as one letter for each.
func (r hopRow) Indents() string { return strings.Repeat("\u2003", r.Depth) }

// SearchAddress is where the story of an id of ours is.
func (*visit) SearchAddress(id string) string { return address(Root+"search", "find", id) }

// OperationAddress is where an accepted request is.
func (*visit) OperationAddress(id string) string { return address(Root+"operations", "id", id) }

// Became says what became of an exchange.
func (v *visit) Became(outcome string) string { return v.T("outcome." + outcome) }

// Hop says what kind of exchange it was.
func (v *visit) Hop(kind string) string { return v.T("hop." + kind) }
