package transform

import (
	"bytes"
	"testing"
)

// TestCarets: wherever an expression stands in YAML, the caret stands under what is wrong in it.
func TestCarets(t *testing.T) {
	const nearest = "      = did you mean \"numero\"?\n\n1 problem in 1 file\n"
	for _, c := range []struct{ name, in, want string }{
		{
			"after an accent", "città: ${righe[0]?.nmero}\n",
			"m.yaml:1:20: E203 righe[0] has no field \"nmero\"\n" +
				"    1 | città: ${righe[0]?.nmero}\n" +
				"      |                    ^^^^^\n" + nearest,
		},
		{
			"in single quotes", "a: 'l''età: ${righe[0]?.nmero}'\n",
			"m.yaml:1:25: E203 righe[0] has no field \"nmero\"\n" +
				"    1 | a: 'l''età: ${righe[0]?.nmero}'\n" +
				"      |                         ^^^^^\n" + nearest,
		},
		{
			"in double quotes", `a: "\"è\u00e8\" ${righe[0]?.nmero + \"x\"}"` + "\n",
			"m.yaml:1:29: E203 righe[0] has no field \"nmero\"\n" +
				`    1 | a: "\"è\u00e8\" ${righe[0]?.nmero + \"x\"}"` + "\n" +
				"      |                             ^^^^^\n" + nearest,
		},
		{
			"in a folded block", "a: >\n  prima ${1}\n  seconda ${righe[0]?.nmero}\n",
			"m.yaml:3:23: E203 righe[0] has no field \"nmero\"\n" +
				"    3 |   seconda ${righe[0]?.nmero}\n" +
				"      |                       ^^^^^\n" + nearest,
		},
		{
			"in a literal block", "a: |\n  prima ${1}\n  seconda ${righe[0]?.nmero}\n",
			"m.yaml:3:23: E203 righe[0] has no field \"nmero\"\n" +
				"    3 |   seconda ${righe[0]?.nmero}\n" +
				"      |                       ^^^^^\n" + nearest,
		},
		{
			"over two lines", "a: ${len(righe) +\n    righe[0]?.nmero}\n",
			"m.yaml:2:15: E203 righe[0] has no field \"nmero\"\n" +
				"    2 |     righe[0]?.nmero}\n" +
				"      |               ^^^^^\n" + nearest,
		},
		{
			"bare", "$for: r in righe\n$if: r.numero == r.nmero\nn: ${r.numero}\n",
			"m.yaml:2:20: E203 r has no field \"nmero\"\n" +
				"    2 | $if: r.numero == r.nmero\n" +
				"      |                    ^^^^^\n" + nearest,
		},
		{
			"in a list", "a: {b: [1, 'x ${upper(righe)}']}\n",
			"m.yaml:1:23: E204 expected text as s of upper, found list of {numero: text, importo: decimal, attivo: boolean, iuv?: text}\n" +
				"    1 | a: {b: [1, 'x ${upper(righe)}']}\n" +
				"      |                       ^^^^^\n" +
				"      = it is upper(s text) text\n\n1 problem in 1 file\n",
		},
		{
			"of $for", "$for:   r   in   rige\nn: ${r.numero}\n",
			"m.yaml:1:18: E202 nothing here is called \"rige\"\n" +
				"    1 | $for:   r   in   rige\n" +
				"      |                  ^^^^\n" +
				"      = did you mean \"righe\"?\n\n1 problem in 1 file\n",
		},
		{
			"nil", "numero: ${forse.numero}\n",
			"m.yaml:1:11: E205 forse may be nil, and a field of it is read\n" +
				"    1 | numero: ${forse.numero}\n" +
				"      |           ^^^^^\n" +
				"      = write forse?.…, or make sure before: forse != nil\n\n1 problem in 1 file\n",
		},
	} {
		m, out := parse(t, c.in)
		s, _ := scene()
		m.Check(s, out)
		var b bytes.Buffer
		out.Print(&b, func(string) []byte { return []byte(c.in) }, false)
		if b.String() != c.want {
			t.Errorf("%s\nfound:\n%sexpected:\n%s", c.name, b.String(), c.want)
		}
	}
}
