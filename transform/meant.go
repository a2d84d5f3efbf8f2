package transform

import (
	"regexp"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/transform/expr"
)

// Texts that people write for a value: a path without a hole, and the forms of other systems.
var (
	barePath   = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)((?:\??\.[A-Za-z_][A-Za-z0-9_]*|\[[^\[\]]+\])*)$`)
	dollarPath = regexp.MustCompile(`^\$\.?([A-Za-z_][A-Za-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*|\[[^\[\]]+\])*)$`)
	braces     = regexp.MustCompile(`\{\{-?\s*\$?\.?(.+?)\s*-?\}\}`)
)

// meant warns of a text that goes out as it stands and was most likely meant for a value: p.stato where p is in scope, $p.stato,
// {{ p.stato }}.
// Quotes say that the text is meant, but for {{ }}, which has none elsewhere.
func meant(n *config.Node, s *expr.Scope, out *diag.List) {
	if n.Kind != config.NodeText {
		return
	}
	warn := func(value string) {
		n.Report(out, diag.BadExpression, "the text %q goes out as it stands", n.Text.Value).
			WithHint("write ${%s} for the value, or put the text in quotes if it is meant", value).WithLen(len(n.Text.Value)).AsWarning()
	}
	text := n.Text.Value
	if m := braces.FindStringSubmatch(text); m != nil {
		p := n.Report(out, diag.BadExpression, "the text %q goes out as it stands", text).WithLen(len(text)).AsWarning()
		p.WithHint("write ${%s} for the value", m[1])
		return
	}
	if n.Quoted {
		return
	}
	for _, form := range []*regexp.Regexp{barePath, dollarPath} {
		if m := form.FindStringSubmatch(text); m != nil && s.Reads(m[1]) {
			warn(m[1] + m[2])
			return
		}
	}
}
