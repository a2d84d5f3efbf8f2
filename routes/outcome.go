package routes

import (
	"errors"
	"net/http"
	"slices"

	"fondaco/connectors"
	"fondaco/openapi/texts"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// perhapsDone is the fault of a call with effect: once that may have taken effect, though the kind of fault does not say so: the answer
// cannot be used, or a call that has a key of its own, which the next request does not have, was not answered.
type perhapsDone struct{ fault error }

func (d *perhapsDone) Error() string { return d.fault.Error() }

func (d *perhapsDone) Unwrap() error { return d.fault }

// doubtful returns the error of a call; changes says that its effect is once. Its fault is marked then, if it may have taken effect. A
// system that was not reached, or said no, has done nothing.
func doubtful(err error, changes bool) error {
	f := connectors.AsFault(err)
	if !changes || f == nil || !f.Sent || f.Withheld {
		return err
	}
	switch f.Kind {
	case connectors.Invalid, connectors.Timeout:
		return &perhapsDone{err}
	case connectors.Unavailable:
		if f.Status == 0 {
			return &perhapsDone{err}
		}
	}
	return err
}

// tellDoubt adds to the problem of a fault that the request may have taken effect, if it may.
func tellDoubt(p *trigger.Problem, f *connectors.Fault, err error) {
	var done *perhapsDone
	switch {
	case f.Kind == connectors.Unknown:
	case errors.As(err, &done):
		p.Detail = faultProblems[connectors.Unknown].detail
	default:
		return
	}
	p.Members = []byte(trigger.OutcomeUnknown)
}

// doubts returns the statuses of the problems by which the route may say that the request perhaps took effect.
func (r *TypedRoute) doubts() map[int]bool {
	all := map[int]bool{}
	if r.Model != nil && r.Model.Keyed() {
		all[http.StatusConflict] = true
	}
	kinds := []connectors.FaultKind{connectors.Unknown, connectors.Invalid}
	once := false
	for _, call := range r.Calls {
		once = once || call.Effect == connectors.Once
		if call.Effect == connectors.Once && call.keyed {
			kinds = append(kinds, connectors.Timeout, connectors.Unavailable)
		}
	}
	for e := range r.escapes {
		if once && !e.formed && slices.Contains(kinds, e.fault) {
			all[e.status] = true
		}
	}
	return all
}

// withOutcome adds the member outcome to what problems may hold beside their own members: t, nil for nothing.
func withOutcome(t *schema.Type, l texts.Language) *schema.Type {
	outcome := schema.Field{Name: "outcome", Doc: l.Text(texts.Outcome), Type: &schema.Type{
		Kind: schema.KindText, Enum: []schema.Value{schema.Text("unknown")},
	}}
	fields := []schema.Field{outcome}
	if t != nil {
		if i := slices.IndexFunc(t.Fields, func(f schema.Field) bool { return f.Name == outcome.Name }); i >= 0 {
			fields[0] = t.Fields[i]
			fields[0].Type = schema.Join(fields[0].Type, outcome.Type)
		}
		for _, f := range t.Fields {
			if f.Name != outcome.Name {
				fields = append(fields, f)
			}
		}
	}
	all := schema.RecordType(fields...)
	all.Open = true
	return all
}
