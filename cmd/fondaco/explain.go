package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sort"
	"strings"
	"text/tabwriter"
	"time"

	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/engine"
	"fondaco/routes"
	"fondaco/schema"

	"github.com/spf13/cobra"
)

func explainCommand(w *engine.World) *cobra.Command {
	dir := "."
	c := &cobra.Command{
		Use:   "explain ROUTE",
		Short: "Draw a route: its steps, the types of all values, the systems, the policies, and what its failures look like",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d names, expected one route", len(args))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return checked(w, dir, func(_ *engine.Folder, t *routes.Typed) error {
				var names []string
				for _, r := range slices.Concat(t.Started(), t.Subs) {
					if r.Model.ID.Value == args[0] {
						explain(w.Stdout, r, t.Constants(r), w.Now())
						return nil
					}
					names = append(names, r.Model.ID.Value)
				}
				return fmt.Errorf("there is no route %q%s", args[0], diag.DidYouMean(args[0], names))
			})
		},
	}
	c.Flags().StringVar(&dir, "project", dir, "the project's folder")
	return c
}

// explain draws a route, with the constants that it reads, nil for none; now is when it is drawn.
func explain(w io.Writer, r *routes.TypedRoute, constants *schema.Type, now time.Time) {
	m := r.Model
	title, about := r.Trigger(now)
	fmt.Fprintf(w, "%s  %s  (%s)\n", m.ID.Value, title, m.Pos)
	if m.Summary != "" {
		fmt.Fprintf(w, "  %s\n", m.Summary)
	}
	for _, line := range about {
		fmt.Fprintf(w, "  %s\n", line)
	}
	later(w, m)
	waits(w, m)
	for _, in := range []string{"path", "query", "header", "cookie"} {
		for _, p := range m.Params[in] {
			need := "optional"
			if p.Required {
				need = "required"
			}
			if !p.Type.Default.IsAbsent() {
				need = "has a default"
			}
			fmt.Fprintf(w, "  %s.%s: %s, %s\n", in, p.Name, p.Type, need)
		}
	}
	if m.Body != nil {
		fmt.Fprintf(w, "  body: %s\n", m.Body.Whole())
	}
	if constants != nil {
		fmt.Fprintf(w, "  project: %s\n", constants.Whole())
	}
	fmt.Fprintln(w)
	drawSteps(w, r.Steps, "  ")
	switch {
	case r.Status == 0: // the steps always end before
	case r.Answer != nil:
		fmt.Fprintf(w, "  └─ respond %d: %s\n", r.Status, r.Answer.Whole())
	default:
		fmt.Fprintf(w, "  └─ respond %d %s\n", r.Status, http.StatusText(r.Status))
	}
	systems := map[string]bool{}
	for _, c := range r.Calls {
		systems[c.System] = true
	}
	var names []string
	for s := range systems {
		names = append(names, s)
	}
	sort.Strings(names)
	if len(names) > 0 {
		fmt.Fprintf(w, "\nSystems: %s\n", strings.Join(names, ", "))
	}
	failures(w, r.Steps)
}

// later says of a route with accept: async what its callers see first, and how they learn of the end.
func later(w io.Writer, m *routes.RouteModel) {
	if !m.Async {
		return
	}
	fmt.Fprintf(w, "  accept: async; 202 once the request is on durable storage, GET /operations/{id} returns its state\n")
	r := m.ReplyTo()
	if r == nil {
		return
	}
	fmt.Fprintf(w, "  reply_to: the result is sent by POST to the address in X-ReplyTo, if that is under %s; any other is refused before "+
		"anything is kept\n", strings.Join(r.Allow, " or "))
	fmt.Fprintf(w, "            %s an attempt; unless answered 2xx again after %s..%s, %d attempts, then a dead letter; a redirect, 400, "+
		"410, 413, 415 or 422 at once; the operation stays as it is\n",
		spec.Short(r.Timeout), spec.Short(r.Backoff.From), spec.Short(r.Backoff.To), r.Attempts)
}

// waits says of a route that works on messages what uses up their attempts, and what waits for how long.
func waits(w io.Writer, m *routes.RouteModel) {
	if !m.Handles() {
		return
	}
	plan, most := m.Work()
	fmt.Fprintf(w, "  work: what fails comes again after %s..%s, %d attempts; what needs a system that is down uses up none and waits for "+
		"%s, then a dead letter, reason unavailable\n",
		spec.Short(plan.First), spec.Short(plan.Max), plan.Attempts, most)
}

func drawSteps(w io.Writer, steps []*routes.Step, indent string) {
	for _, s := range steps {
		line := s.Kind
		if s.Title != "" {
			line += " " + s.Title
		}
		if s.When != "" {
			line += "  when " + s.When
		}
		fmt.Fprintf(w, "%s├─ %s\n", indent, line)
		inner := indent + "│    "
		if c := s.Call; c != nil {
			fmt.Fprintf(w, "%seffect: %s; takes %s\n", inner, c.Effect, c.Input.Whole())
			if c.Inquiry != "" {
				fmt.Fprintf(w, "%sin doubt, as after a crash: asked about by %s\n", inner, c.Inquiry)
			}
			var policies []string
			for _, p := range c.Policies {
				policies = append(policies, fmt.Sprintf("%s %s (%s)", p.Name, p.Value, p.From))
			}
			fmt.Fprintf(w, "%spolicies: %s\n", inner, strings.Join(policies, "; "))
		}
		if len(s.Steps) == 0 || s.Kind == "for_each" || s.Kind == "repeat" || s.Kind == "route" {
			for _, n := range s.Names {
				fmt.Fprintf(w, "%s%s: %s\n", inner, n.Name, n.Type.Whole())
			}
		}
		if len(s.Steps) > 0 {
			drawSteps(w, s.Steps, indent+"│  ")
		}
	}
}

// failures prints what comes of failures, a line for each way in which a step can fail.
func failures(w io.Writer, steps []*routes.Step) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\n%s\t%s\t%s\t%s\n", "step", "if", "the system may have done", "the caller sees")
	var walk func([]*routes.Step)
	walk = func(steps []*routes.Step) {
		for _, s := range steps {
			for _, o := range s.Outcomes {
				effect := o.Effect
				if effect == "" {
					effect = "-"
				}
				name := s.ID
				if s.Call != nil {
					name = s.Title
				}
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", name, o.If, effect, o.Seen)
			}
			walk(s.Steps)
		}
	}
	walk(steps)
	_ = t.Flush() // w's errors are its owner's
}
