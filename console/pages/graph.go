package pages

import (
	"unicode/utf8"

	"fondaco/connectors"
	"fondaco/routes"
)

// graph is a route as a picture: what starts it above, its steps below one another, those inside a step to the right of it.
type graph struct {
	Width, Height int
	Boxes         []box
	Lines         []line
}

// box is a step. Its text is cut to what fits; Whole is all of it.
type box struct {
	X, Y, W, H        int
	Kind, Text, Whole string
	Class             string // start, call, once, inner or end
}

// TextY and KindY are where the lines of a box are written.
func (b box) KindY() int { return b.Y + 15 }

// TextY is where the second line of a box is written.
func (b box) TextY() int { return b.Y + 32 }

// TextX is where the lines of a box begin.
func (b box) TextX() int { return b.X + 10 }

// line leads from a step to the next.
type line struct{ X1, Y1, X2, Y2 int }

const (
	boxWidth  = 250
	boxHeight = 42
	boxGap    = 14
	indent    = 26
	boxLetter = 31 // that fit into a box
	mostBoxes = 60
)

// draw lays a route out; nil if it has too many steps for a picture: the list below it has them all.
func draw(start string, r *routes.TypedRoute) *graph {
	g := &graph{}
	g.add(0, "start", "", start, -1)
	last := g.steps(r.Steps, 0, 0)
	if r.Status > 0 {
		g.add(0, "end", "respond", decimal(r.Status), last)
	}
	if len(g.Boxes) > mostBoxes {
		return nil
	}
	for _, b := range g.Boxes {
		g.Width, g.Height = max(g.Width, b.X+b.W+2), max(g.Height, b.Y+b.H+2)
	}
	return g
}

// steps adds steps below the box from which they are reached, and returns the last of them.
func (g *graph) steps(steps []*routes.Step, depth, from int) int {
	for i, s := range steps {
		class := "inner"
		if c := s.Call; c != nil {
			class = "call"
			if c.Effect == connectors.Once {
				class = "once"
			}
		}
		text := s.Title
		if text == "" {
			text = s.ID
		}
		at := g.add(depth, class, s.Kind, text, from)
		if len(s.Steps) > 0 {
			g.steps(s.Steps, depth+1, at)
		}
		if depth == 0 || i < len(steps)-1 && steps[i+1].Kind == s.Kind && s.Call != nil {
			from = at
		}
	}
	return from
}

// add adds a box, reached from another one unless that is -1, and returns its number.
func (g *graph) add(depth int, class, kind, text string, from int) int {
	b := box{
		X: 2 + depth*indent, Y: 2 + len(g.Boxes)*(boxHeight+boxGap), W: boxWidth, H: boxHeight, Class: class, Kind: kind, Text: text, Whole: text,
	}
	if utf8.RuneCountInString(text) > boxLetter {
		b.Text = string([]rune(text)[:boxLetter-1]) + "…"
	}
	if from >= 0 {
		f := g.Boxes[from]
		x := f.X + 12
		if b.X > f.X {
			g.Lines = append(g.Lines, line{x, f.Y + f.H, x, b.Y + b.H/2}, line{x, b.Y + b.H/2, b.X, b.Y + b.H/2})
		} else {
			g.Lines = append(g.Lines, line{x, f.Y + f.H, x, b.Y})
		}
	}
	g.Boxes = append(g.Boxes, b)
	return len(g.Boxes) - 1
}
