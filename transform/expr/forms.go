package expr

// Form is a form of expressions beside operators and functions, for the reference page.
type Form struct {
	Name  string // as people call it
	Sign  string // how it is written
	Doc   string
	Shown []Shown
}

// Forms lists the forms of expressions. A test holds that each form that the checker knows is in an example.
func Forms() []Form { return forms }

var forms = []Form{
	{
		Name: "numbers", Sign: "12, 1_000.50", Doc: "Whole numbers of 64 bits, and exact decimals; `_` may part digits.",
		Shown: []Shown{
			{Text: `1_000.50`, Result: `1000.50`},
			{
				Text: `9223372036854775808`,
				Problem: `E201 the number does not fit 64 bits = whole numbers go to 9223372036854775807; write larger ones ` +
					`as decimal("...")`,
			},
			{Text: `12,50`, Problem: `E201 did not expect "," here`},
		},
	},
	{
		Name: "texts", Sign: `"…", '…'`,
		Doc: "Text in double or single quotes, with `\\n`, `\\t`, `\\\"` and the like; between backquotes it " +
			"stands as it is.",
		Shown: []Shown{
			{Text: `'say "hello"'`, Result: `"say \"hello\""`},
			{Text: "`a\\d`", Result: `"a\\d"`},
			{Text: `"open`, Problem: `E201 literal not terminated = close the text with the quote that it began with`},
		},
	},
	{
		Name: "conditions", Sign: "true, false", Doc: "What conditions are. Texts and numbers are none: there is no truth of an empty text.",
		Shown: []Shown{
			{Text: `true`, Result: `true`},
			{Text: `p.number ? 1 : 2`, Problem: `E204 expected a boolean for the condition of ?, found text`},
		},
	},
	{
		Name: "nil", Sign: "nil",
		Doc: "No value. A field that is absent and one that is null are both nil to an expression. What may be nil cannot be used as if it " +
			"were there: `??`, `?.`, or a condition that has asked `!= nil` before.",
		Shown: []Shown{
			{Text: `p.note == nil`, Result: `true`},
			{Text: `p.note != nil ? upper(p.note) : "-"`, Result: `"-"`},
			{
				Text:    `upper(p.note)`,
				Problem: `E205 p.note may be nil, and is needed for upper = give a value for that case: p.note ?? …`,
			},
		},
	},
	{
		Name: "names", Sign: "p", Doc: "What is [in scope](#names-in-scope).",
		Shown: []Shown{
			{Text: `n`, Result: `2`},
			{Text: `q`, Problem: `E202 nothing here is called "q" = did you mean "p"?`},
			{Text: `upper`, Problem: `E202 nothing here is called "upper" = upper is a function: write upper(...)`},
		},
	},
	{
		Name: "fields", Sign: "p.field, p[\"field\"]", Doc: "A field of a record, or an entry of a map, which may be nil.",
		Shown: []Shown{
			{Text: `p.number`, Result: `"12/2026"`},
			{Text: `p["opened-at"]`, Result: `"2026-01-31T09:00:00+01:00"`},
			{Text: `p.more.colour`, Result: `"red"`},
			{Text: `p.nubmer`, Problem: `E203 p has no field "nubmer" = did you mean "number"?`},
			{
				Text: `p.owner.name`,
				Problem: `E205 p.owner may be nil, and a field of it is read = write p.owner?.…, or make sure before: p.owner ` +
					`!= nil`,
			},
			{
				Text: `p.lines.code`,
				Problem: `E203 p.lines is a list and has no field "code" = for that field of every item write map(p.lines, ` +
					`.code)`,
			},
		},
	},
	{
		Name: "fields of what may be nil", Sign: "p?.field", Doc: "The field, or nil where there is no record.",
		Shown: []Shown{
			{Text: `p.owner?.name`, Result: `null`},
			{Text: `p.owner?.name ?? "nobody"`, Result: `"nobody"`},
			{Text: `p.owner?.nmae`, Problem: `E203 p.owner has no field "nmae" = did you mean "name"?`},
		},
	},
	{
		Name: "items", Sign: "list[n]", Doc: "An item, counted from 0, or from the end with a negative number; nil where there is none.",
		Shown: []Shown{
			{Text: `p.lines[0]?.code`, Result: `"A"`},
			{Text: `p.lines[-1]?.code`, Result: `"B"`},
			{Text: `p.lines[9]`, Result: `null`},
			{Text: `p.lines[0].code`, Problem: `E205 p.lines[0] may be nil, and a field of it is read = write ?. instead of .`},
			{Text: `p.lines["0"]`, Problem: `E203 p.lines is a list and has no field "0"`},
		},
	},
	{
		Name: "slices", Sign: "x[from:to]",
		Doc: "Part of a list or text, from the first place up to before the second; either may be left out, and what lies outside is cut off.",
		Shown: []Shown{
			{Text: `"Venezia"[0:3]`, Result: `"Ven"`},
			{Text: `"Venezia"[3:]`, Result: `"ezia"`},
			{Text: `[1, 2, 3][1:9]`, Result: `[2,3]`},
			{Text: `p.note[0:3]`, Problem: `E205 p.note may be nil, and is cut = give a value for that case: (p.note ?? …)`},
			{Text: `p.count[0:3]`, Problem: `E204 expected a list or text to cut, found integer`},
		},
	},
	{
		Name: "lists", Sign: "[a, b]", Doc: "A list of values.",
		Shown: []Shown{{Text: `[p.count, 3]`, Result: `[2,3]`}, {Text: `[1, 2`, Problem: `E201 the expression ends too early`}},
	},
	{
		Name: "records", Sign: "{name: value}", Doc: "A record. Inside of `map`, `filter` and the like it has two braces.",
		Shown: []Shown{
			{Text: `{n: p.number, open: true}`, Result: `{"n":"12/2026","open":true}`},
			{Text: `map(p.lines, {{c: .code}})`, Result: `[{"c":"A"},{"c":"B"}]`},
			{
				Text:    `map(p.lines, {c: .code})`,
				Problem: `E201 did not expect ":" here = inside map, filter and the like a record has two braces: {{a: .b}}`,
			},
			{Text: `{n: 1, n: 2}`, Problem: `E201 the name "n" stands twice`},
			{Text: `{(p.number): 1}`, Problem: `E201 expected a name before the colon`},
		},
	},
	{
		Name: "conditional", Sign: "c ? a : b",
		Doc: "One of two values, by a condition. The first knows that the condition holds, the second that " +
			"it does not.",
		Shown: []Shown{
			{Text: `p.count > 1 ? "many" : "one"`, Result: `"many"`},
			{Text: `p.days == nil ? 0 : p.days * 2`, Result: `6`},
			{Text: `p.note ? 1 : 2`, Problem: `E204 expected a boolean for the condition of ?, found text or null`},
		},
	},
	{
		Name: "let", Sign: "let x = value; rest", Doc: "Names a value for the rest of the expression.",
		Shown: []Shown{
			{Text: `let total = sum(p.lines, .price); total + total`, Result: `25.00`},
			{Text: `let total = 1`, Problem: `E201 the expression ends too early`},
			{Text: `1; 2`, Problem: `E201 found several expressions, expected one`},
		},
	},
	{
		Name: "the item", Sign: "#, .field",
		Doc: "In `map`, `filter`, `any` and the other [functions that go over a list](functions.md#lists) " +
			"`#` is the item and `.field` its field.",
		Shown: []Shown{
			{Text: `filter(p.lines, .price > 1)`, Result: `[{"code":"B","price":12.00}]`},
			{Text: `map([1, 2], # * 10)`, Result: `[10,20]`},
			{Text: `map(p.lines, let code = .code; count([1, 2], # > 1))`, Result: `[1,1]`},
			{Text: `filter(p.lines, .prcie > 1)`, Problem: `E203 the item has no field "prcie" = did you mean "price"?`},
			{Text: `# + 1`, Problem: `E201 did not expect "#" here = # is the item inside map, filter and the like`},
			{
				Text: `filter(p.lines, x => x.price > 1)`,
				Problem: `E201 did not expect "=" here = inside map, filter and the like the item is #, and its field .name: ` +
					`filter(list, .price > 1)`,
			},
		},
	},
	{
		Name: "calls of functions", Sign: "f(a, b)", Doc: "The [functions](functions.md). Values have no methods.",
		Shown: []Shown{
			{Text: `upper("a")`, Result: `"A"`},
			{Text: `p.number.upper()`, Problem: `E206 values have no methods = write upper(value, ...) instead of value.upper(...)`},
			{Text: `uper("a")`, Problem: `E206 there is no function "uper" = did you mean "upper"?`},
			{Text: `upper("a", "b")`, Problem: `E204 upper takes 1 argument, found 2 = it is upper(s text) text`},
			{Text: `upper(p.count)`, Problem: `E204 expected text as s of upper, found integer = it is upper(s text) text`},
		},
	},
	{
		Name: "groups", Sign: "(a)", Doc: "What is in parentheses is computed by itself.",
		Shown: []Shown{{Text: `(1 + 2) * 3`, Result: `9`}, {Text: `(1 + 2 * 3`, Problem: `E201 the expression ends too early`}},
	},
	{
		Name: "comments", Sign: "/* … */", Doc: "Is not read. In YAML a ` #` ends a plain text: an expression with `#` in it stands in quotes.",
		Shown: []Shown{{Text: `1 /* one */ + 1`, Result: `2`}, {Text: `1 /* one`, Problem: `E201 unclosed comment`}},
	},
}
