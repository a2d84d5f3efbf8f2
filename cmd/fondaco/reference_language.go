package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/routes"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
	"fondaco/transform/typing"
)

// language is the reference page of mappings, expressions, names and types, from the tables that the checker uses.
func language() string {
	var b strings.Builder
	b.WriteString(generated + `# The language

What stands in a route's ` + "`with`, `set`, `respond`, `when`" + ` and so on: mappings, expressions in them, the names that they read,
and the types that they have. The steps are in [routes](routes.md), the functions in [functions](functions.md), each problem in
[problems](problems.md). Every example is evaluated by a test, its result or problem compared word for word. "Fails" is what happens when
the route runs: the exchange ends with a problem, and the log names the place.

The examples read ` + "`n`, which is 2, and `p`" + `, which is:

` + "```json\n" + specimenValue + "```\n\nIts type, as a schema:\n\n```yaml\n" + specimenSchema + "```\n")
	languageMappings(&b)
	languageExpressions(&b)
	languageNames(&b)
	languageTypes(&b)
	languageLimits(&b)
	return b.String()
}

func languageMappings(b *strings.Builder) {
	b.WriteString("\n## Mappings\n\nA mapping is a YAML tree whose leaves may hold expressions, in holes: `${…}`. The " +
		"file `mappings/owner.yaml` of the " +
		"examples is:\n\n```yaml\n" + specimenFile + "```\n")
	for _, w := range transform.Words() {
		fmt.Fprintf(b, "\n### %s\n\n%s\n", w.Title, w.Doc)
		for _, e := range w.Shown {
			fmt.Fprintf(b, "\n```yaml\n%s\n```\n\n", strings.TrimSuffix(e.Text, "\n"))
			if e.Problem != "" {
				fmt.Fprintf(b, "%s\n", problemLine(e.Problem))
				continue
			}
			fmt.Fprintf(b, "makes `%s`\n", e.Result)
		}
	}
}

func languageExpressions(b *strings.Builder) {
	b.WriteString("\n## Expressions\n\nAn expression has a type, which is known when the project is loaded. It reads " +
		"values and makes new ones; it changes " +
		"nothing.\n")
	for _, f := range expr.Forms() {
		fmt.Fprintf(b, "\n### %s: `%s`\n\n%s\n\n", capital(f.Name), f.Sign, f.Doc)
		expressionTable(b, f.Shown)
	}
	b.WriteString("\n## Operators\n\nOf two operators the one with the greater number is computed first, and of equal " +
		"ones the left one. `c ? a : b` binds " +
		"least of all.\n\n| operator | binds | what it is |\n| --- | --- | --- |\n")
	for _, o := range expr.Operators() {
		fmt.Fprintf(b, "| %s | %d | %s |\n", inCell(signOf(o)), o.Precedence(), inCell(o.Doc))
	}
	b.WriteString("\n")
	var shown []expr.Shown
	for _, o := range expr.Operators() {
		shown = append(shown, o.Shown...)
	}
	expressionTable(b, shown)
}

func signOf(o expr.Operator) string {
	sign := o.Name
	if o.Unary && o.Same == "" {
		sign += "x"
	}
	if o.Same != "" {
		return inCode(sign) + ", " + inCode(o.Same)
	}
	return inCode(sign)
}

func expressionTable(b *strings.Builder, shown []expr.Shown) {
	b.WriteString("| expression | result, or its problem |\n| --- | --- |\n")
	for _, e := range shown {
		result := inCode(e.Result)
		if e.Problem != "" {
			result = problemLine(e.Problem)
		}
		fmt.Fprintf(b, "| %s | %s |\n", inCell(inCode(e.Text)), inCell(result))
	}
}

func languageNames(b *strings.Builder) {
	b.WriteString("\n## Names in scope\n\nA route reads what its trigger brings, what the steps before it name (`as`, " +
		"`set`, the names of `for_each` and " +
		"`repeat`), and in a mapping the items of `$for`. A name that a step with `when` makes may be nil afterwards. A name is made once: " +
		"nothing hides another one.\n\n| name | brought by | what it is |\n| --- | --- | --- |\n")
	for _, n := range routes.ScopeNames() {
		by := make([]string, 0, len(n.By))
		for _, key := range n.By {
			if by = append(by, inCode(key)); key == "" {
				by[len(by)-1] = "a sub-route"
			}
		}
		if n.By == nil {
			by = []string{"what is said there"}
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", n.Name, strings.Join(by, ", "), inCell(n.Doc))
	}
	for _, n := range routes.ScopeNames() {
		if n.Type == nil {
			continue
		}
		fmt.Fprintf(b, "\n### The fields of `%s`\n\n| field | type | what it is |\n| --- | --- | --- |\n", n.Name)
		for _, f := range n.Type.Fields {
			t := f.Type
			if !f.Required {
				t = t.OrNull()
			}
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Name, inCell(t.String()), inCell(f.Doc))
		}
	}
	b.WriteString("\n### How they are read\n\n| expression | its problem |\n| --- | --- |\n")
	for _, n := range routes.ScopeNames() {
		for _, e := range n.Shown {
			told := "none"
			if e.Problem != "" {
				told = inCell(problemLine(e.Problem))
			}
			fmt.Fprintf(b, "| %s | %s |\n", inCell(inCode(e.Text)), told)
		}
	}
}

