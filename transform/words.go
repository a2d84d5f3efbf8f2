package transform

// Word is a row of the table of words of the mapping language: the decoder takes from it which words there are, the reference page how
// they are used.
type Word struct {
	Name  string // as it is written; "" of what has no word
	Title string
	Doc   string
	Shown []Shown
}

// Shown is an example: a mapping over the names of the page's specimen, and either what it makes, as JSON, or the problem that it has, as
// CODE message = hint. A test evaluates all of them.
type Shown struct{ Text, Result, Problem string }

// Words lists the words of mappings, and what has none.
func Words() []Word { return wordTable }

// words are the keys that are the language's.
var words = func() (names []string) {
	for _, w := range wordTable {
		if w.Name != "" {
			names = append(names, w.Name)
		}
	}
	return names
}()

var wordTable = []Word{
	{
		Title: "Literals",
		Doc: "What is written stands for itself, with its YAML type: whole numbers, exact decimals, `true` and `false` (and no other word), " +
			"`null`, lists, records, texts. A number that is a text stands in quotes.",
		Shown: []Shown{
			{
				Text:   "a: 1\nb: 1.50\nc: yes\nd: null\ne: true\nf: [1, x]\ng: \"041\"",
				Result: `{"a":1,"b":1.50,"c":"yes","d":null,"e":true,"f":[1,"x"],"g":"041"}`,
			},
			{Text: "a: 99999999999999999999", Problem: `E104 the number does not fit 64 bits`},
			{
				Text: "a: p.state",
				Problem: `warning E201 the text "p.state" goes out as it stands = write ${p.state} for the value, or put the ` +
					`text in quotes if it is meant`,
			},
			{
				Text:    "a: \"{{ p.state }}\"",
				Problem: `warning E201 the text "{{ p.state }}" goes out as it stands = write ${p.state} for the value`,
			},
		},
	},
	{
		Title: "Values: `${…}`",
		Doc: "A text that is one hole is the value of its expression, of whatever type. A field that is nil goes out as the field's type " +
			"says: it is left out where it may be absent, and is `null` where it may be null.",
		Shown: []Shown{
			{Text: "amount: ${p.amount}\nlines: ${len(p.lines)}", Result: `{"amount":12.50,"lines":2}`},
			{Text: "note: ${p.note}", Result: `{"note":null}`},
			{Text: "a: ${p.amuont}", Problem: `E203 p has no field "amuont" = did you mean "amount"?`},
			{
				Text:    "a: ${p.amount",
				Problem: `E201 the hole ${ is not closed = close it with }, or write $${ for the characters themselves`,
			},
			{Text: "a: ${}", Problem: `E201 found nothing, expected an expression`},
		},
	},
	{
		Title: "Texts with holes",
		Doc: "Text around holes makes a text: numbers, days and conditions are written as they are. What may be nil needs a value for " +
			"that case. `$${` is the characters `${`. A text that begins with `{`, `[`, `*`, `&`, `!`, `%`, `@` or holds `: ` or ` #` stands in " +
			"quotes, as in all YAML.",
		Shown: []Shown{
			{Text: "Notice ${p.number} of ${p.day}", Result: `"Notice 12/2026 of 2026-01-31"`},
			{Text: "costs $${1}", Result: `"costs ${1}"`},
			{Text: "note ${p.note ?? \"none\"}", Result: `"note none"`},
			{
				Text:    "note ${p.note}",
				Problem: `E205 p.note may be nil, and stands in a text = give a value for that case: ${p.note ?? ""}`,
			},
			{
				Text: "lines ${p.lines}",
				Problem: `E204 expected text, a number or a date in a text with holes, found list of {code: text, price: ` +
					`decimal}`,
			},
		},
	},
	{
		Title: "Records",
		Doc:   "The fields that are named, and no others: what is not named is not passed on. A name that begins with `$` is written with two.",
		Shown: []Shown{
			{Text: "number: ${p.number}\nowner: { name: \"${p.owner?.name}\" }", Result: `{"number":"12/2026","owner":{"name":null}}`},
			{Text: "$$ref: x", Result: `{"$ref":"x"}`},
			{Text: "$reff: x", Problem: `E101 "$reff" is not a word of the mapping language = did you mean "$ref"?`},
		},
	},
	{
		Name: "$for", Title: "`$for: name in list`",
		Doc: "A list of what is made of each item, which has the name within. The fields stand beside it.",
		Shown: []Shown{
			{Text: "$for: l in p.lines\ncode: ${l.code}", Result: `[{"code":"A"},{"code":"B"}]`},
			{
				Text:    "$for: p.lines\ncode: x",
				Problem: `E201 $for: found "p.lines", expected a name and a list, as v in verbali.verbale`,
			},
			{Text: "$for: l in p.owner\ncode: x", Problem: `E204 $for: expected a list, found {name: text} or null`},
			{
				Text:    "$for: l in p.lines",
				Problem: `E102 nothing says what each l becomes = write its fields beside $for, or one value under $item`,
			},
		},
	},
	{
		Name: "$item", Title: "`$item: value`",
		Doc: "Beside `$for`: what each item becomes, where it is no record.",
		Shown: []Shown{
			{Text: "$for: l in p.lines\n$item: ${l.price}", Result: `[0.50,12.00]`},
			{Text: "$item: 1", Problem: `E101 $item stands without $for = write $for: x in list beside it`},
			{
				Text:    "$for: l in p.lines\n$item: 1\ncode: x",
				Problem: `E101 "code" stands beside $item = with $item the items are its values; fields belong into it`,
			},
		},
	},
	{
		Name: "$if", Title: "`$if: condition`",
		Doc: "A field, item or part is left out unless the condition holds; beside `$for` it is asked for each item. A whole " +
			"mapping that is left out is nil. What stands beside it knows that the condition holds.",
		Shown: []Shown{
			{Text: "a: 1\nb: { $if: p.note != nil, text: \"${upper(p.note)}\" }", Result: `{"a":1}`},
			{Text: "$for: l in p.lines\n$if: l.price > 1\ncode: ${l.code}", Result: `[{"code":"B"}]`},
			{Text: "$if: p.days != nil\ndays: ${p.days + 1}", Result: `{"days":4}`},
			{
				Text:    "a: { $if: p.note, b: 1 }",
				Problem: `E204 $if: expected a condition, found text or null = to ask whether it is there write p.note != nil`,
			},
			{Text: "a: { $if: p.count, b: 1 }", Problem: `E204 $if: expected a condition, found integer`},
		},
	},
	{
		Name: "$merge", Title: "`$merge: [a, b]`",
		Doc: "Records laid over each other, the later ones on top; fields beside it lie over all. A field that a part has only " +
			"perhaps keeps the value of the part before.",
		Shown: []Shown{
			{
				Text:   "$merge: [\"${p.lines[0] ?? {code: \\\"-\\\"}}\", { price: 9 }]\nnumber: ${p.number}",
				Result: `{"code":"A","price":9,"number":"12/2026"}`,
			},
			{Text: "$merge: { a: 1 }", Problem: `E103 $merge: found an object, expected a list of mappings`},
			{Text: "$merge: [1]", Problem: `E204 $merge: expected records, found integer`},
			{Text: "$merge: [\"${p.owner}\"]", Problem: `E205 $merge: the record may be nil = give a value for that case: ${… ?? {}}`},
		},
	},
	{
		Name: "$ref", Title: "`$ref: file`",
		Doc: "The mapping of a file of the project, as if it stood here: the names in scope here are in scope there.",
		Shown: []Shown{
			{Text: "owner: { $ref: mappings/owner.yaml }", Result: `{"owner":{"name":"nobody"}}`},
			{
				Text:    "owner: { $ref: mappings/onwer.yaml }",
				Problem: `E003 the file mappings/onwer.yaml is not there = did you mean mappings/owner.yaml?`,
			},
			{
				Text:    "$ref: mappings/owner.yaml\nb: 1",
				Problem: `E101 "b" stands beside $ref = merge them: $merge: [{$ref: ...}, {...}]`,
			},
		},
	},
}
