package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"fondaco/engine"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestCommandsDescribed: every command and every flag says what it is.
func TestCommandsDescribed(t *testing.T) {
	seen := 0
	eachCommand(commands(&engine.World{}), func(c *cobra.Command) {
		if c.Short == "" {
			t.Errorf("%s says nothing of itself", c.CommandPath())
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if seen++; f.Usage == "" {
				t.Errorf("%s: the flag --%s says nothing of itself", c.CommandPath(), f.Name)
			}
		})
	})
	if seen < 40 {
		t.Errorf("found %d flags", seen)
	}
}

// TestCompletion: what "fondaco completion bash" prints completes commands and flags in a bash.
func TestCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	dir := t.TempDir()
	code, script, problems := command(t, dir, "completion", "bash")
	if code != exitOK {
		t.Fatal(problems)
	}
	for line, want := range map[string]string{"fondaco expl": "explain", "fondaco audit li": "list", "fondaco audit list --form": "--format"} {
		words := strings.Fields(line)
		// What the package bash-completion would bring: the words before the cursor.
		try := `_get_comp_words_by_ref() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${COMP_WORDS[COMP_CWORD]}; }
compopt() { :; }
fondaco() { "$BIN" "$@"; }
` + script + `
COMP_TYPE=9 COMP_WORDS=(` + line + `) COMP_CWORD=` + strconv.Itoa(len(words)-1) + ` COMP_LINE="` + line +
			`" COMP_POINT=` + strconv.Itoa(len(line)) + `
__start_fondaco
printf '%s\n' "${COMPREPLY[@]}"
`
		c := exec.Command(bash, "-c", try)
		c.Env = append(os.Environ(), "FONDACO_TEST_COMMAND=1", "BIN="+os.Args[0])
		out, err := c.CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("%s is completed to %q, expected %q; %v", line, out, want, err)
		}
	}
}
