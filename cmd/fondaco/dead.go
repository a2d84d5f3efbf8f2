package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/user"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"fondaco/console"
	"fondaco/engine"
)

// operators asks the console of a running Fondaco.
type operators struct {
	w       *engine.World
	console string
	format  string
}

func (o *operators) declare(c *cobra.Command) {
	o.declareConsole(c)
	c.Flags().StringVar(&o.format, "format", "text", "text or json")
}

// declareConsole is declare of a command that has no other form than text.
func (o *operators) declareConsole(c *cobra.Command) {
	c.Flags().StringVar(&o.console, "console", "", "the console of the running Fondaco, HOST:PORT or a URL; without it "+consoleVariable+
		", or the project's in this folder, or "+usualConsole)
}

// ask sends a request and reads the answer into v.
func (o *operators) ask(ctx context.Context, method, path string, q url.Values, v any) error {
	return o.send(ctx, method, path, q, nil, v)
}

// send is ask with a body, for what no address may hold.
func (o *operators) send(ctx context.Context, method, path string, q url.Values, body io.Reader, v any) error {
	root, source, err := consoleRoot(o.w, o.console)
	if err != nil {
		return usageError{err}
	}
	patience := time.Minute
	if method != http.MethodGet {
		patience = time.Hour // many letters take their time
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, root+path+"?"+q.Encode(), body)
	if err != nil {
		return usageError{err}
	}
	direct := &http.Transport{} // no proxy stands before the console, whatever the environment says
	defer direct.CloseIdleConnections()
	res, err := (&http.Client{Transport: direct}).Do(req)
	if err != nil {
		return fmt.Errorf("the console %s (said by %s) does not answer: is Fondaco running there? %w", root, source, err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil {
		return err
	}
	if res.StatusCode == http.StatusNotFound {
		return fmt.Errorf("the console %s (said by %s) has nothing at %s: the project that runs there keeps no messages, or another version of "+
			"Fondaco runs there", root, source, path)
	}
	if res.StatusCode != http.StatusOK {
		var p struct{ Title, Detail string }
		_ = json.Unmarshal(data, &p)
		return fmt.Errorf("the console says: %s", cmp.Or(p.Detail, p.Title))
	}
	if o.format == "json" {
		_, err = fmt.Fprintf(o.w.Stdout, "%s", data)
		return errors.Join(err, json.Unmarshal(data, v))
	}
	return json.Unmarshal(data, v)
}

// letterFlags say which dead letters are meant.
type letterFlags struct {
	topic, group, route, reason, key, state, since, until string
	limit                                                 int
}

func (f *letterFlags) declare(c *cobra.Command) {
	c.Flags().StringVar(&f.topic, "topic", "", "those of a topic")
	c.Flags().StringVar(&f.group, "group", "", "those of a consumer group")
	c.Flags().StringVar(&f.route, "route", "", "those of a route")
	c.Flags().StringVar(&f.reason, "reason", "", "those that died for a reason, as refused")
	c.Flags().StringVar(&f.key, "key", "", "those of a key")
	c.Flags().StringVar(&f.since, "since", "", "those kept since a time, as 2026-01-31T09:00:00Z")
	c.Flags().StringVar(&f.until, "until", "", "those kept before a time")
}

func (f *letterFlags) query(ids []string) url.Values {
	q := url.Values{}
	for name, v := range map[string]string{
		"topic": f.topic, "group": f.group, "route": f.route, "reason": f.reason, "key": f.key,
		"state": f.state, "since": f.since, "until": f.until,
	} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if f.limit > 0 {
		q.Set("limit", strconv.Itoa(f.limit))
	}
	q["id"] = ids
	return q
}

type letterList struct {
	Total   int64            `json:"total"`
	Letters []console.Letter `json:"letters"`
}

func deadCommand(w *engine.World) *cobra.Command {
	c := &cobra.Command{
		Use: "dead", Short: "Dead letters: messages that could not be handled, until somebody replays or discards them",
		Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(deadListCommand(w), deadShowCommand(w),
		deadActCommand(w, "replay", "Give letters back to their topics, under the ids that they had", console.ReplayPath),
		deadActCommand(w, "discard", "Throw letters away; who did it stays known", console.DiscardPath))
	return c
}

func deadListCommand(w *engine.World) *cobra.Command {
	o, f := &operators{w: w}, &letterFlags{}
	c := &cobra.Command{
		Use:   "list [ID...]",
		Short: "List the letters, the oldest first",
		RunE: func(c *cobra.Command, ids []string) error {
			var list letterList
			if err := o.ask(c.Context(), http.MethodGet, console.DeadPath, f.query(ids), &list); err != nil || o.format == "json" {
				return err
			}
			t := tabwriter.NewWriter(w.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "id\tkept\ttopic\tkey\treason\tattempts\tstate\tdetail")
			for _, l := range list.Letters {
				state := l.State
				if l.Result != "" {
					state += ", " + l.Result
				}
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", l.ID, l.Kept, l.Topic, l.Key, l.Reason, l.Attempts, state, l.Detail)
			}
			if err := t.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(w.Stdout, "%s\n", engine.Counted(list.Total, "letter"))
			return nil
		},
	}
	o.declare(c)
	f.declare(c)
	c.Flags().StringVar(&f.state, "state", "", "waiting (if neither this nor an id is given), replaying, replayed, discarded or all")
	c.Flags().IntVar(&f.limit, "limit", 0, "how many are listed; 100 if nothing is said")
	return c
}

func deadActCommand(w *engine.World, word, short, path string) *cobra.Command {
	o, f := &operators{w: w}, &letterFlags{}
	yes, all, why := false, false, ""
	done, notDone := false, false
	c := &cobra.Command{
		Use:   word + " [ID...]",
		Short: short,
		Long:  short + ".\nIt counts first, and acts with --yes on as many as it counted, or on none.",
		RunE: func(c *cobra.Command, ids []string) error {
			q := f.query(ids)
			if len(ids) == 0 && !all && *f == (letterFlags{}) {
				return usageError{errors.New("say which letters: ids, a filter, or --all")}
			}
			if done && len(ids) == 0 {
				return usageError{errors.New("--done closes letters that are named: say their ids")}
			}
			var list letterList
			count := &operators{w: w, console: o.console}
			if err := count.ask(c.Context(), http.MethodGet, console.DeadPath, q, &list); err != nil {
				return err
			}
			if !yes || list.Total == 0 {
				fmt.Fprintf(w.Stdout, "%s selected; nothing is done without --yes\n", engine.Counted(list.Total, "letter"))
				return nil
			}
			q.Set("expect", strconv.FormatInt(list.Total, 10))
			q.Set("who", me())
			if why != "" {
				q.Set("why", why)
			}
			switch {
			case done:
				q.Set("outcome", "done")
			case notDone:
				q.Set("outcome", "not-done")
			}
			var what console.Acted
			if err := o.ask(c.Context(), http.MethodPost, path, q, &what); err != nil {
				return err
			}
			return reportActed(w, &what, o.format)
		},
	}
	o.declare(c)
	f.declare(c)
	c.Flags().BoolVar(&yes, "yes", false, "do it")
	c.Flags().BoolVar(&all, "all", false, "all letters that wait")
	c.Flags().StringVar(&why, "why", "", "the cause, which is kept in the letters' history")
	if path == console.ReplayPath {
		c.Flags().BoolVar(&notDone, "not-done", false, "no call of the letters took effect, or what they did was undone: letters with the "+
			"reason outcome-unknown or partial-effect are replayed, and their calls made again")
		c.Flags().BoolVar(&done, "done", false, "the call in doubt took effect: letters with those reasons, named by their ids, are closed "+
			"and nothing is called")
		c.MarkFlagsMutuallyExclusive("done", "not-done")
	}
	return c
}

// reportActed reports what was done, and what was not and why: that is an error.
func reportActed(w *engine.World, a *console.Acted, format string) error {
	if format != "json" {
		for what, n := range map[string]*int64{"replayed": a.Replayed, "discarded": a.Discarded, "closed": a.Closed} {
			if n != nil {
				fmt.Fprintf(w.Stdout, "%s %s\n", what, engine.Counted(*n, "letter"))
			}
		}
		for _, r := range a.Refused {
			fmt.Fprintf(w.Stderr, "%s: %s\n", r.ID, r.Reason)
		}
	}
	switch {
	case a.Error != "":
		return fmt.Errorf("it ended early: %s", a.Error)
	case a.Passed > 0:
		return fmt.Errorf("passed over: %s", engine.Counted(a.Passed, "letter"))
	}
	return nil
}

// me names who runs a command.
func me() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "operator"
}
