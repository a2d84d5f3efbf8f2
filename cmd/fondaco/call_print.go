package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/mask"
	"fondaco/engine"
	"fondaco/schema"
)

// shownFault is a fault as tools read it.
type shownFault struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason,omitempty"`
	Text   string `json:"text,omitempty"` // in the system's own words
	Detail string `json:"detail,omitempty"`
	Said   string `json:"said,omitempty"` // by the system
	Path   string `json:"path,omitempty"`
	Status int    `json:"status,omitempty"`
	Sent   bool   `json:"sent"`
}

// shownMessage is one direction of a trip.
type shownMessage struct {
	Line   string      `json:"line"` // the request's or the status line
	Header [][2]string `json:"header,omitempty"`
	Body   string      `json:"body,omitempty"`
}

// shownTrip is a trip as tools read it.
type shownTrip struct {
	Operation    string        `json:"operation"`
	Request      shownMessage  `json:"request"`
	Answer       *shownMessage `json:"answer,omitempty"`
	Error        string        `json:"error,omitempty"`
	Milliseconds int64         `json:"milliseconds"`
}

// print says the outcome: the answer on the standard output, the rest on the standard error; all of it on the standard
// output for tools. The error is errFailed if there was a fault.
func (o *outcome) print(w *engine.World, c *connectors.Connector, f callFlags) error {
	for _, t := range o.trips {
		o.mask.Tickets(c, t)
	}
	var failed error
	if o.err != nil {
		failed = errFailed
	}
	if f.format == "json" {
		if err := o.printJSON(w.Stdout, f.wire); err != nil {
			return err
		}
		return failed
	}
	if f.wire {
		for _, t := range o.trips {
			printTrip(w.Stderr, showTrip(o.mask, t))
		}
	}
	if o.let > 0 {
		fmt.Fprintf(w.Stderr, "%s: tolerated in the answer: %d; --wire shows how it came\n", o.target, o.let)
	}
	if o.err == nil {
		fmt.Fprintf(w.Stdout, "%s\n", o.mask.JSON(o.answer, o.op.Output))
		return nil
	}
	x := o.fault()
	fmt.Fprintf(w.Stderr, "%s: %s\n", o.target, x.Kind)
	for _, line := range [][2]string{{"reason", x.Reason}, {"text", x.Text}, {"detail", x.Detail}, {"said", x.Said}, {"at", x.Path}} {
		if line[1] != "" {
			fmt.Fprintf(w.Stderr, "  %s: %s\n", line[0], line[1])
		}
	}
	if x.Status != 0 {
		fmt.Fprintf(w.Stderr, "  status: %d\n", x.Status)
	}
	switch {
	case x.Sent:
	case slices.ContainsFunc(o.trips, func(t *connectors.Trip) bool { return t.Operation != o.op.Name && t.Err == nil }):
		fmt.Fprintln(w.Stderr, "  The operation itself did not reach the system.") // its log-in did
	default:
		fmt.Fprintln(w.Stderr, "  Nothing reached the system.")
	}
	return failed
}

// fault returns the outcome's fault, with what is hidden replaced.
func (o *outcome) fault() *shownFault {
	f := connectors.AsFault(o.err)
	if f == nil {
		return &shownFault{Kind: connectors.Unavailable.String(), Reason: o.mask.Text(o.err.Error())}
	}
	o.mask.Value(f.Body, o.op.Error)
	x := &shownFault{
		Kind: f.Kind.String(), Detail: o.mask.Text(f.Detail), Said: o.mask.Text(f.Said), Path: f.Path, Status: f.Status,
		Sent: f.Sent,
	}
	if f.Err != nil {
		x.Reason = o.mask.Text(f.Err.Error())
	}
	var said connectors.SystemFault
	if errors.As(f.Err, &said) {
		_, text, _ := said.Said()
		x.Text = o.mask.Text(strings.TrimSpace(text))
	}
	return x
}

func (o *outcome) printJSON(to io.Writer, wire bool) error {
	shown := struct {
		Operation    string          `json:"operation"`
		Answer       json.RawMessage `json:"answer,omitempty"`
		Fault        *shownFault     `json:"fault,omitempty"`
		Milliseconds int64           `json:"milliseconds"`
		Tolerated    int64           `json:"tolerated,omitempty"`
		Wire         []shownTrip     `json:"wire,omitempty"`
	}{Operation: o.target, Milliseconds: o.took.Milliseconds(), Tolerated: o.let}
	if o.err != nil {
		shown.Fault = o.fault()
	} else {
		shown.Answer = o.mask.JSON(o.answer, o.op.Output)
	}
	if wire {
		for _, t := range o.trips {
			shown.Wire = append(shown.Wire, showTrip(o.mask, t))
		}
	}
	return writeJSON(to, shown)
}

func writeJSON(to io.Writer, v any) error {
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// tellViolations prints what is wrong with an input, for tools.
func tellViolations(w *engine.World, wrong schema.Violations) error {
	type violation struct {
		Path     string `json:"path"`
		Expected string `json:"expected"`
		Found    string `json:"found,omitempty"`
	}
	var list []violation
	for _, x := range wrong {
		list = append(list, violation{x.Path, x.Expected, x.Found})
	}
	if err := writeJSON(w.Stdout, map[string]any{"violations": list}); err != nil {
		return err
	}
	return errUsage
}

// showTrip masks a trip.
func showTrip(m *mask.Mask, t *connectors.Trip) shownTrip {
	s := shownTrip{Operation: t.Operation, Milliseconds: t.Took.Milliseconds()}
	s.Request = shownMessage{
		Line: t.Method + " " + m.URL(t.URL), Header: m.Header(t.Header), Body: m.Body(t.Header.Get("Content-Type"), t.Body),
	}
	if t.Err != nil {
		s.Error = m.Text(t.Err.Error())
	}
	if t.Answer != nil {
		s.Answer = &shownMessage{
			Line: fmt.Sprintf("%d %s", t.Status, http.StatusText(t.Status)), Header: m.Header(t.Answer),
			Body: m.Body(t.Answer.Get("Content-Type"), t.Got),
		}
	}
	return s
}

// printTrip writes a trip for people: what went is marked >, what came <.
func printTrip(to io.Writer, s shownTrip) {
	printMessage(to, ">", s.Request)
	if s.Answer != nil {
		s.Answer.Line += fmt.Sprintf("  (%d ms)", s.Milliseconds)
		printMessage(to, "<", *s.Answer)
	}
	if s.Error != "" {
		fmt.Fprintf(to, "< (%s)\n\n", s.Error)
	}
}

func printMessage(to io.Writer, mark string, m shownMessage) {
	fmt.Fprintf(to, "%s %s\n", mark, m.Line)
	for _, h := range m.Header {
		fmt.Fprintf(to, "%s %s: %s\n", mark, h[0], h[1])
	}
	if m.Body != "" {
		fmt.Fprintln(to, mark)
		for line := range strings.Lines(m.Body) {
			fmt.Fprintf(to, "%s %s\n", mark, strings.TrimRight(line, "\r\n"))
		}
	}
	fmt.Fprintln(to)
}
