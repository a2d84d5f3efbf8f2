package expr

import (
	"cmp"
	"slices"

	"github.com/expr-lang/expr/parser/operator"
)

// Shown is an example for the reference page: an expression over the names of its specimen, and either what it returns, as JSON, or
// the problem that it has, as CODE message = hint. A test evaluates all of them.
type Shown struct{ Text, Result, Problem string }

// Operator is a row of the table of operators. The checker takes from it what an operator is; what is not in the table is not part
// of the language.
type Operator struct {
	Name  string // as it is written
	Same  string // another spelling, as and of &&
	Unary bool
	Doc   string
	Shown []Shown

	does deed
}

// deed is what an operator does, as the checker tells them apart.
type deed uint8

const (
	byParser deed = iota // the parser makes another form of it
	negates              // conditions
	signs                // numbers
	joinsConditions
	replacesNil
	equates
	orders
	calculates
	searches
	searchesText
	matchesPattern
	spans
)

// operators is the table, in the order of the page before it is sorted by how strongly they bind.
var operators = []Operator{
	{
		Name: "??", does: replacesNil,
		Doc: "The left value, or the right one where it is nil. Beside another operator one of the two stands in parentheses.",
		Shown: []Shown{
			{Text: `p.note ?? "none"`, Result: `"none"`},
			{Text: `(p.days ?? 0) + 1`, Result: `4`},
			{
				Text:    `p.days ?? 0 + 1`,
				Problem: `E201 found ?? beside another operator without parentheses = write (a ?? b) + c, or a ?? (b + c)`,
			},
			{Text: `p.state ?? "none"`, Problem: `warning E204 p.state is never nil = leave out ?? and what follows`},
		},
	},
	{
		Name: "-", Unary: true, does: signs, Doc: "The negative of a number.",
		Shown: []Shown{
			{Text: `-p.amount`, Result: `-12.50`},
			{
				Text:    `-p.state`,
				Problem: `E204 expected a number for -, found "open" or "paid" = number(p.state) reads a number from text`,
			},
		},
	},
	{
		Name: "+", Unary: true, does: signs, Doc: "The number itself.",
		Shown: []Shown{
			{Text: `+p.amount`, Result: `12.50`},
			{Text: `+p.state`, Problem: `E204 expected a number for +, found "open" or "paid" = number(p.state) reads a number from text`},
		},
	},
	{
		Name: "*", does: calculates, Doc: "The exact product of two numbers.",
		Shown: []Shown{
			{Text: `p.amount * 3`, Result: `37.50`},
			{Text: `p.number * 2`, Problem: `E204 expected a number for *, found text = number(p.number) reads a number from text`},
		},
	},
	{
		Name: "/", does: calculates,
		Doc: "The quotient of two numbers, always a decimal, with at most 16 digits after the point. A division by zero fails when it runs.",
		Shown: []Shown{
			{Text: `10 / 4`, Result: `2.5`},
			{Text: `1 / 3`, Result: `0.3333333333333333`},
			{Text: `p.amount / (p.count - 2)`, Problem: `fails: division by zero`},
			{Text: `p.lines / 2`, Problem: `E204 expected a number for /, found list of {code: text, price: decimal}`},
		},
	},
	{
		Name: "%", does: calculates, Doc: "The remainder of two whole numbers; it has the sign of the left one.",
		Shown: []Shown{
			{Text: `7 % 4`, Result: `3`},
			{Text: `-7 % 4`, Result: `-3`},
			{Text: `p.amount % 4`, Problem: `E204 % is for whole numbers, found decimal and integer`},
		},
	},
	{
		Name: "!", Same: "not", Unary: true, does: negates,
		Doc: "Whether a condition does not hold. `not` stands before `in`, `contains`, `startsWith`, `endsWith` and `matches` too.",
		Shown: []Shown{
			{Text: `not p.paid`, Result: `true`},
			{Text: `p.state not in ["paid"]`, Result: `true`},
			{Text: `not p.note`, Problem: `E204 expected a boolean for not, found text or null`},
		},
	},
	{
		Name: "+", does: calculates,
		Doc: "The exact sum of two numbers, or two texts one after the other. Numbers and texts are not mixed, lists are not added.",
		Shown: []Shown{
			{Text: `0.1 + 0.2`, Result: `0.3`},
			{Text: `"n. " + p.number`, Result: `"n. 12/2026"`},
			{Text: `"n. " + p.count`, Problem: `E204 expected text for +, found integer = write text(p.count), or a text with holes`},
			{Text: `p.lines + p.lines`, Problem: `E204 lists are not added with + = write concat(p.lines, p.lines)`},
		},
	},
	{
		Name: "-", does: calculates, Doc: "The exact difference of two numbers. A name with a hyphen is read as `p[\"opened-at\"]`.",
		Shown: []Shown{
			{Text: `p.amount - 0.50`, Result: `12.00`},
			{Text: `p.opened-at`, Problem: `E203 p has no field "opened" = write p["opened-at"]: - subtracts`},
			{Text: `p.day - 1`, Problem: `E204 expected a number for -, found date`},
		},
	},
	{
		Name: "..", does: spans, Doc: "The list of the whole numbers from one to another, both included; empty if the second is less.",
		Shown: []Shown{
			{Text: `1..4`, Result: `[1,2,3,4]`},
			{Text: `3..1`, Result: `[]`},
			{Text: `1..p.amount`, Problem: `E204 expected an integer for .., found decimal`},
			{Text: `1..200000`, Problem: `fails: the expressions of this exchange took too many steps`},
		},
	},
	{
		Name: "==", does: equates,
		Doc: "Whether two values are the same: numbers by value, moments as moments, lists and records by " +
			"what they hold. Absent and null are both `nil`.",
		Shown: []Shown{
			{Text: `1.0 == 1`, Result: `true`},
			{Text: `p.note == nil`, Result: `true`},
			{Text: `p.day == "2026-01-31"`, Result: `true`},
			{Text: `p.state == "opne"`, Problem: `E204 it is never "opne", only "open" or "paid" = did you mean "open"?`},
			{
				Text: `p.number == 7`,
				Problem: `E204 p.number is text and the value is integer: they are never equal = compare with text, or write ` +
					`number(p.number)`,
			},
			{Text: `p.state == nil`, Problem: `warning E204 p.state is never nil`},
		},
	},
	{
		Name: "!=", does: equates, Doc: "Whether two values are not the same.",
		Shown: []Shown{
			{Text: `p.state != "paid"`, Result: `true`},
			{Text: `p.day != "31/01/2026"`, Problem: `E204 expected a date, as 2026-01-31, found "31/01/2026"`},
		},
	},
	{
		Name: "<", does: orders, Doc: "Whether one value is less than another: numbers, texts by their characters, days and moments by time.",
		Shown: []Shown{
			{Text: `p.day < "2026-02-01"`, Result: `true`},
			{
				Text: `p.number < 3`,
				Problem: `E204 < cannot be ordered: p.number is text, the value is integer = number(p.number) reads a number ` +
					`from text`,
			},
			{
				Text: `p.days < 10`,
				Problem: `E205 p.days may be nil, and is compared with < = give a value for that case: (p.days ?? …), or ask ` +
					`first: p.days != nil && …`,
			},
		},
	},
	{
		Name: "<=", does: orders, Doc: "Whether one value is at most another.",
		Shown: []Shown{
			{Text: `p.amount <= 12.5`, Result: `true`},
			{Text: `p.lines <= 2`, Problem: `E204 <= cannot be ordered: p.lines is list of {code: text, price: decimal}, the value is integer`},
		},
	},
	{
		Name: ">", does: orders, Doc: "Whether one value is greater than another.",
		Shown: []Shown{
			{Text: `p.amount > 12.5`, Result: `false`},
			{Text: `p.paid > 0`, Problem: `E204 > cannot be ordered: p.paid is boolean, the value is integer`},
		},
	},
	{
		Name: ">=", does: orders, Doc: "Whether one value is at least another.",
		Shown: []Shown{
			{Text: `"b" >= "a"`, Result: `true`},
			{Text: `p.day >= "tomorrow"`, Problem: `E204 expected a date, as 2026-01-31, found "tomorrow"`},
		},
	},
	{
		Name: "in", does: searches, Doc: "Whether a list has an item, or a map or record a name.",
		Shown: []Shown{
			{Text: `p.count in [1, 2]`, Result: `true`},
			{Text: `"colour" in p.more`, Result: `true`},
			{
				Text: `"a" in p.number`,
				Problem: `E204 expected a list after in, found text = for a text within a text write p.number contains the ` +
					`value`,
			},
			{Text: `p.count in ["a"]`, Problem: `E204 p.count is integer and the value is "a": they are never equal`},
		},
	},
	{
		Name: "contains", does: searchesText, Doc: "Whether a text has another one within it.",
		Shown: []Shown{
			{Text: `p.number contains "/"`, Result: `true`},
			{Text: `p.note contains "x"`, Problem: `E205 p.note may be nil, and is needed for contains = give a value for that case: p.note ?? …`},
		},
	},
	{
		Name: "startsWith", does: searchesText, Doc: "Whether a text begins with another one.",
		Shown: []Shown{
			{Text: `p.number startsWith "12"`, Result: `true`},
			{Text: `p.count startsWith "1"`, Problem: `E204 expected text for startsWith, found integer`},
		},
	},
	{
		Name: "endsWith", does: searchesText, Doc: "Whether a text ends with another one.",
		Shown: []Shown{
			{Text: `p.number endsWith "/2026"`, Result: `true`},
			{Text: `p.number endsWith 2026`, Problem: `E204 expected text for endsWith, found integer`},
		},
	},
	{
		Name: "matches", does: matchesPattern,
		Doc: "Whether a pattern (RE2) is found in a text; `^` and `$` hold it to the whole. The pattern is a text in quotes.",
		Shown: []Shown{
			{Text: `p.number matches "^[0-9]+/[0-9]{4}$"`, Result: `true`},
			{
				Text:    `p.number matches p.state`,
				Problem: `E204 expected a pattern in quotes after matches = patterns are compiled when the project is loaded`,
			},
			{
				Text:    `p.number matches "("`,
				Problem: "E201 missing closing ): `(` = patterns are RE2: https://github.com/google/re2/wiki/Syntax",
			},
		},
	},
	{
		Name: "&&", Same: "and", does: joinsConditions,
		Doc: "Whether both conditions hold; the second is not asked if the first does not, and knows that it does.",
		Shown: []Shown{
			{Text: `p.days != nil && p.days > 2`, Result: `true`},
			{
				Text: `p.days > 2 && p.days != nil`,
				Problem: `E205 p.days may be nil, and is compared with > = give a value for that case: (p.days ?? …), or ask ` +
					`first: p.days != nil && …`,
			},
			{Text: `p.paid & p.paid`, Problem: `E201 did not expect "&" here = for and, write &&`},
		},
	},
	{
		Name: "||", Same: "or", does: joinsConditions,
		Doc: "Whether one of two conditions holds, or both; the second is not asked if the first does, and knows that it does not.",
		Shown: []Shown{
			{Text: `p.note == nil || len(p.note) < 3`, Result: `true`},
			{
				Text: `p.note or "none"`,
				Problem: `E204 expected a boolean for or, found text or null = for another value where it is nil write p.note ` +
					`?? …`,
			},
		},
	},
	{
		Name: "|", does: byParser, Doc: "Gives the left value to a function as its first argument: `a | f(b)` is `f(a, b)`. It binds least.",
		Shown: []Shown{
			{Text: `p.lines | map(.code) | join("+")`, Result: `"A+B"`},
			{Text: `p.number | upper`, Problem: `E201 the expression ends too early = what follows | is a call, as p.nome | upper()`},
		},
	},
}

// instead says what to write for operators that the parser knows and the language has not.
var instead = map[string]string{"**": "multiply instead", "^": "multiply instead"}

// operatorOf finds an operator by its spelling; false if the language has none of that name.
func operatorOf(name string, unary bool) (Operator, bool) {
	i := slices.IndexFunc(operators, func(o Operator) bool { return o.Unary == unary && (o.Name == name || o.Same == name) })
	if i < 0 {
		return Operator{}, false
	}
	return operators[i], true
}

// Operators lists the operators of the language, those that bind most strongly first.
func Operators() []Operator {
	all := slices.Clone(operators)
	slices.SortStableFunc(all, func(a, b Operator) int { return cmp.Compare(b.Precedence(), a.Precedence()) })
	return all
}

// Precedence returns how strongly the operator binds: of two operators the one with the greater number is computed first. It is the
// parser's own number.
func (o Operator) Precedence() int {
	if o.Unary {
		return operator.Unary[o.Name].Precedence
	}
	return operator.Binary[o.Name].Precedence
}
