package config_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"fondaco/config"
	"fondaco/config/diag"
)

// told returns the problems as lines: place, code, message, and the hint on a line of its own.
func told(out *diag.List) string {
	var lines []string
	for _, p := range out.Sorted() {
		lines = append(lines, p.Pos.String()+": "+string(p.Code)+" "+p.Message)
		if p.Hint != "" {
			lines = append(lines, "= "+p.Hint)
		}
	}
	return strings.Join(lines, "\n")
}

func TestProblemsOfYAML(t *testing.T) {
	bomb := "a: &a [x]\n"
	for i := 'b'; i < 'k'; i++ {
		bomb += string(i) + ": &" + string(i) + " [" + strings.Repeat("*"+string(i-1)+",", 9) + "x]\n"
	}
	for _, test := range []struct{ name, src, want string }{
		{"second colon", "a: 1\nsummary: Orario: dalle 9\n", `f:2:16: E001 found a second colon in the line, expected one key and one value
= put the value in quotes: summary: "Orario: dalle 9"`},
		{"value and children", "call: x.y\n  with: 1\n", `f:2:3: E001 wrong indentation: "with" stands under "call", which has the value "x.y" already
= move "with" to column 1 to stand beside "call", or take call's value away`},
		{
			"value and children of an item", "steps:\n  - call: x.y\n      with: 1\n",
			`f:3:7: E001 wrong indentation: "with" stands under "call", which has the value "x.y" already
= move "with" to column 5 to stand beside "call", or take call's value away`,
		},
		{"between two levels", "a:\n    b: 1\n  c: 2\n", `f:3:3: E001 wrong indentation: the line begins in column 3, its neighbours in columns 1 and 5
= move it to column 1 to stand beside "a", or to column 5 to stand beside "b"`},
		{
			"deeper than its siblings after a list", "steps:\n  - call: a\n    with: {}\n   as: b\n",
			`f:4:4: E001 wrong indentation: the line begins in column 4, its neighbours in columns 3 and 5
= move it to column 3 to stand beside "- call", or to column 5 to stand beside "with"`,
		},
		{"no colon", "a: 1\nsummary\nb: 2\n", `f:2:1: E001 found "summary" without a colon, expected a key and its value
= write a colon and a space after the key`},
		{"no colon at the end", "a: 1\nsummary\n", `f:2:1: E001 found "summary" without a colon, expected a key and its value
= write a colon and a space after the key`},
		{"no space after the colon", "a: 1\nb:2\nc: 3\n", `f:2:1: E001 found "b:2" without a colon, expected a key and its value
= write a colon and a space after the key`},
		{"tab", "a:\n\tb: 1\n", "f:2:1: E001 found a tab in the indentation\n= use spaces: two a level"},
		{
			"a comment that cuts an expression", "a:\n  when: any(righe, # > 1) && none(righe, # == 'x') # both\n",
			`f:2:20: E001 in a value without quotes " #" begins a comment, and cuts it off here
= put the whole value in quotes: 'any(righe, # > 1) && none(righe, # == ''x'')'`,
		},
		{"at sign", "a: 1\nb: @x\n", `f:2:4: E001 found "@" at the beginning of a value, which YAML keeps for itself
= put the value in quotes`},
		{"star", "a: 1\norigins: *\n", `f:2:10: E001 found "*" at the beginning of a value, which YAML keeps for itself
= put the value in quotes`},
		{"item on its key's line", "a: 1\nsteps: - call: x\n", `f:2:8: E001 found a list item on the line of its key
= put the list under its key, each item on a line of its own`},
		{"item among keys", "a: 1\n- b\n", `f:2:1: E001 found a list item among keys, expected a key and its value
= indent it under its key, or make it a key`},
		{"key among items", "- a\nb: 1\n", `f:2:1: E001 found "b" in a list, expected an item
= begin it with "- ", or indent it to belong to the item above`},
		{"escape", "a: 1\npattern: \"^\\d+$\"\n", `f:2:12: E001 found "\\d" in double quotes, which is not an escape
= use single quotes, or write the backslash twice`},
		{"open quote", "a: \"x\nb: 1\n", "f:1:4: E001 this quote is never closed\n= close it with \""},
		{"open bracket", "a: [x, y\nb: 1\n", `f:1:4: E001 this [ is not closed in order
= close it with ], put commas between its parts, and put text with special characters in quotes`},
		{
			"hole in braces", "a: 1\nwith: { x: ${y.z}, q: 1 }\n",
			`f:2:12: E001 found ${y.z} without quotes inside of { } or [ ], where YAML takes its braces for its own
= put it in quotes: "${y.z}"`,
		},
		{"text after quote", "a: \"x\" y\n", `f:1:8: E001 found text after the closing quote
= put the whole value in one pair of quotes; inside of '…' a quote is written twice`},
		{"Y01 alias bomb", bomb, ""},
		{"Y02 recursion", "a: &x\n  b: *x\n", "f:1:4: E001 found the anchor &x; anchors are no part of the language\n= take it away, or put " +
			"the value in quotes if it is text"},
		{"unknown alias", "a: *x\n", "f:1:4: E001 found the alias *x; aliases are no part of the language\n= put it in quotes if it is " +
			"text: \"*x\""},
		{"merge", "a: { <<: { b: 1 } }\n", "f:1:6: E001 found the merge key <<, which is not part of the language\n= write the fields out; in " +
			"mappings there is $merge"},
		{
			"Y03 duplicate of many", "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8\ni: 9\nj: 10\nk: 11\nl: 12\nm: 13\nn: 14\nb: 15\nn: 16\n",
			"f:15:1: E002 the key \"b\" stands twice in one object\n= the first is in line 2; keep one\nf:16:1: E002 the key \"n\" stands twice " +
				"in one object\n= the first is in line 14; keep one",
		},
		{"Y03 duplicate", "a: 1\nb: 2\n\"a\": 3\n", "f:3:2: E002 the key \"a\" stands twice in one object\n= the first is in line 1; keep one"},
		{"Y06 binary", "a: !!binary aGk=\n", "f:1:4: E001 found the tag !!binary; tags are no part of the language\n= take it away: the field " +
			"decides the type"},
		{"Y06 tag", "a: !x {}\n", "f:1:4: E001 found the tag !x; tags are no part of the language\n= take it away: the field decides the type"},
		{"Y06 undefined handle", "a: !e!x 1\n", "f:1:4: E001 found a tag; tags are no part of the language\n= put the value in quotes if " +
			"it is text"},
		{"Y06 two documents", "a: 1\n---\nb: 2\n", "f:2:1: E001 found a second document, expected one in a file\n= take the line --- away, or " +
			"make it two files"},
		{"Y06 UTF-16", "\xff\xfea\x00", "f:1:1: E001 the file is in UTF-16, expected UTF-8\n= save it as UTF-8"},
		{"Y06 BOM inside", "a: \ufeffx\n", "f:1:4: E001 found the invisible character U+FEFF\n= take it away, or write it as an escape in " +
			"double quotes"},
		{"NUL", "a: x\x00\n", "f:1:5: E001 found the control character U+0000\n= take it away, or write it as an escape in double quotes"},
		{"carriage return", "a: x\rb: y\n", "f:1:5: E001 found a carriage return that ends no line\n= end lines with a line feed"},
		{"Latin-1", "a: x\nb: perch\xe9\n", "f:2:9: E001 found the byte 0xE9, which is not UTF-8\n= save the file as UTF-8"},
		{"Y21 direction", "a: x\u202ey\n", "f:1:5: E001 found the invisible character U+202E\n= take it away, or write it as an escape in " +
			"double quotes"},
		{"Y07 empty", "", "f:1:1: E001 the file is empty\n= write it, or take it away"},
		{"Y07 comment", "# nothing\n", "f:1:1: E001 the file is empty\n= write it, or take it away"},
		{"too large", strings.Repeat("#", config.MaxFile+1), "f: E003 the file has 4194305 bytes, expected at most 4194304"},
		{"key without a name", ": x\n", "f:1:1: E001 found a colon without a key\n= write the key before the colon"},
		{"object as key", "{a: 1}: x\n", "f:1:1: E001 found a list or object as a key, expected text\n= in { } and [ ] put expressions and " +
			"braces in quotes"},
		{
			"deep", strings.Repeat("[", 200) + strings.Repeat("]", 200),
			"f:1:102: E001 found more than 100 levels of lists and objects\n= make it flatter",
		},
	} {
		var out diag.List
		began := time.Now()
		config.Parse("f", []byte(test.src), &out)
		if took := time.Since(began); took > 10*time.Second && test.name == "Y01 alias bomb" {
			t.Errorf("%s: took %v", test.name, took)
		}
		if got := told(&out); got != test.want && test.want != "" || !out.Failed() {
			t.Errorf("%s\n%s\ngave %s\nwant %s", test.name, test.src[:min(len(test.src), 200)], got, test.want)
		}
	}
}

