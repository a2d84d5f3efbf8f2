package routes

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"fondaco/connectors"
	"fondaco/routes/trigger"
)

// unreadable is the error of an accepted request that its route cannot read any more: it was read when it was accepted, and
// what the route takes has been changed since.
type unreadable struct{ problem *trigger.Problem }

func (u *unreadable) Error() string {
	if len(u.problem.Errors) == 0 {
		return "the request does not fit what the route takes by now: " + http.StatusText(u.problem.Status)
	}
	at := make([]string, 0, len(u.problem.Errors))
	for _, x := range u.problem.Errors {
		place := x.Parameter
		if place == "" {
			place = "body" + x.Pointer
		}
		at = append(at, place+": "+x.Detail)
	}
	return "the request does not fit what the route takes by now: " + strings.Join(at, "; ")
}

func (u *unreadable) Unwrap() error { return u.problem }

// unreadableProblem is what the caller of such a request is told: the cause, and what does not fit.
func unreadableProblem(err error) *trigger.Problem {
	p := *problemOf(err)
	p.Title = "Not readable any more"
	p.Detail = "What this operation takes was changed after the request had been accepted, and the request does not fit it. It is kept, " +
		"and looked at by the service."
	return &p
}

// ownAnswer reports whether an exchange ended with a problem that the route itself answers, as by fail and validate, and
// neither a fault of a system nor a request that cannot be read.
func ownAnswer(err error) bool {
	var u *unreadable
	var p *trigger.Problem
	return errors.As(err, &p) && !errors.As(err, &u) && connectors.AsFault(err) == nil && !costly(err)
}

// causeOf names a fault for metrics and logs: where it arose, and its kind. All of it is from the project's files.
func causeOf(f *connectors.Fault) string { return f.System + "." + f.Operation + " " + f.Kind.String() }

type answeredKey struct{}

// WithAnswered returns a context for a Consumer's Handle; f is told the status of what the route answered to an accepted
// request, once that is kept, and whether the request is failed by it.
func WithAnswered(ctx context.Context, f func(status int, failed bool)) context.Context {
	return context.WithValue(ctx, answeredKey{}, f)
}

func answered(ctx context.Context, status int, failed bool) {
	if f, ok := ctx.Value(answeredKey{}).(func(int, bool)); ok {
		f(status, failed)
	}
}
