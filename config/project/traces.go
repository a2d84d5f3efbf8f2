package project

import (
	"strconv"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Traces says which exchanges are recorded and for how long. A zero field means the default.
type Traces struct {
	Off    string // "off": none is
	Sample Share
	Keep   time.Duration
	Size   int64 // of the file, in bytes
}

// Share is a part of a whole; the zero value says nothing.
type Share struct {
	Of   float64 // 0 to 1
	Said bool
}

// DefaultSample is the share of exchanges that are recorded although nothing was wrong.
const DefaultSample = 0.01

// Part returns the share of exchanges that are recorded although nothing was wrong.
func (t *Traces) Part() float64 {
	if !t.Sample.Said {
		return DefaultSample
	}
	return t.Sample.Of
}

func (t *Traces) choices() []spec.Choice {
	return []spec.Choice{spec.Words(&t.Off, "off"), spec.Of(func(o *spec.Object) {
		o.Var("sample", &t.Sample).Default("1%").
			Doc("The share of requests that are recorded although nothing was wrong: requests that failed and all work on messages are in any " +
				"case.").Example("5%")
		o.Duration("keep", &t.Keep).Within(time.Minute, mostKept).Default("30d").Doc("How long they are kept.").Example("7d")
		o.Size("size", &t.Size).Default("1GB").Doc("How large their file may be: the oldest go before that.").Example("200MB")
	})}
}

// Decode reads a percentage.
func (s *Share) Decode(n *config.Node, out *diag.List) {
	text, percent := strings.CutSuffix(strings.TrimSpace(n.Text.Value), "%")
	number, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if n.Kind != config.NodeText || !percent || err != nil || !(number >= 0 && number <= 100) {
		n.Report(out, diag.BadValue, "traces.sample: found %s, expected a percentage from 0%% to 100%%, as 1%%", n.Found())
		return
	}
	s.Of, s.Said = number/100, true
}

// Schema is that of a percentage.
func (s *Share) Schema() spec.Schema {
	return spec.Schema{"type": "string", "pattern": `^[0-9]+(\.[0-9]+)?%$`}
}