// TestScalars is row Y05: nothing is taken for what it only looks like.
// A comment behind a value is one, whatever brackets it has, unless the value's own brackets are closed in it.
func TestCommentsWithBrackets(t *testing.T) {
	var out diag.List
	root := config.Parse("f", []byte("a: any(b) # (one\nb: '(' # )\nc: ${x} # }\nd: ( # not the end\ne: (x) # (y)\n"), &out)
	if out.Len() > 0 {
		t.Fatal(out.Sorted())
	}
	for key, want := range map[string]string{"a": "any(b)", "b": "(", "c": "${x}", "d": "(", "e": "(x)"} {
		if got := root.Get(key).Text.Value; got != want {
			t.Errorf("%s: found %q, expected %q", key, got, want)
		}
	}
}

func TestScalars(t *testing.T) {
	for src, want := range map[string]config.NodeKind{
		"no": config.NodeText, "on": config.NodeText, "Yes": config.NodeText, "012": config.NodeText, "1:30": config.NodeText,
		"027042": config.NodeText,
		"1e3":    config.NodeFloat, "1.50": config.NodeFloat, ".5": config.NodeFloat, "-1": config.NodeInt, "0": config.NodeInt,
		"0.1":   config.NodeFloat,
		"1_000": config.NodeText, "0x1F": config.NodeText, "0o17": config.NodeText, ".inf": config.NodeText, "2026-01-01": config.NodeText,
		"true": config.NodeBool, "True": config.NodeBool, "null": config.NodeNull, "~": config.NodeNull, "": config.NodeNull,
		"1.":  config.NodeFloat,
		`"1"`: config.NodeText, "'true'": config.NodeText, "-": config.NodeText, "1e": config.NodeText, ".": config.NodeText,
		"00": config.NodeText,
	} {
		if src == "-" {
			src = `"-"`
		}
		var out diag.List
		n := config.Parse("f", []byte("a: "+src+"\n"), &out).Get("a")
		if out.Len() > 0 || n.Kind != want || n.Quoted != strings.ContainsAny(src, `"'`) {
			t.Errorf("%s gave %v %q, want %v; %s", src, n.Kind, n.Text.Value, want, told(&out))
		}
	}
}

