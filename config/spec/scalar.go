package spec

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
)

// Text is a text that keeps its place.
func Text(p *config.Text) Choice {
	return Choice{words: "text", fits: isText, schema: typed("string"), decode: func(_ *context, n *config.Node) { *p = n.Text }}
}

// String is a text.
func String(p *string) Choice {
	return Choice{words: "text", fits: isText, schema: typed("string"), decode: func(_ *context, n *config.Node) { *p = n.Text.Value }}
}

// Bool is true or false.
func Bool(p *bool) Choice {
	return Choice{
		words: "true or false", fits: func(n *config.Node) bool { return n.Is(config.NodeBool) }, schema: typed("boolean"),
		decode: func(_ *context, n *config.Node) { *p, _ = n.Bool() },
	}
}

// Int is an integer.
func Int(p *int) Choice {
	bounds := &limits{math.MinInt, math.MaxInt}
	return Choice{
		words: "an integer", fits: func(n *config.Node) bool { return n.Is(config.NodeInt) }, limits: bounds,
		schema: func() Schema {
			s := Schema{"type": "integer"}
			if bounds.least != math.MinInt {
				s["minimum"] = bounds.least
			}
			if bounds.most != math.MaxInt {
				s["maximum"] = bounds.most
			}
			return s
		},
		decode: func(c *context, n *config.Node) {
			v, ok := n.Int()
			if !ok || v < bounds.least || v > bounds.most {
				c.bad(n, n.Found(), bounds.words(strconv.FormatInt(bounds.least, 10), strconv.FormatInt(bounds.most, 10)))
				return
			}
			*p = int(v)
		},
	}
}

func (l *limits) words(least, most string) string {
	switch {
	case l.most == math.MaxInt && l.least == math.MinInt:
		return "an integer of 64 bits"
	case l.most == math.MaxInt:
		return "at least " + least
	case l.least == math.MinInt:
		return "at most " + most
	}
	return least + " to " + most
}

const durationWords = "a duration as 5s or 1m30s"

// Duration is a time as 5s or 1m30s.
func Duration(p *time.Duration) Choice {
	bounds := &limits{1, int64(longest)}
	return Choice{
		words: durationWords, fits: isScalar, limits: bounds,
		schema: func() Schema {
			return Schema{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(d|h|ms|m|s|us|ns))+$`}
		},
		decode: func(c *context, n *config.Node) {
			if n.Kind == config.NodeInt || n.Kind == config.NodeFloat {
				c.bad(n, n.Text.Value+" without a unit", durationWords)
				return
			}
			d, ok := ParseDuration(n.Text.Value)
			switch {
			case !ok:
				c.bad(n, n.Found(), durationWords)
			case int64(d) < bounds.least && bounds.least == 1:
				c.bad(n, n.Text.Value, "more than zero")
			case int64(d) < bounds.least || int64(d) > bounds.most:
				least := Short(time.Duration(bounds.least))
				if bounds.least == 1 {
					c.bad(n, n.Text.Value, "at most "+Short(time.Duration(bounds.most)))
					return
				}
				c.bad(n, n.Text.Value, least+" to "+Short(time.Duration(bounds.most)))
			default:
				*p = d
			}
		},
	}
}

const sizeWords = "a size as 64KiB or 1MiB"

// Size is a number of bytes as 64KiB or 1MiB.
func Size(p *int64) Choice {
	bounds := &limits{1, math.MaxInt}
	return Choice{
		words: sizeWords, fits: isScalar, limits: bounds,
		schema: func() Schema { return Schema{"type": "string", "pattern": `^[0-9]+ ?([KMGT]i?)?B$`} },
		decode: func(c *context, n *config.Node) {
			if n.Kind == config.NodeInt || n.Kind == config.NodeFloat {
				c.bad(n, n.Text.Value+" without a unit", sizeWords)
				return
			}
			v, ok := parseSize(n.Text.Value)
			switch {
			case !ok:
				c.bad(n, n.Found(), sizeWords)
			case v < bounds.least:
				c.bad(n, n.Text.Value, "more than zero")
			case v > bounds.most:
				c.bad(n, n.Text.Value, fmt.Sprintf("at most %dB", bounds.most))
			default:
				*p = v
			}
		},
	}
}

// RateOf is a rate as 100/m.
func RateOf(p *Rate) Choice {
	const words = "a rate as 10/s or 100/m"
	return Choice{
		words: words, fits: isScalar, schema: func() Schema { return Schema{"type": "string", "pattern": `^[0-9]+/(s|m|h|d)$`} },
		decode: func(c *context, n *config.Node) {
			r, ok := parseRate(n.Text.Value)
			if !ok {
				c.bad(n, n.Found(), words)
				return
			}
			*p = r
		},
	}
}

// SpanOf is a span of time as 1s..5m.
func SpanOf(p *Span) Choice {
	const words = "a span of time as 1s..5m"
	return Choice{
		words: words, fits: isScalar, schema: typed("string"),
		decode: func(c *context, n *config.Node) {
			s, ok := parseSpan(n.Text.Value)
			if !ok {
				c.bad(n, n.Found(), words)
				return
			}
			*p = s
		},
	}
}

// Words is one of some words.
func Words(p *string, words ...string) Choice {
	expected := "one of " + list(words)
	if len(words) == 1 {
		expected = words[0]
	}
	return Choice{
		words: expected, fits: isScalar,
		schema: func() Schema {
			all := make([]any, len(words))
			for i, w := range words {
				all[i] = w
			}
			return Schema{"type": "string", "enum": all}
		},
		decode: func(c *context, n *config.Node) {
			if !slices.Contains(words, n.Text.Value) {
				problem := c.bad(n, n.Found(), expected)
				if c.field == nil || !c.field.secret {
					problem.WithNearest(n.Text.Value, words)
				}
				return
			}
			*p = n.Text.Value
		},
	}
}

// Texts is a text or a list of texts.
func Texts(p *[]config.Text) Choice {
	return Choice{
		words: "text or a list of texts", fits: func(n *config.Node) bool { return isText(n) || isList(n) },
		schema: func() Schema {
			return Schema{"anyOf": []any{Schema{"type": "string"}, Schema{"type": "array", "items": Schema{"type": "string"}}}}
		},
		decode: func(c *context, n *config.Node) {
			*p = nil
			if n.Kind == config.NodeText {
				*p = []config.Text{n.Text}
				return
			}
			for _, item := range n.Items {
				if item.Kind != config.NodeText {
					c.wrong(item, "text")
					continue
				}
				*p = append(*p, item.Text)
			}
		},
	}
}

func typed(name string) func() Schema { return func() Schema { return Schema{"type": name} } }

// Decode fills what declare declares from n, and reports every problem: unknown keys, wrong values, what is missing.
func Decode(n *config.Node, out *diag.List, declare func(*Object)) { decode(n, out, declare, nil, nil) }

// RefOf is a text that may hold references to the spaces of allow, as ${env.X}.
func RefOf(p *config.Ref, allow ...string) Choice {
	return Choice{
		words: "text", fits: isText, schema: typed("string"),
		decode: func(c *context, n *config.Node) { *p = config.ParseRefs(n.Said(c.out), allow, c.out) },
	}
}