func languageTypes(b *strings.Builder) {
	b.WriteString("\n## Types\n\nTypes are written in the words of JSON Schema. A record is closed: a field that it does " +
		"not name is refused, unless " +
		"`additionalProperties: true`. What is not `required` may be absent, and is nil to an expression. Which fields of a " +
		"request to a system " +
		"stand together or exclude each other (`oneOf` of `required` in its OpenAPI document, `xs:choice` in its WSDL) is part of its type: " +
		"a mapping that has two of them, or none, is problem E407 at load.\n")
	rows := func(words []typing.Word) {
		for _, w := range words {
			of := ""
			if w.Of != nil {
				of = " (" + strings.Join(w.Of, ", ") + ")"
			}
			fmt.Fprintf(b, "\n#### `%s`%s\n\n%s\n", w.Name, of, w.Doc)
			for _, e := range w.Shown {
				fmt.Fprintf(b, "\n```yaml\n%s\n```\n\n%s\n", e.Schema, judged(e))
			}
		}
	}
	b.WriteString("\n### The types\n")
	rows(typing.Types())
	b.WriteString("\n### The words\n")
	rows(typing.Words())
	b.WriteString("\n### Formats\n\nOf `type: string`. A text of another format is a problem at load. Moments of systems " +
		"that write no offset: " +
		"[moments](../guide/moments.md).\n\n| format | what it is | admits | refuses | and tells |\n| --- | --- | --- | --- | --- |\n")
	for _, f := range schema.FormatTable() {
		fmt.Fprintf(b, "| `%s` | %s | `%s` | `%s` | %s |\n", f.Name, inCell(f.Doc), f.Admits, f.Refuses, inCell(f.Told))
	}
}

// judged says what a schema admits and refuses, or its problem.
func judged(e typing.Shown) string {
	if e.Problem != "" {
		return problemLine(e.Problem)
	}
	text := fmt.Sprintf("admits `%s`", e.Admits)
	if e.Refuses != "" {
		text += fmt.Sprintf(", refuses `%s`: %s", e.Refuses, e.Told)
	}
	return text
}

func languageLimits(b *strings.Builder) {
	b.WriteString("\n## Costs and limits\n\nLooking at a value costs steps by its size; so does making one. What an " +
		"exchange may cost beside is in " +
		"[limits](../guide/limits.md).\n\n| what | at most | beyond it |\n| --- | --- | --- |\n")
	for _, l := range slices.Concat(expr.Limits(), transform.Limits(), routes.Limits()) {
		fmt.Fprintf(b, "| %s | %s | %s |\n", l.What, l.Most, l.Beyond)
	}
}

// problemLine writes CODE message = hint as the page has it; a warning and a failure say so first.
func problemLine(text string) string {
	said, hint, hinted := strings.Cut(text, " = ")
	kind := "problem"
	if rest, ok := strings.CutPrefix(said, "warning "); ok {
		kind, said = "warning", rest
	}
	if rest, ok := strings.CutPrefix(said, "fails: "); ok {
		return "fails: " + rest
	}
	number, message, _ := strings.Cut(said, " ")
	out := fmt.Sprintf("%s [%s](problems.md#%s): %s", kind, number, problemAnchor(number), inCode(message))
	if hinted {
		out += "; " + inCode(hint)
	}
	return out
}

// problemAnchor returns the name of a problem's heading on its page.
func problemAnchor(number string) string {
	for _, d := range diag.Docs() {
		if string(d.Code) == number {
			heading := strings.ToLower(number + ": " + d.Title)
			return strings.ReplaceAll(notAnchor.ReplaceAllString(heading, ""), " ", "-")
		}
	}
	return strings.ToLower(number)
}

// notAnchor is what the name of a heading leaves out of it.
var notAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// inCode writes text as code, whatever backquotes it has.
func inCode(text string) string {
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

// inCell writes what may stand in a cell of a table.
func inCell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
