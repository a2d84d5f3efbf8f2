package scaffold

import (
	"math/rand"
	"strings"
	"testing"
	"unicode/utf8"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
)

// narrow reports lines that are wider than widest.
func narrow(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > widest {
			t.Errorf("found a line of %d characters: %s", n, line)
		}
	}
}

// parsed reads YAML that must have no problem.
func parsed(t *testing.T, text string) *config.Node {
	t.Helper()
	var out diag.List
	n := config.Parse("x.yaml", []byte(text), &out)
	if out.Failed() || n == nil {
		t.Fatalf("%s in\n%s", out.Summary(), text)
	}
	return n
}

// TestBrokenText: a text that is broken into lines reads as it was, whatever its spaces, escapes and long words.
func TestBrokenText(t *testing.T) {
	texts := []string{
		strings.Repeat("parola ", 60), strings.Repeat("x", 400), strings.Repeat("città ", 50), strings.Repeat("  a", 100),
		strings.Repeat(" ", 300), strings.Repeat(`\`, 200), strings.Repeat(`"`, 200), strings.Repeat("\x01", 90), strings.Repeat("\\ ", 150),
		strings.Repeat("字", 200), strings.Repeat("# - : ", 60), strings.Repeat("a ", 63) + "b ", strings.Repeat("\n", 150),
	}
	pieces := []string{" ", "  ", "a", "parola", "\\", "\"", "\n", "\t", "è", "字", "#", "- ", ": ", "\x02", "%", "...", "---"}
	random := rand.New(rand.NewSource(1))
	for range 2000 {
		var b strings.Builder
		for range random.Intn(250) {
			b.WriteString(pieces[random.Intn(len(pieces))])
		}
		texts = append(texts, b.String())
	}
	broken := 0
	for _, text := range texts {
		for _, col := range []int{3, 60, 139} {
			written := strings.Repeat("k", col-2) + ": " + quotedAt(text, col, 4) + "\n"
			if got := parsed(t, written).Entries[0].Value.Text.Value; got != text {
				t.Fatalf("found %q, expected %q, of\n%s", got, text, written)
			}
			if strings.Count(written, "\n") > 1 {
				broken++
			}
			if col < 100 {
				narrow(t, written)
			}
		}
	}
	if broken < 1000 {
		t.Errorf("%d texts were broken, expected more than 1000", broken)
	}
}

// TestImportedWidth: what an import writes has lines of at most 140 characters, and says the same.
func TestImportedWidth(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("Consultazione degli atti: ", 7))
	var fields []schema.Field
	for _, n := range strings.Fields("codiceFiscale nome cognome dataNascita luogoNascita eMail telefono indirizzo cfDichiarante " +
		"codiceFiscaleDelegato nomeDelegato cognomeDelegato dataNascitaDelegato cellulare") {
		fields = append(fields, schema.Field{Name: n, Type: schema.TypeText})
	}
	in := schema.RecordType(fields...)
	out := schema.RecordType(schema.Field{Name: "testo", Type: schema.TypeText}, schema.Field{Name: "righe", Type: schema.ListOf(schema.TypeText)})
	op := &Operation{
		Operation: connectors.Operation{Name: "leggi", Title: long, Input: in, Output: out}, Wire: strings.Repeat("leggi/", 40),
		Sample: schema.RecordOf(out, schema.Text(long+long), schema.List([]schema.Value{schema.Text(strings.Repeat("QUFB", 100))})),
		Faults: strings.Fields(strings.Repeat("ErroreDiConsultazione ", 12)),
	}
	x := &Import{
		Protocol: "rest", Title: long, Operations: []*Operation{op}, Unreadable: []string{long},
		Params: []Param{
			{Name: "endpoint", Format: "uri", Comment: long},
			{Name: "codice", Default: strings.Repeat("0", 100), Doc: long, Secret: true},
			{Name: "breve", Comment: "nel documento"},
		},
		Fields: []string{"openapi: a.json", "# review: " + long},
	}
	files := x.Files("prova")
	for _, name := range []string{connectors.File, "samples/leggi.yaml"} {
		narrow(t, string(files[name]))
	}
	c := parsed(t, string(files[connectors.File]))
	leggi := c.Get("operations").Get("leggi")
	for _, one := range [][2]string{
		{c.Get("title").Text.Value, long},
		{leggi.Get("title").Text.Value, long},
		{leggi.Get("operation").Text.Value, op.Wire},
		{c.Get("params").Get("endpoint").Get("format").Text.Value, "uri"},
		{c.Get("params").Get("codice").Get("default").Text.Value, strings.Repeat("0", 100)},
		{c.Get("params").Get("codice").Get("description").Text.Value, long},
	} {
		if one[0] != one[1] {
			t.Errorf("found %q, expected %q", one[0], one[1])
		}
	}
	if n := len(leggi.Get("personal").Items); n < 10 {
		t.Errorf("found %d personal names, expected those that were guessed:\n%s", n, files[connectors.File])
	}
	if row := "  breve: { type: string } # nel documento\n"; !strings.Contains(string(files[connectors.File]), row) {
		t.Errorf("expected %q in\n%s", row, files[connectors.File])
	}
	answer := parsed(t, string(files["samples/leggi.yaml"])).Items[0].Get("answer")
	if got := answer.Get("testo").Text.Value; got != long+long {
		t.Errorf("found %q", got)
	}
	if got := answer.Get("righe").Items[0].Text.Value; got != strings.Repeat("QUFB", 100) {
		t.Errorf("found %q", got)
	}
}
