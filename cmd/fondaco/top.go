package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

// topPause is how long a table of fondaco top stands.
const topPause = time.Second

// topClears moves to the top of a terminal, and clears what is below.
const topClears = "\x1b[H\x1b[J"

func topCommand(w *engine.World) *cobra.Command {
	o := &operators{w: w}
	once := false
	c := &cobra.Command{
		Use: "top",
		Short: "Show how systems and the work of routes stand, once a second: calls of the last hour and how long they took, what waits, " +
			"what is tried again, what died",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for {
				var b bytes.Buffer
				if err := top(c.Context(), o, &b); err != nil {
					if c.Context().Err() != nil { // it was ended while it asked
						return nil
					}
					return err
				}
				if w.Screen && !once {
					b = *bytes.NewBufferString(topClears + b.String())
				}
				if _, err := b.WriteTo(w.Stdout); err != nil || once {
					return err
				}
				select {
				case <-c.Context().Done():
					return nil
				case <-time.After(topPause):
				}
			}
		},
	}
	o.declareConsole(c)
	c.Flags().BoolVar(&once, "once", false, "show one table and end")
	return c
}

// top writes one table.
func top(ctx context.Context, o *operators, to io.Writer) error {
	var systems []console.System
	if err := o.ask(ctx, http.MethodGet, console.SystemsPath, nil, &systems); err != nil {
		return err
	}
	var topics []console.Topic
	if err := o.ask(ctx, http.MethodGet, console.TopicsPath, nil, &topics); err != nil {
		return err
	}
	now := o.w.Now()
	t := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s\nsystem\tstate\tsince\tattempts/h\tfailed/h\twithheld/h\tp50\tp95\tp99\tfaults\n", now.Format(time.TimeOnly))
	slices.SortStableFunc(systems, func(a, b console.System) int { return cmp.Compare(wellness(a), wellness(b)) })
	for _, s := range systems {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n", s.System, s.State, sinceText(s.Since, now), s.Hour.Attempts, s.Hour.Failed,
			s.Hour.Withheld, strings.Join(quantiles(s.Hour), "\t"), dashed(faultsText(s.Hour.Faults)))
	}
	fmt.Fprintf(t, "\t\t\t\t\t\t\t\t\t\nroute\tstate\toldest\twaiting\tretrying\tdead\tfailed\t\t\twaits for\n")
	for _, r := range topics {
		retrying, on := 0, map[string]int64{}
		for _, x := range r.Retries {
			retrying += x.Messages
			on[x.On] += int64(x.Messages)
		}
		for name, n := range r.WaitsFor {
			on[name] += int64(n)
		}
		oldest, _ := time.Parse(time.RFC3339, r.Oldest)
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t\t\t%s\n", cmp.Or(r.Route, r.Topic+" "+r.Group), dashed(r.State), sinceText(oldest, now),
			r.InFlight, retrying, r.Dead, r.Failed, dashed(faultsText(on)))
	}
	return t.Flush()
}

// wellness puts systems that are left alone first.
func wellness(s console.System) int {
	if s.State == "closed" {
		return 1
	}
	return 0
}

// quantiles are how long attempts took; of none dashes.
func quantiles(m console.Measured) []string {
	if m.Attempts == 0 {
		return []string{"-", "-", "-"}
	}
	text := func(ms float64) string {
		if ms >= 1000 {
			return fmt.Sprintf("%.1fs", ms/1000)
		}
		return fmt.Sprintf("%.1fms", ms)
	}
	last := text(m.P99)
	if m.Beyond {
		last = ">" + last
	}
	return []string{text(m.P50), text(m.P95), last}
}

// faultsText lists what is counted by name, as "timeout 3, unavailable 1".
func faultsText(counts map[string]int64) string {
	var all []string
	for name, n := range counts {
		all = append(all, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// sinceText says how long ago something was, a dash where that is not known.
func sinceText(t, now time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return max(now.Sub(t), 0).Truncate(time.Second).String()
}

func dashed(text string) string { return cmp.Or(text, "-") }
