package texts_test

import (
	"net/http"
	"testing"

	"fondaco/openapi/texts"
)

// TestEveryTextInBothLanguages: no key is without its text, and no text is that of the other language.
func TestEveryTextInBothLanguages(t *testing.T) {
	italian, english := texts.Language("it").All(), texts.Language("en").All()
	seen := map[string]bool{}
	for i, it := range italian {
		en := english[i]
		if it == "" || en == "" || it == en {
			t.Errorf("text %d: %q in Italian, %q in English", i, it, en)
		}
		if seen[it] || seen[en] {
			t.Errorf("text %d is there twice: %q, %q", i, it, en)
		}
		seen[it], seen[en] = true, true
	}
	if len(italian) < 100 {
		t.Errorf("the table has %d texts", len(italian))
	}
}

func TestEveryStatusHasATextInItalian(t *testing.T) {
	for status := 200; status < 600; status++ {
		name := http.StatusText(status)
		if name != "" && texts.Language("it").Status(status) == name {
			t.Errorf("%d: %q is English", status, name)
		}
	}
}

func TestLanguages(t *testing.T) {
	for language, want := range map[texts.Language][3]string{
		"en": {"Production", "Too many requests", "Error"}, "it": {"Produzione", "Troppe richieste", "Errore"},
		"": {"Produzione", "Troppe richieste", "Errore"},
	} {
		if got := [3]string{language.Text(texts.Production), language.Status(429), language.Status(599)}; got != want {
			t.Errorf("%q: %q, expected %q", language, got, want)
		}
	}
}
