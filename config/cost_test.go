package config_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
)

// TestNoTextIsSlow holds that a text costs what its length is worth, whatever stands in it.
func TestNoTextIsSlow(t *testing.T) {
	for _, part := range []string{
		"[", "{", "- ", "? ", "a: ", "#\n", "# x\n- a\n", "\n", "\"", "'", "- a\n", "a:\n - b\n", "*a ", "&a ", "!!",
		"|\n", " ", "a\n", "a: |\n\n", "- [a, b, {c: d}]\n", "-\n", ",", "${", "a: b: ", "'' ", "x#\n",
	} {
		src := []byte(strings.Repeat(part, 250<<10/len(part)))
		var out diag.List
		began := time.Now()
		config.Parse("f", src, &out)
		out.Print(io.Discard, func(string) []byte { return src }, false)
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%q took %v", part, took)
		}
	}
}
