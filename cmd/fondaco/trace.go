package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

func traceCommand(w *engine.World) *cobra.Command {
	o := &operators{w: w}
	c := &cobra.Command{
		Use: "trace ID",
		Short: "Tell the story of a request, a trace, an operation or a message: what was accepted, called, published, and what came of it, " +
			"over all hops",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d arguments, expected the id of a request, a trace, an operation or a message", len(args))}
			}
			var s console.Story
			if err := o.ask(c.Context(), http.MethodGet, console.TracesPath, url.Values{"find": args}, &s); err != nil || o.format == "json" {
				return err
			}
			fmt.Fprint(w.Stdout, storyText(&s))
			if len(s.Hops) == 0 && len(s.Operations) == 0 {
				return errors.New(nothingFound(&s))
			}
			return nil
		},
	}
	o.declare(c)
	return c
}

// nothingFound says why there is no story.
func nothingFound(s *console.Story) string {
	if !s.Recorded {
		return "this process records no traces: traces is off, or the log says why their file could not be opened"
	}
	return "nothing is recorded under this id: all work on messages, accepted requests and failures are for 30 days, of other requests one " +
		"in a hundred is, unless traces says otherwise; each process knows its own"
}

// storyText is a story as a tree, one exchange or step a line.
func storyText(s *console.Story) string {
	var b strings.Builder
	for _, op := range s.Operations {
		fmt.Fprintf(&b, "operation %s of %s: %s since %s", op.ID, op.Route, op.State, op.Updated.Format(storyTime))
		if op.Status != 0 {
			fmt.Fprintf(&b, ", answer %d", op.Status)
		}
		b.WriteString("\n")
	}
	for _, h := range s.Hops {
		indent := strings.Repeat("  ", h.Depth)
		fmt.Fprintf(&b, "%s%s  %s\n", indent, h.At.Format(storyTime), hopText(&h))
		for _, t := range h.Steps {
			fmt.Fprintf(&b, "%s    +%.1f ms  %s\n", indent, t.After, stepText(&t))
		}
		if h.Waits != nil {
			fmt.Fprintf(&b, "%s    waits for %s, next attempt %s\n", indent, h.Waits.On, h.Waits.Next.Format(storyTime))
		}
	}
	for _, l := range s.Letters {
		fmt.Fprintf(&b, "dead letter %s: %s, %s: %s\n", l.ID, l.State, l.Reason, l.Detail)
	}
	return b.String()
}

const storyTime = "2006-01-02T15:04:05.000Z07:00"

func hopText(h *console.Hop) string {
	route := h.Route
	if route == "" {
		route = "(no route)"
	}
	text := fmt.Sprintf("request  %s  %d  %.1f ms", route, h.Status, h.Ms)
	switch h.Kind {
	case "accepted":
		text = fmt.Sprintf("request  %s  %d  operation %s  %.1f ms", route, h.Status, h.Operation, h.Ms)
	case "message":
		text = fmt.Sprintf("message  %s  %s on %s  attempt %d: %s  %.1f ms", route, h.Message, h.Topic, h.Attempt, h.Outcome, h.Ms)
	}
	if h.Fault != "" {
		text += "  " + h.Fault
	}
	return text
}

func stepText(t *console.HopStep) string {
	text := fmt.Sprintf("call     %s (%s)  attempt %d", t.Operation, t.Effect, t.Attempt)
	if t.Effect == "publish" {
		text = fmt.Sprintf("publish  %s  %s", t.Operation, t.Message)
	}
	text += fmt.Sprintf("  %.1f ms", t.Ms)
	if t.Fault != "" {
		text += "  " + t.Fault
	}
	return text + "  at " + t.Place
}
