package expr

import (
	"regexp"
	"strings"
	"sync"

	"fondaco/config/diag"

	"github.com/expr-lang/expr/ast"
)

// What is said in other languages by another word or form, and what is written here: JavaScript, Python, SQL, Jinja, Bloblang, XPath,
// JSONPath, GitHub Actions.

// constantHabits are names that are meant for nothing else, whatever is called in a similar way.
var constantHabits = map[string]string{
	"this": itemHint, "self": itemHint, "_": itemHint, "$": itemHint,
	"null": "write nil", "NULL": "write nil", "Null": "write nil", "None": "write nil", "undefined": "write nil", "NaN": "write nil",
	"True": "write true", "TRUE": "write true", "False": "write false", "FALSE": "write false",
}

// nameHabits are names that nothing has here.
var nameHabits = map[string]string{
	"it": itemHint, "item": itemHint,
	"secrets": "secrets go into the parameters of systems, in fondaco.yaml, and nowhere else",
	"steps":   "the answer of a step is read by the name that its as: says",
	"payload": bodyHint, "request": bodyHint, "req": bodyHint, "exchange": bodyHint, "inputs": bodyHint, "params": bodyHint,
	"headers": headerHint,
	"Math":    "the functions have no prefix: max(a, b), round(x, 2)",
	"JSON":    "write toJSON(value), or fromJSON(text, \"schemas/NAME.yaml\")",
	"Date":    "write now, today(\"Europe/Rome\") or parseDate(text, form)", "console": "write a step log:",
	"datetime": "write now, today(\"Europe/Rome\") or parseDate(text, form)",
	"Object":   "write keys(map)", "Array": "a list is [a, b]", "String": "write text(x)", "Number": "write number(x)",
}

const (
	itemHint   = "values have names, and there is no current one; inside map, filter and the like the item is #, and its field .name"
	bodyHint   = "what a request brings is read as path.x, query.x, header[\"X-Name\"], cookie.x and body, as far as the route declares it"
	headerHint = "write header[\"X-Name\"]; the route declares it under header:"
)

// methodHabits are methods that values have elsewhere, where no function has the name.
var methodHabits = map[string]string{
	"toUpperCase": "upper(s)", "uppercase": "upper(s)", "toLowerCase": "lower(s)", "lowercase": "lower(s)", "or": "a ?? b",
	"orElse": "a ?? b",
	"catch":  "a ?? b, or catch: at the call", "toFixed": "round(x, 2)", "startswith": "s startsWith prefix",
	"startsWith": "s startsWith prefix",
	"endswith":   "s endsWith suffix", "endsWith": "s endsWith suffix", "contains": "s contains part, or item in list",
	"includes": "s contains part, or item in list", "push": "concat(list, [item])", "append": "concat(list, [item])", "strip": "trim(s)",
	"toISOString": "text(d)", "getTime": "epochMillis(d)", "some": "any(list, condition)", "every": "all(list, condition)",
	"replaceAll": "replaceAll(s, from, to)", "charAt": "s[n:n+1]", "items": "keys(map)", "entries": "keys(map)", "length": "len(x)",
	"equals": "a == b", "isEmpty": "len(x) == 0", "number": "number(x)", "string": "text(x)", "map_each": "map(list, expression)",
}

// moreFunctions are functions of other languages, beside those of elsewhere.
var moreFunctions = map[string]string{
	"parseInt": "int(s)", "parseFloat": "decimal(s)", "str": "text(x)", "uuid_v4": "uuid()", "UUID": "uuid()", "uuid4": "uuid()",
	"isNaN": "tryNumber(s) == nil", "isinstance": "x != nil, or choose", "range": "from..to", "sorted": "sort(list)",
	"print":   "a step log:",
	"require": "nothing: functions are there", "currentDateTime": "now", "getdate": "today(\"Europe/Rome\")",
	"GETDATE": "today(\"Europe/Rome\")", "nvl": "a ?? b",
	"NVL": "a ?? b", "COALESCE": "a ?? b", "UPPER": "upper(s)", "LOWER": "lower(s)", "ucase": "upper(s)", "lcase": "lower(s)",
	"toNumber": "number(s)", "Number": "number(s)", "String": "text(x)", "Boolean": "x == true", "exists": "x != nil",
	"defined": "x != nil", "has": "x != nil", "isset": "x != nil", "empty": "len(x) == 0", "strftime": "formatDate(d, form)",
	"strptime": "parseDate(s, form)", "dateFormat": "formatDate(d, form)", "sprintf": "a text with holes", "printf": "a text with holes",
	"localeCompare": "a < b",
}

