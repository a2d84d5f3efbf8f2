package queue

import (
	"strings"
	"testing"

	"fondaco/schema"
)

// TestWordsOfTopics: a value is one word of a topic, or nothing is sent; the error does not show it.
func TestWordsOfTopics(t *testing.T) {
	made, bad := parseTopic("semafori/{id}/comando")
	if bad != nil {
		t.Fatal(bad)
	}
	dotted, bad := parseTopic("{id}.comando")
	if bad != nil {
		t.Fatal(bad)
	}
	fill := func(of *template, id string, dots bool) (string, error) {
		return of.fill(func(string) schema.Value { return schema.Text(id) }, dots)
	}
	for _, id := range []string{
		"", "a/b", "#", "a#", "+", "*", "a\x00b", "a\nb", "a\u007fb", "a\u0085b", "a\u2028b", "\xff", strings.Repeat("x", 250), "../../x",
	} {
		if got, err := fill(made, id, false); err == nil {
			t.Errorf("%q became the topic %q", id, got)
		} else if id != "" && len(id) > 2 && strings.Contains(err.Error(), id) {
			t.Errorf("the error shows the value: %v", err)
		}
	}
	for id, want := range map[string]string{"7": "semafori/7/comando", "a b.c": "semafori/a b.c/comando", "è😀": "semafori/è😀/comando"} {
		if got, err := fill(made, id, false); err != nil || got != want {
			t.Errorf("%q: found %q %v", id, got, err)
		}
	}
	if got, err := fill(dotted, "a.b", true); err == nil {
		t.Errorf("a.b became the routing key %q", got)
	}
	if got, err := fill(dotted, "$SYS", false); err == nil {
		t.Errorf("$SYS became the topic %q", got)
	}
}

// TestWordsReceived: the words of a topic are found again, and what the filter of a broker lets through otherwise is none of it.
func TestWordsReceived(t *testing.T) {
	for _, c := range []struct{ pattern, topic, id string }{
		{"maree/{id}/livello", "maree/punta salute/livello", "punta salute"},
		{"maree/{id}/{+2}", "maree/a/b", "a"},
		{"maree/{id}/{#}", "maree/a/b/c", "a"},
		{"maree/{id}/{#}", "maree/a", "a"},
		{"maree/{id}/{#}", "maree/a\n/b", "a\n"},
	} {
		words, fits := wordsOf(c.pattern).words(c.topic)
		if !fits || words["id"] != c.id {
			t.Errorf("%s in %q: found %v %t", c.pattern, c.topic, words, fits)
		}
	}
	for pattern, topic := range map[string]string{"maree/{id}/livello": "maree/a/b/livello", "maree/{id}/{#}": "altro/a"} {
		if words, fits := wordsOf(pattern).words(topic); fits {
			t.Errorf("%s in %q: found %v", pattern, topic, words)
		}
	}
}
