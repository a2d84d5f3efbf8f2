package main

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/connectors/compare"
	"fondaco/engine"
	"fondaco/routes"
	"fondaco/schema"
)

// difference is a change of a system and the routes that it breaks, or of what a route takes whose requests may be waiting.
type difference struct {
	System    string        `json:"system,omitempty"`
	Topic     string        `json:"topic,omitempty"` // whose messages wait, in the place of system
	Route     string        `json:"route,omitempty"` // whose accepted requests wait, in the place of system
	Operation string        `json:"operation,omitempty"`
	Side      compare.Side  `json:"side,omitempty"`
	Path      string        `json:"path,omitempty"`
	Kind      string        `json:"change"`
	Old       string        `json:"old,omitempty"`
	New       string        `json:"new,omitempty"`
	Hint      string        `json:"hint,omitempty"`
	Breaks    bool          `json:"breaks"`
	Routes    []brokenRoute `json:"routes,omitempty"`

	change compare.Change
}

// brokenRoute is a route that a change breaks, and where it calls what has changed.
type brokenRoute struct {
	Route   string `json:"route"`
	Starts  string `json:"starts"` // GET /multe, or what else starts it
	File    string `json:"file"`
	Line    int    `json:"line"`
	Through string `json:"through,omitempty"` // the operation that it calls, if that one is done by the changed one
}

// checkAgainst compares a project with an older version, and reports what the changes break.
func checkAgainst(w *engine.World, p *engine.Folder, old, system, format string) error {
	a := &against{w: w, project: p, system: system}
	defer a.close()
	var out diag.List
	a.model = routes.Load(p.Source, all.Protocols, &out)
	if system != "" && a.model.System(system) == nil {
		var names []string
		for _, s := range a.model.Systems {
			names = append(names, s.Name)
		}
		return usageError{fmt.Errorf("--system: there is no system %q%s", system, diag.DidYouMean(system, names))}
	}
	for _, s := range a.model.Systems {
		if s.Connector == nil {
			p.Show(w, &out)
			return errFailed
		}
	}
	mounts, err := a.older(old)
	if err != nil {
		return err
	}
	var then diag.List
	src := p.Source
	src.FS = mounted{src.FS, mounts}
	model := routes.Load(src, all.Protocols, &then)
	for dir := range mounts {
		failed := within(&then, dir)
		switch {
		case failed == nil:
		case whole(model, dir):
			fmt.Fprintf(w.Stderr, "In %s: %s: %s\n", old, failed.Pos, failed.Message)
		default:
			return fmt.Errorf("the older connector in %s cannot be read: %s: %s", old, failed.Pos, failed.Message)
		}
	}
	typed := routes.Check(model, &then)
	var list []difference
	for _, is := range a.model.Systems {
		was := typed.Model.System(is.Name)
		if was == nil || was.Connector == nil || mounts[is.Connector.Dir] == nil {
			continue
		}
		list = append(list, differences(typed, was, is)...)
	}
	if a.before != nil && system == "" {
		var now diag.List
		typed := routes.Check(a.model, &now)
		list = append(list, unreadables(a.before, typed)...)
		list = append(list, records(a.before, typed)...)
	}
	slices.SortStableFunc(list, func(x, y difference) int {
		switch {
		case x.Breaks == y.Breaks:
			return 0
		case x.Breaks:
			return -1
		}
		return 1
	})
	return tellDifferences(w.Stdout, typed, list, format)
}

// within returns the first failure in a folder, nil if there is none.
func within(out *diag.List, dir string) *diag.Problem {
	for _, p := range out.Sorted() {
		if !p.Warning && strings.HasPrefix(p.Pos.File, dir+"/") {
			return &p
		}
	}
	return nil
}

// whole reports whether a connector could be read so far that all of its operations have their types.
func whole(m *routes.Model, dir string) bool {
	for _, s := range m.Systems {
		if s.Connector != nil && s.Connector.Dir == dir {
			return !slices.ContainsFunc(s.Connector.Operations, func(op *connectors.Operation) bool {
				return op.Input.Kind == schema.KindUnknown || op.Output.Kind == schema.KindUnknown
			})
		}
	}
	return false
}

// differences compares a system with what it was.
func differences(typed *routes.Typed, was, is *connectors.System) (list []difference) {
	for _, c := range compare.Connectors(was.Connector, is.Connector) {
		d := difference{
			System: is.Name, Operation: c.Operation, Side: c.Side, Path: c.Path, Kind: string(c.Kind), Old: c.Old, New: c.New,
			Hint: c.Hint, change: c,
		}
		switch name := path.Base(c.Path); {
		case !c.Breaks:
		case c.Operation == "" && c.Kind == compare.Removed:
			_, d.Breaks = is.Params[name] // it is still given
		case c.Operation == "":
			ref, given := is.Params[name]
			d.Breaks = !given || c.Kind == compare.Narrowed && ref.IsLiteral()
		default:
			d.Routes = broken(typed, was, c)
			d.Breaks = len(d.Routes) > 0
		}
		list = append(list, d)
	}
	return list
}

