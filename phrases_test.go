package fondaco

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// phrase is wording that native readers stumble over, and what to write instead.
type phrase struct {
	word    string // stands in each text that found matches, and is looked for first, for that is fast
	found   *regexp.Regexp
	instead string
}

// phrases must stand in no comment, no message and no page. A text that allowed matches is right all the same.
var phrases = []phrase{
	{"gives", regexp.MustCompile(`\bgives\b`), "returns, sets, declares, passes"},
	{"ells ", regexp.MustCompile(`(?i)\btells (whether|why|how|which|what|that|when|where|if|so|of|nothing|in words)\b`), "reports whether, says why"},
	{" tells", regexp.MustCompile(`(?i)\b(health|log|state|account|writing|context|document) tells\b`), "reports"},
	{"tells", regexp.MustCompile(`\btells([.;,:]|$)`), "reports it"},
	{"cannot be told", regexp.MustCompile(`\bcannot be told (whether|what|which|why|how|now|here|if)\b|\bmeant cannot be told\b`), "is not known"},
	{" spoken", regexp.MustCompile(`\b(is|are|be) (not )?spoken\b`), "is supported"},
	{" none", regexp.MustCompile(`\b(that|which) (is|are) none[.,;:)"]`), "invalid, unknown"},
	{"mend", regexp.MustCompile(`\bmend(s|ed|ing)?\b`), "repair, correct, free space"},
	{" of ours", regexp.MustCompile(`\bmistakes? of ours\b`), "internal error"},
	{"endangers", regexp.MustCompile(`\bendangers\b`), "risks losing"},
	{"speaks of nobody", regexp.MustCompile(`\bspeaks of nobody\b`), "identifies nobody"},
	{"as it was", regexp.MustCompile(`\bgoes on as it was\b`), "still serving the previous version"},
	{"1 ", regexp.MustCompile(`(^|[^.\d])\b1 (routes|systems|tests|problems|letters|connectors|messages)\b`), "a plural that fits its number"},
	{
		" is no ", regexp.MustCompile(`\bis no (\w+ )?(address|CloudEvent|date|header|https|HTTP|media type|multipart|name of|object|option|` +
			`regular file|SOAP|status list|word of)\b`), "is not a",
	},
}

// allowed are the word of the language gives:, a line of Go that names it, and usual English.
var allowed = regexp.MustCompile("gives:|`gives`|^`?\"gives\"`?$|answer and gives; gives is|keep, kept, gives|^// gives |-gives-|" +
	`\bgives([ \w']+)? (back|up|way|out|room|on)\b|\bgives (it back|the|a|an|some|letters|each|them|its)\b[^.]*\bback\b`)

// exempt are files that must say such words: those that forbid them, and what others have written.
var exempt = regexp.MustCompile(`^(phrases_test\.go|routes/trigger/italian\.go|docs/reference/|examples/.*\.(wsdl|xsd)$|.*/testdata/)`)

// TestPhrases: comments, texts in quotes and pages are plain technical English.
func TestPhrases(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch path = filepath.ToSlash(path); {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != ".":
			return fs.SkipDir
		case d.IsDir() || exempt.MatchString(path):
			return nil
		}
		switch filepath.Ext(path) {
		case ".md":
			for i, line := range strings.Split(read(t, path), "\n") {
				seen++
				reportPhrases(t, path, i+1, line)
			}
		case ".go":
			eachText(read(t, path), func(line int, text string) {
				seen++
				reportPhrases(t, path, line, text)
			})
		}
		return nil
	})
	if err != nil || seen < 10_000 {
		t.Errorf("%d texts were read, expected all of them: %v", seen, err)
	}
}

// eachText calls f with each line of the comments and of the texts in quotes of a file of Go.
func eachText(source string, f func(line int, text string)) {
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), nil, scanner.ScanComments)
	for {
		pos, tok, text := s.Scan()
		switch tok {
		case token.EOF:
			return
		case token.COMMENT, token.STRING:
			for i, part := range strings.Split(text, "\n") {
				f(file.Line(pos)+i, part)
			}
		}
	}
}

func reportPhrases(t *testing.T, path string, line int, text string) {
	t.Helper()
	for _, p := range phrases {
		if !strings.Contains(text, p.word) {
			continue
		}
		if found := p.found.FindString(text); found != "" && !allowed.MatchString(text) {
			t.Errorf("%s:%d: found %q, expected plain words, such as: %s", path, line, found, p.instead)
		}
	}
}
