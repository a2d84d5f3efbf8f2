package main

import (
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// question is a row of docs/guide/questions.md.
type question struct {
	number, asked string
	answers       []string // what is written as code: pages and commands
}

// questions reads the table of the page.
func questions(t *testing.T) (all []question) {
	t.Helper()
	page, err := os.ReadFile("../../docs/guide/questions.md")
	if err != nil {
		t.Fatal(err)
	}
	cell := regexp.MustCompile(` \| `)
	for line := range strings.Lines(string(page)) {
		cells := cell.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "| \n"), -1)
		if len(cells) != 4 {
			continue
		}
		if _, err := strconv.Atoi(cells[0]); err != nil {
			continue
		}
		q := question{number: cells[0], asked: cells[1]}
		for i, answer := range cells[2:] {
			codes := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(answer, -1)
			if len(codes) == 0 && answer != "not yet" || len(codes) > 0 && i == 0 && !strings.HasPrefix(codes[0][1], "/console/") {
				t.Errorf("%s. %s: found %q, expected a page, a command or \"not yet\"", q.number, q.asked, answer)
			}
			for _, code := range codes {
				q.answers = append(q.answers, strings.ReplaceAll(code[1], "\x00", "|"))
			}
		}
		all = append(all, q)
	}
	return all
}

// TestGuideQuestions: of each of the operators' questions the pages answer on the running example city, and the commands are there: those
// that name nothing of the reader's own are run.
func TestGuideQuestions(t *testing.T) {
	t.Parallel()
	all := questions(t)
	if len(all) != 25 {
		t.Fatalf("found %d questions, expected 25", len(all))
	}
	p := startDemo(t)
	asks := func(path, holds string) {
		t.Helper()
		code, body := p.askConsole(http.MethodGet, path)
		if code != http.StatusOK || !strings.Contains(body, holds) {
			t.Errorf("%s: found %d without %q: %s", path, code, holds, body)
		}
	}
	named := regexp.MustCompile(`\b[A-Z]{2,}(_[A-Z]+)*\b`)
	for i, q := range all {
		if q.number != strconv.Itoa(i+1) {
			t.Errorf("%s. %s: found the number %s, expected %d", q.number, q.asked, q.number, i+1)
		}
		for _, answer := range q.answers {
			words := strings.Fields(answer)
			switch {
			case strings.HasPrefix(answer, "/"):
				asks(answer, "</html>")
			case words[0] == "curl":
				_, path, _ := strings.Cut(words[2], ":8081")
				_, holds, _ := strings.Cut(answer, "| grep ")
				asks(path, holds)
			case words[0] == "grep":
			case words[0] != "fondaco":
				t.Errorf("%s. %s: %q is no command of Fondaco", q.number, q.asked, answer)
			default:
				args := append(words[1:], "--console", p.console)
				if named.MatchString(answer) { // flags are read before help is shown
					args = append(args, "--help")
				}
				if code, out, errs := command(t, t.TempDir(), args...); code != exitOK || out == "" {
					t.Errorf("%s. %s: %q ends with %d: %s%s", q.number, q.asked, answer, code, out, errs)
				}
			}
		}
	}
}
