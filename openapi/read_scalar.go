package openapi

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fondaco/config"
	"fondaco/schema"
)

var textKinds = map[string]schema.Kind{
	"date": schema.KindDate, "date-time": schema.KindDateTime, "time": schema.KindTime, "duration": schema.KindDuration,
	"date-time-local": schema.KindDateTimeLocal, "time-local": schema.KindTimeLocal,
	"byte": schema.KindBytes, "binary": schema.KindBytes, "base64": schema.KindBytes,
}

func (t *types) text(made *schema.Type, parts []*config.Node) {
	made.Kind = schema.KindText
	if kind, special := textKinds[made.Format]; special {
		made.Kind, made.Format = kind, ""
	}
	if n := last(parts, "contentEncoding"); n != nil && strings.EqualFold(n.Text.Value, "base64") {
		made.Kind = schema.KindBytes
	} else if n != nil {
		t.encoded(n)
	}
	if made.Kind != schema.KindText {
		if made.Kind == schema.KindBytes {
			t.octetLimits(parts)
		}
		*made = *t.zone.Typed(made)
		return // a pattern of the written form says nothing more of a date, and a length nothing of octets
	}
	made.MinLength, made.MaxLength = t.wholeCount(parts, "minLength"), t.wholeCount(parts, "maxLength")
	if n := last(parts, "pattern"); n != nil && n.Text.Value != "" {
		if t.states > schema.MaxPatternsStates {
			return // reported
		}
		if t.states += schema.PatternStates(n.Text.Value); t.states > schema.MaxPatternsStates {
			t.report(n, "the document's patterns have more than %d states together, and this is where they exceed them", schema.MaxPatternsStates)
			return
		}
		if _, err := schema.CompilePattern(n.Text.Value); err != nil {
			t.warn(n, "the pattern %q cannot be checked and is left out", n.Text.Value)
			return
		}
		made.Pattern = n.Text.Value
	}
}

// number reads the limits. The exclusive ones are booleans in 3.0, numbers in 3.1.
func (t *types) number(made *schema.Type, parts []*config.Node) {
	limit := func(name, exclusive string) (*schema.Value, bool) {
		var v *schema.Value
		if n := last(parts, name); n != nil {
			if v = numeral(n); v == nil && n.Kind != config.NodeNull {
				t.unspoken(n, name, name+" "+n.Text.Value, "its number is not written in digits")
			}
		}
		switch n := last(parts, exclusive); {
		case n == nil:
			return v, false
		case n.Kind == config.NodeBool:
			return v, n.Text.Value == "true" && v != nil
		default:
			if x := numeral(n); x != nil {
				return x, true
			}
			return v, false
		}
	}
	made.Minimum, made.ExclMin = limit("minimum", "exclusiveMinimum")
	made.Maximum, made.ExclMax = limit("maximum", "exclusiveMaximum")
	if made.Kind == schema.KindInt {
		within(made)
	}
	if n := last(parts, "multipleOf"); n != nil {
		if digits, rest, point := strings.Cut(n.Text.Value, "."); point && strings.Trim(digits, "0") == "" && strings.Trim(rest, "0") == "1" &&
			strings.HasSuffix(rest, "1") {
			places := len(rest)
			made.Fraction = &places
		} else if !point && digits == "1" {
			made.Fraction = new(int)
		} else {
			t.unspoken(n, "multipleOf", "multipleOf "+n.Text.Value, "only 1 and the fractions 0.1, 0.01 and so on are")
		}
	}
}

// integers are the limits of the formats of whole numbers (OpenAPI Format Registry). Beyond those of int64 no value of the
// kind is.
var integers = map[string][2]string{
	"int8": {"-128", "127"}, "int16": {"-32768", "32767"}, "int32": {"-2147483648", "2147483647"},
	"uint8": {"0", "255"}, "uint16": {"0", "65535"}, "uint32": {"0", "4294967295"}, "uint64": {"0", ""},
}

// within narrows the limits of a whole number to those of its format.
func within(made *schema.Type) {
	limits := integers[made.Format]
	narrow := func(text string, v **schema.Value, exclusive *bool, outside int) {
		if text == "" {
			return
		}
		end, _ := schema.ParseDecimal(text)
		if i, err := schema.ToInt(end); err == nil {
			end = i
		}
		if *v != nil {
			if order, err := schema.Compare(**v, end); err == nil && order != outside {
				return
			}
		}
		*v, *exclusive = &end, false
	}
	narrow(limits[0], &made.Minimum, &made.ExclMin, -1)
	narrow(limits[1], &made.Maximum, &made.ExclMax, 1)
}

func numeral(n *config.Node) *schema.Value {
	v := scalar(n, schema.KindDecimal)
	if n.Kind == config.NodeInt {
		v = scalar(n, schema.KindInt)
	}
	if v.IsAbsent() {
		return nil
	}
	return &v
}

// wholeCount reads a whole number that is not negative.
func (t *types) wholeCount(parts []*config.Node, name string) *int {
	n := last(parts, name)
	if n == nil {
		return nil
	}
	i, err := strconv.Atoi(n.Text.Value)
	if err != nil || i < 0 {
		if n.Kind != config.NodeInt { // one beyond the machine's numbers is no limit
			t.report(n, "found %s %q, expected a whole number", name, n.Text.Value)
		}
		return nil
	}
	return &i
}

func (t *types) enum(made *schema.Type, parts []*config.Node) {
	if made.Kind == schema.KindAny && slices.ContainsFunc(enumNodes(parts), ofSeveral) {
		return // told
	}
	for _, n := range enumNodes(parts) {
		if n.Kind == config.NodeNull {
			made.Nullable = true
			continue
		}
		if v := scalar(n, made.Kind); !v.IsAbsent() {
			made.Enum = append(made.Enum, v)
		}
	}
}

func enumNodes(parts []*config.Node) []*config.Node {
	if n := last(parts, "const"); n != nil {
		return []*config.Node{n}
	}
	if n := last(parts, "enum"); n != nil {
		return n.Items
	}
	return nil
}

// scalar returns a node's value as one of a kind; absent if it is none.
func scalar(n *config.Node, kind schema.Kind) schema.Value {
	text := n.Text.Value
	switch {
	case n.Kind == config.NodeList || n.Kind == config.NodeMap || n.Kind == config.NodeNull:
		return schema.Value{}
	case kind == schema.KindText:
		return schema.Text(text)
	case kind.Textual():
		if v, err := schema.ParseText(text, &schema.Type{Kind: kind}); err == nil {
			return v // published documents write invalid dates, as a default and an example
		}
	case kind == schema.KindBool:
		if n.Kind == config.NodeBool {
			return schema.Bool(strings.EqualFold(text, "true"))
		}
	case kind == schema.KindInt:
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return schema.Int(i)
		}
	case kind == schema.KindDecimal:
		if plainDecimal.MatchString(text) {
			return schema.DecimalText(text)
		}
	case kind == schema.KindAny:
		kinds := map[config.NodeKind]schema.Kind{
			config.NodeText: schema.KindText, config.NodeBool: schema.KindBool,
			config.NodeInt: schema.KindInt, config.NodeFloat: schema.KindDecimal,
		}
		return scalar(n, kinds[n.Kind])
	}
	return schema.Value{}
}

var plainDecimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
