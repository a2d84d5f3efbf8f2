package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/connectors/policy"
	"fondaco/engine"
	"fondaco/routes"
	"fondaco/routes/routestest"
	"fondaco/transform/expr"

	"github.com/spf13/cobra"
)

// referenceCommand writes the reference pages from the very definitions that the parser uses.
func referenceCommand(w *engine.World) *cobra.Command {
	return &cobra.Command{
		Use:    "reference DIR",
		Short:  "Write the reference pages",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			for name, text := range references(commands(w)) {
				if err := os.WriteFile(filepath.Join(w.Path(args[0]), name+".md"), []byte(text), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

const generated = "<!-- Written by \"make generate\". Change the definitions, not this page. -->\n\n"

func references(root *cobra.Command) map[string]string {
	pages := map[string]string{
		"project": page("fondaco.yaml", "The project's own file.", func(o *spec.Object) { (&project.Project{}).Spec(o) }) +
			"\n## A system\n\nEach entry of `systems`:\n\n" + spec.Markdown(func(o *spec.Object) {
			connectors.SystemSpec(o, (&policy.Set{}).
				Spec)
		}) +
			"\n## A service\n\nEach entry of `services`:\n\n" + spec.Markdown(routes.ServiceSpec) +
			"\n## A topic\n\nEach entry of `topics`:\n\n" + spec.Markdown(routes.TopicSpec) +
			"\n## A file of callers\n\nThe file that `callers` of a scheme by `api_key` or `basic` names:\n\n" + spec.Markdown(project.CallersSpec),
		"connector": page("connector.yaml", "A reusable description of one kind of system.",
			func(o *spec.Object) { connectors.Spec(o, all.Protocols) }),
		"interface": page("interfaces/*.yaml", "What connectors of different vendors offer alike: a connector that says `implements: "+
			"NAME@VERSION` has its operations.", connectors.InterfaceSpec),
		"tests": page("tests/*.yaml", "A project's own tests, run by `fondaco test`.", routestest.Spec),
	}
	var steps strings.Builder
	steps.WriteString(page("routes/*.yaml", "A file of routes.", routes.Spec))
	names, declare := routes.StepSpecs()
	for _, name := range names {
		fmt.Fprintf(&steps, "\n## The step `%s`\n\n%s", name, spec.Markdown(declare[name]))
	}
	pages["routes"] = steps.String()
	pages["functions"] = functions()
	pages["problems"] = problems()
	pages["language"] = language()
	pages["cli"] = commandLine(root)
	return pages
}

func page(title, about string, declare func(*spec.Object)) string {
	return generated + "# " + title + "\n\n" + about + "\n\n" + spec.Markdown(declare)
}

func functions() string {
	var b strings.Builder
	b.WriteString(generated + "# Functions\n\nWhat expressions may call. Each example is run by a test.\n")
	groups := map[string][]expr.Builtin{}
	order := []string{}
	for _, f := range expr.Builtins() {
		if groups[f.Group] == nil {
			order = append(order, f.Group)
		}
		groups[f.Group] = append(groups[f.Group], f)
	}
	for _, g := range order {
		fmt.Fprintf(&b, "\n## %s\n\n| function | what it returns | example | result |\n| --- | --- | --- | --- |\n", g)
		for _, f := range groups[g] {
			cell := func(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
			fmt.Fprintf(&b, "| `%s` | %s | `%s` | `%s` |\n", cell(f.Signature), cell(f.Doc), cell(f.Example), cell(f.Result))
		}
	}
	return b.String()
}

func problems() string {
	var b strings.Builder
	b.WriteString(generated + "# Problems\n\nWhat `fondaco check` can report. `fondaco help CODE` prints one of them.\n")
	for _, d := range diag.Docs() {
		fmt.Fprintf(&b, "\n## %s: %s\n\n%s\n\nWrong, in `%s`:\n\n```\n%s```\n\nRight:\n\n```\n%s```\n", d.Code, d.Title, d.Text, d.File,
			ended(d.Bad), ended(d.Good))
	}
	return b.String()
}

func ended(s string) string {
	if strings.HasSuffix(s, "\n") {
		return s
	}
	return s + "\n"
}