func TestCRLFAndMark(t *testing.T) {
	var out diag.List
	n := config.Parse("f", []byte("\ufeffa: x\r\nb: |\r\n  y\r\n  z\r\n"), &out)
	if n == nil || n.Get("a").Text.Value != "x" || n.Get("a").Text.Pos.Col != 4 || n.Get("b").Text.Value != "y\nz\n" || out.Len() > 0 {
		t.Errorf("gave %+v %s", n, told(&out))
	}
	if pos := n.Get("b").Text.At(2); pos.Line != 4 || pos.Col != 3 {
		t.Errorf("gave %v", pos)
	}
}

// TestPlaces looks for ± in each value and in the file: At must lead from one to the other.
func TestPlaces(t *testing.T) {
	for name, src := range map[string]string{
		"plain":           "a: però ±x\n",
		"plain folded":    "a: perché\n  sì\n\n\n  no ±x\n",
		"single":          "a: 'però ''x'' ±x'\n",
		"single folded":   "a: 'l''una   \n   l''altra\n\n   ±x'\n",
		"double":          `a: "\u00e8 \x41 \U0001F600 \t \" \\ \N \_ \L è ±x"` + "\n",
		"double folded":   "a: \"uno   \n   due\\\n   tre\n\n\n   ±x\"\n",
		"double CRLF":     "a: \"uno\r\n   due\\\r\n   tre ±x\"\r\n",
		"literal":         "a: |\n  uno\n\n    due\n  tre ±x\n",
		"literal keep":    "a: |+\n\n  uno\n  ±x\n\n",
		"literal indent":  "a: |2\n    uno\n   ±x\n",
		"literal CRLF":    "a: |\r\n  uno\r\n  ±x\r\n",
		"folded":          "a: >-\n  uno\n  due\n\n  tre\n    più\n\n    dentro\n  fuori ±x\n",
		"folded spaces":   "a: >\n  uno   \n  due ±x\n",
		"folded in list":  "- a: >-\n    uno\n    ±x\n",
		"in a flow":       "{ a: [ 'x', \"è ±x\" ] }\n",
		"key":             "\"è ±x\": 1\n",
		"literal in item": "a:\n  - |\n    uno\n    due ±x\n",
	} {
		var out diag.List
		root := config.Parse("f", []byte(src), &out)
		if root == nil {
			t.Errorf("%s: %s", name, told(&out))
			continue
		}
		found := false
		eachText(root, func(text config.Text) {
			offset := strings.Index(text.Value, "±")
			if offset < 0 {
				return
			}
			found = true
			at := strings.Index(src, "±")
			line := strings.Count(src[:at], "\n") + 1
			col := utf8.RuneCountInString(src[strings.LastIndexByte(src[:at], '\n')+1:at]) + 1
			if pos := text.At(offset); pos.Line != line || pos.Col != col {
				t.Errorf("%s: %q gave %v, want %d:%d", name, text.Value, pos, line, col)
			}
			if pos := text.At(offset + 2); pos.Line != line || pos.Col != col+1 {
				t.Errorf("%s: the x in %q gave %v, want %d:%d", name, text.Value, pos, line, col+1)
			}
		})
		if !found {
			t.Errorf("%s: no ± in the values", name)
		}
	}
}