// unreadables lists how what routes take has changed whose accepted requests wait: those that were accepted before must still
// be readable. A route that is gone is not among them.
func unreadables(before, now *routes.Typed) (list []difference) {
	for _, was := range before.Routes {
		i := slices.IndexFunc(now.Routes, func(r *routes.TypedRoute) bool { return r.Model.ID.Value == was.Model.ID.Value })
		if i < 0 || was.Waiting() == nil || now.Routes[i].Waiting() == nil {
			continue
		}
		is := now.Routes[i]
		pos := is.Model.ID.Pos
		for _, c := range compare.Inputs(was.Waiting(), is.Waiting()) {
			d := difference{
				Route: is.Model.ID.Value, Path: c.Path, Kind: string(c.Kind), Old: c.Old, New: c.New, Hint: c.Hint, Breaks: c.Breaks,
				change: c,
			}
			if d.Breaks {
				d.Hint = "requests that were accepted before and wait would be failed as unreadable"
				d.change.Hint = d.Hint
				d.Routes = []brokenRoute{{Route: d.Route, Starts: starts(is), File: pos.File, Line: pos.Line}}
			}
			list = append(list, d)
		}
	}
	return list
}

// broken lists the routes that a change breaks, each once for each place where it calls what has changed.
func broken(typed *routes.Typed, was *connectors.System, c compare.Change) (list []brokenRoute) {
	session := was.Connector.Session
	seen := map[brokenRoute]bool{}
	for _, r := range typed.Started() {
		for _, call := range r.Calls {
			if call.System != was.Name {
				continue
			}
			x := brokenRoute{Route: r.Model.ID.Value, Starts: starts(r), File: call.Pos.File, Line: call.Pos.Line}
			sent, read := call.Sent, call.Output
			if call.Operation != c.Operation {
				op := was.Connector.Operation(call.Operation)
				login := session != nil && session.Login.Value == c.Operation
				of, inner, answer := op.Behind()
				if !login && (of == nil || of.Name != c.Operation) {
					continue
				}
				x.Through = call.Operation
				if login && !c.Breaks || !login && !c.Touches(inner, answer) {
					continue
				}
			} else if c.Side != "" && !c.Touches(sent, read) {
				continue
			}
			if !seen[x] {
				seen[x] = true
				list = append(list, x)
			}
		}
	}
	return list
}

// starts says what starts a route.
func starts(r *routes.TypedRoute) string {
	if r.Model.HTTP.Value != "" {
		return r.Model.Pattern.Method + " " + r.Model.Pattern.Path
	}
	return "not over HTTP"
}

// tellDifferences prints what has changed; the error is errFailed if that breaks something.
func tellDifferences(w io.Writer, typed *routes.Typed, list []difference, format string) error {
	breaking, public := 0, map[string]bool{}
	for _, d := range list {
		if d.Breaks {
			breaking++
		}
		for _, r := range d.Routes {
			public[r.Route] = true
		}
	}
	var failed error
	if breaking > 0 {
		failed = errFailed
	}
	if format == "json" {
		if list == nil {
			list = []difference{}
		}
		if err := writeJSON(w, map[string]any{"changes": list, "breaking": breaking, "routes": len(public)}); err != nil {
			return err
		}
		return failed
	}
	harmless := false
	for _, d := range list {
		mark := "BREAKS  "
		if !d.Breaks {
			if !harmless && breaking > 0 {
				fmt.Fprintln(w, "\nBreaks nothing here:")
			}
			harmless = true
			mark = "        "
		}
		name := d.System
		if d.Route != "" {
			name = "route " + d.Route
		}
		if d.Topic != "" {
			name = "topic " + d.Topic
		}
		if d.Operation != "" {
			name += "." + d.Operation
		}
		fmt.Fprintf(w, "%s%s  %s\n", mark, name, d.change)
		for _, r := range d.Routes {
			through := ""
			if r.Through != "" {
				through = "  through " + r.Through
			}
			fmt.Fprintf(w, "            %s  %s  %s:%d%s\n", r.Route, r.Starts, r.File, r.Line, through)
		}
	}
	total := len(typed.Started())
	switch {
	case len(list) == 0:
		fmt.Fprintln(w, "Nothing that routes can see has changed.")
	case breaking == 0:
		fmt.Fprintf(w, "\n%d changes, none of which breaks one of %d routes.\n", len(list), total)
	default:
		fmt.Fprintf(w, "\n%d of %d changes break %d of %d routes.\n", breaking, len(list), len(public), total)
	}
	return failed
}
