package pages

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTexts: what templates and pages say stands in the table, in both languages and with the same values; nothing stands there that
// nobody says.
func TestTexts(t *testing.T) {
	said := map[string]bool{}
	find := func(text string, pattern *regexp.Regexp) {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			said[m[1]] = true
		}
	}
	entries, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(entries) < 10 {
		t.Fatal(entries, err)
	}
	for _, name := range entries {
		content, _ := files.ReadFile(name)
		find(string(content), regexp.MustCompile(`\.T "([a-z.]+)"`))
	}
	sources, _ := fs.Glob(os.DirFS("."), "*.go")
	for _, name := range sources {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		find(string(content), regexp.MustCompile(`\bT\("([a-z.]+)"`))
		find(string(content), regexp.MustCompile(`"(acted\.[a-z]+)":`))
	}
	for _, tab := range (&visit{}).Tabs() {
		said["tab."+tab.Name] = true
	}
	for key := range said {
		if _, known := texts[key]; !known && !strings.HasSuffix(key, ".") {
			t.Errorf("the text %q is not in the table", key)
		}
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, p := range texts {
		if p.it == "" || p.en == "" || strings.Join(verbs.FindAllString(p.it, -1), "") != strings.Join(verbs.FindAllString(p.en, -1), "") {
			t.Errorf("%s: found %q and %q", key, p.it, p.en)
		}
		space, _, _ := strings.Cut(key, ".")
		if !said[key] && space != "state" && space != "reason" && space != "unit" && !said[space+"."] {
			t.Errorf("the text %q is said nowhere", key)
		}
	}
}

// TestLanguage: the browser's wish counts before the project's language.
func TestLanguage(t *testing.T) {
	for accept, want := range map[string]language{
		"": "it", "en-GB,en;q=0.9,it;q=0.8": "en", "it-IT,it;q=0.9,en-US;q=0.8": "it", "de, en;q=0.3, it;q=0.2": "en", "fr": "it",
		"en;q=0, it;q=0.1": "it", "en;q=x": "it", "*": "it",
	} {
		if got := languageOf(accept, nil); got != want {
			t.Errorf("%q: found %s, expected %s", accept, got, want)
		}
	}
}