func eachText(n *config.Node, visit func(config.Text)) {
	visit(n.Text)
	for _, e := range n.Entries {
		visit(e.Key)
		eachText(e.Value, visit)
	}
	for _, item := range n.Items {
		eachText(item, visit)
	}
}

func FuzzParse(f *testing.F) {
	for _, src := range []string{
		"a: 1\n", "a: [x, {y: z}]\n", "a: |\n  x\n", "a: >-\n  x\n y", "a: \"\\u00e9\\\n  b\"\n", "a: 'b''\n\n c'", "*a", "&a b: *a",
		"- - a: b\n   c", "a: b: c", "{a: ${b}}", "\t", "---\n---\n", "? a\n: b", "%TAG ! x\n---\n", "a: @", "\"a\" b", "a\nb: c",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		began := time.Now()
		var out diag.List
		n := config.Parse("f", src, &out)
		if n == nil && !out.Failed() {
			t.Fatal("nothing, and no word why")
		}
		lines := strings.Count(string(src), "\n") + 1
		if n != nil {
			eachText(n, func(text config.Text) {
				for _, offset := range []int{0, len(text.Value) / 2, len(text.Value)} {
					if pos := text.At(offset); pos.Line < 1 || pos.Line > lines || pos.Col < 1 {
						t.Fatalf("%q at %d is %v", text.Value, offset, pos)
					}
				}
			})
		}
		for _, p := range out.Sorted() {
			if p.Pos.Line < 0 || p.Pos.Line > lines || p.Message == "" {
				t.Fatalf("%+v", p)
			}
		}
		out.Print(new(strings.Builder), func(string) []byte { return src }, false)
		if took := time.Since(began); took > 10*time.Second {
			t.Fatalf("took %v", took)
		}
	})
}
