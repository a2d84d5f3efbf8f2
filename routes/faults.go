package routes

import (
	"context"
	"errors"
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// faultProblems is the one table from kinds of faults to answers.
var faultProblems = [...]struct {
	status        int
	title, detail string
}{
	connectors.Unavailable: {503, "Service unavailable", "A system that this operation needs does not answer at the moment."},
	connectors.Timeout:     {504, "No answer in time", "A system that this operation needs did not answer in time."},
	connectors.Refused:     {422, "Refused", "The system behind this operation refused the request."},
	connectors.Invalid:     {502, "Invalid answer", "A system that this operation needs gave an answer that cannot be used."},
	connectors.NotFound:    {404, "Not found", "What was asked for does not exist."},
	connectors.Conflict:    {409, "Conflict", "The state of the thing does not admit the request."},
	connectors.Unknown: {502, "Outcome unknown", "It is not known whether the request took effect: ask for its state before sending " +
		"it again."},
}

// StatusOf returns the HTTP status and the title of the problem that a kind of fault becomes.
func StatusOf(k connectors.FaultKind) (status int, title string) {
	row := faultProblems[k]
	return row.status, row.title
}

// defaultRetryAfter is said with 503 when the system asked for nothing.
const defaultRetryAfter = 5 * time.Second

// problemOf returns the answer that an error becomes. The cause stays inside, for logs.
func problemOf(err error) *trigger.Problem {
	var p *trigger.Problem
	if errors.As(err, &p) {
		if p.Err != nil {
			return p
		}
		c := *p
		c.Err = err
		return &c
	}
	if costly(err) {
		return &trigger.Problem{Status: 500, Detail: tooCostly, Err: err}
	}
	if f := connectors.AsFault(err); f != nil {
		return problemOfFault(f, err)
	}
	var violations schema.Violations
	var text *expr.NotJSON
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &trigger.Problem{Status: 504, Title: "No answer in time", Detail: "The operation did not end within its time.", Err: err}
	case errors.Is(err, context.Canceled):
		return &trigger.Problem{Status: StatusCanceled, Title: "Canceled", Detail: "The caller went away.", Err: err}
	case errors.As(err, &violations):
		return &trigger.Problem{Status: 502, Title: "Invalid answer", Detail: "The answer does not fit its description.", Err: err}
	}
	var failed *expr.Failure
	if errors.As(err, &failed) && failed.Given && errors.As(err, &text) {
		return &trigger.Problem{Status: 422, Title: "Invalid request", Detail: notJSON + text.Detail + ".", Err: err}
	}
	if errors.As(err, &failed) && failed.Given {
		return &trigger.Problem{Status: 422, Title: "Invalid request", Detail: unusable, Err: err}
	}
	return &trigger.Problem{Status: 500, Detail: "The operation failed because of an internal error.", Err: err}
}

// unusable is the answer to a caller who sent a value that fits its type, and that an expression over it alone could not compute with.
const unusable = "A value of the request fits its type, and the operation cannot compute with it: it has another form, or is too large."

// notJSON begins the answer to a caller who sent a text that is to be JSON of a type, and is none.
const notJSON = "A text of the request is not the JSON that is expected: "

// tooCostly is the answer to the caller of an exchange that was ended for its cost.
const tooCostly = "The operation came to cost more than it may."

// costly reports whether an exchange ended because of what it came to cost: steps, values held, or bytes written. It is
// no fault of a system, whatever call it happened in, so nothing catches it.
func costly(err error) bool {
	var limit *codec.LimitError
	return errors.Is(err, expr.ErrBudget) || errors.Is(err, expr.ErrRoom) || errors.As(err, &limit)
}

// StatusCanceled is the status, seen in logs alone, of an exchange whose caller went away.
const StatusCanceled = 499

func problemOfFault(f *connectors.Fault, err error) *trigger.Problem {
	if f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout || f.Kind == connectors.Unknown {
		if errors.Is(err, context.Canceled) {
			return &trigger.Problem{Status: StatusCanceled, Title: "Canceled", Detail: "The caller went away.", Err: err}
		}
	}
	row := faultProblems[f.Kind]
	p := &trigger.Problem{Status: row.status, Title: row.title, Detail: row.detail, Err: err}
	if f.Detail != "" {
		p.Detail = f.Detail
	}
	tellDoubt(p, f, err)
	if errors.Is(err, messaging.ErrTooLarge) {
		p.Title = "Event too large"
	}
	if row.status == http.StatusServiceUnavailable {
		p.RetryAfter = max(f.RetryAfter, time.Second)
		if f.RetryAfter == 0 {
			p.RetryAfter = defaultRetryAfter
		}
	}
	return p
}

// statusText returns a status in words.
func statusText(status int) string {
	if s := http.StatusText(status); s != "" {
		return s
	}
	return "Problem"
}

// faultsOf lists the kinds of faults that a call with this effect may end with, with what the system may have done.
func faultsOf(e connectors.Effect) []connectors.FaultKind {
	kinds := []connectors.FaultKind{
		connectors.Unavailable, connectors.Timeout, connectors.Refused, connectors.Invalid, connectors.NotFound,
		connectors.Conflict,
	}
	if e == connectors.Once {
		kinds = append(kinds, connectors.Unknown)
	}
	return kinds
}

// faultCauses says each kind in words, and what the system may have done by then.
var faultCauses = [...]struct{ cause, once, repeatable string }{
	connectors.Unavailable: {"the system is down, full, or does not accept us", "nothing", "nothing"},
	connectors.Timeout:     {"no answer in time", "nothing", "nothing, or once"},
	connectors.Refused:     {"the system says no", "nothing", "nothing"},
	connectors.Invalid:     {"the answer does not fit its schema", "once", "once"},
	connectors.NotFound:    {"the thing does not exist", "nothing", "nothing"},
	connectors.Conflict:    {"the thing's state forbids it", "nothing", "nothing"},
	connectors.Unknown:     {"no answer to a call that was sent", "unknown", ""},
}
