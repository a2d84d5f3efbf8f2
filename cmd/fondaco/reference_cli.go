package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commandLine is the reference page of the commands, from the commands themselves.
func commandLine(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(generated + "# The command line\n\nWhat each command takes. `fondaco help COMMAND` prints the same, `fondaco help CODE` a " +
		"problem. `fondaco completion bash`\n(zsh, fish, powershell) prints what makes a shell complete commands and flags; its `--help` says " +
		"where it goes. `fondaco man DIR` writes manual pages.\n\n" +
		"## Exit codes\n\n| code | what it means |\n| --- | --- |\n")
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "| %d | %s |\n", e.code, e.means)
	}
	eachCommand(root, func(c *cobra.Command) {
		fmt.Fprintf(&b, "\n## `%s`\n\n%s.\n", c.UseLine(), strings.TrimSuffix(c.Short, "."))
		if c.Long != "" {
			fmt.Fprintf(&b, "\n```text\n%s\n```\n", strings.TrimSpace(c.Long))
		}
		if c.Example != "" {
			fmt.Fprintf(&b, "\n```text\n%s\n```\n", strings.TrimRight(c.Example, "\n "))
		}
		first := true
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if f.Hidden || f.Name == "help" {
				return
			}
			if first {
				b.WriteString("\n| flag | default | what it is |\n| --- | --- | --- |\n")
				first = false
			}
			name, usage := pflag.UnquoteUsage(f)
			if name != "" {
				name = " " + name
			}
			def := ""
			if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
				def = inCode(f.DefValue)
			}
			fmt.Fprintf(&b, "| `--%s%s` | %s | %s |\n", f.Name, name, inCell(def), inCell(usage))
		})
	})
	return b.String()
}

// eachCommand calls visit for every command that people are told of, by name, groups before what is in them.
func eachCommand(c *cobra.Command, visit func(*cobra.Command)) {
	for _, sub := range c.Commands() {
		if sub.Hidden {
			continue
		}
		visit(sub)
		eachCommand(sub, visit)
	}
}