// formHabits are forms of other languages, found where the parser stops. They are compiled for the first expression that cannot be read:
// a process that serves has none.
var formHabits = sync.OnceValue(func() (list []formHabit) {
	for _, h := range [][2]string{
		{`\.\.\.\s*\w`, "records are joined in YAML: { $merge: [a, b] }"},
		{`^\s*(\$\{)?\{`, "one pair of braces: ${…}"},
		{`[^=!<>]===|!==`, "to compare, write == or !="},
		{`<>`, "for not equal, write !="},
		{`\bAND\b`, "for and, write &&"},
		{`\bOR\b`, "for or, write ||"},
		{`\bNOT\b`, "for not, write !"},
		{`\bIS\s+NOT\b|\bis\s+not\b`, "write x != nil"},
		{`\bIS\b|\bis\b`, "write x == nil, or x != nil"},
		{`\bif\b.*\belse\b`, "write condition ? a : b"},
		{`\bfor\s+\w+\s+in\b`, "write map(list, expression), or filter(list, condition)"},
		{`\bnew\s+\w`, "there are no objects to make: dates are now, today(\"Europe/Rome\") and parseDate(text, form)"},
		{`\btypeof\b`, "types are known before: what may be nil is asked by x != nil"},
		{`\bfunction\b|\bdef\b|\blambda\b`, "there are no functions of one's own: a sub-route has a name"},
		{`\bfilter\s+\$|\bmap\s+\$`, "write map(list, .field), or filter(list, .field > 1)"},
		{`\[\s*\*\s*\]`, "for a field of every item write map(list, .field)"},
		{`\[\s*\?`, "for some of the items write filter(list, .field > 1)"},
		{`^\s*//|\s//\w`, "there are no paths of XPath: a field is read as body.a.b"},
		{`\bin\s*\(`, "write x in [a, b]"},
		{`@`, "what a message brings beside its data is read as message.id, message.time and so on"},
		{`\bf["']`, "a text with holes stands outside: Ciao ${p.nome}"},
		{`[^|]\|\s*\w+\s*(?:[^(\s\w]|$)`, "what follows | is a call, as p.nome | upper()"},
		{`[^+]\+\+`, "texts are joined by a + b, or as ${a}${b}"},
	} {
		list = append(list, formHabit{regexp.MustCompile(h[0]), h[1]})
	}
	return list
})

// formHabit is a form, and what to write in its place.
type formHabit struct {
	form *regexp.Regexp
	hint string
}

// formHint returns what to write in place of a form of another language, "" if there is none in an expression that cannot be read.
func formHint(text string) string {
	for _, h := range formHabits() {
		if h.form.MatchString(text) {
			return h.hint
		}
	}
	return ""
}

// method reports that a value has no methods.
func (c *checker) method(n ast.Node, name string) {
	p := c.problem(diag.UnknownFunction, n, "values have no methods")
	instead := methodHabits[name]
	if instead == "" && !tableHas(name) {
		instead = elsewhere[name]
	}
	if instead != "" {
		p.WithHint("write %s", instead)
		return
	}
	p.WithHint("write %s(value, ...) instead of value.%s(...)", name, name)
}

// sized says how a length is asked for, where a field was meant to be one.
func sized(p *diag.Problem, name, of string) {
	if name == "length" || name == "size" || name == "count" {
		p.WithHint("write len(%s)", of)
	}
}

// holed reports a hole in a text of an expression, which goes out as it stands: `a ${b}` in JavaScript.
func (c *checker) holed(n *ast.StringNode) {
	if strings.Contains(n.Value, "${") {
		c.problem(diag.BadExpression, n, "a text within an expression has no holes: %s goes out as it stands", "${").
			WithHint("write a + text(b), or the text outside of the expression: Ciao ${p.nome}").AsWarning()
	}
}
