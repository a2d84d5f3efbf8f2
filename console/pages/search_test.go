package pages

import (
	"testing"
	"time"

	"fondaco/console"
)

// TestBars: each bar lies within the picture, can be seen, and those of one time begin at one place; a story without any length is drawn too.
func TestBars(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	hop := func(after time.Duration, ms float64, steps ...console.HopStep) console.Hop {
		return console.Hop{Kind: "message", At: at.Add(after), Ms: ms, Steps: steps}
	}
	for name, hops := range map[string][]console.Hop{
		"one":     {hop(0, 0)},
		"nothing": {hop(0, 0, console.HopStep{})},
		"days":    {hop(0, 3, console.HopStep{After: 1, Ms: 2}), hop(72*time.Hour, 5)},
		"turned":  {hop(time.Second, 5), hop(0, 1, console.HopStep{After: -1, Ms: 99_999})}, // clocks of two machines
	} {
		p := &searchPage{}
		p.lay(hops)
		for _, r := range p.Rows {
			if r.X < 0 || r.Width < 2 || r.X+r.Width > barWidth {
				t.Errorf("%s: a bar from %d, %d wide", name, r.X, r.Width)
			}
		}
	}
	p := &searchPage{}
	p.lay([]console.Hop{hop(0, 100, console.HopStep{After: 50, Ms: 50})})
	if a, b := p.Rows[0], p.Rows[1]; a.X != 0 || a.Width != barWidth || b.X != (barWidth-2)/2 || b.Width < barWidth/2-2 || p.Whole != "100 ms" {
		t.Errorf("%+v %+v %s", a, b, p.Whole)
	}
	var many []console.Hop
	for range 200 {
		many = append(many, hop(0, 1))
	}
	p = &searchPage{}
	if p.lay(many); len(p.Rows) != mostHops || p.More != 200-mostHops {
		t.Errorf("%d rows, %d more", len(p.Rows), p.More)
	}
}
