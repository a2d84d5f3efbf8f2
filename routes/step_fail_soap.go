package routes

import (
	"errors"

	"fondaco/config/diag"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
)

// declaredFault is an element that a WSDL declares for the faults of an operation, and what a fail puts into it.
type declaredFault struct {
	name string
	typ  *schema.Type
	data *transform.Typed
}

// detailed is a problem that callers of SOAP see with a detail of its own. Others see the problem.
type detailed struct {
	*trigger.Problem
	detail schema.Value // a record of one field, the element
}

// Unwrap returns the problem.
func (d *detailed) Unwrap() error { return d.Problem }

// checkSOAP types what a declared fault holds.
func (f *fail) checkSOAP(s *Scope) {
	at := f.soap
	if at.Value == "" {
		if !f.data.IsZero() {
			s.check.out.Report(diag.MissingField, f.data.Pos(), "data is what a fault of SOAP holds, and soap does not say which")
		}
		return
	}
	var data *transform.Typed
	if !f.data.IsZero() {
		data = s.Map(&f.data)
	}
	op := s.route.serves
	if op == nil {
		if s.route.Model.SOAP.Value == "" {
			s.Report(diag.BadRoute, at, "only a route with soap answers the fault %q", at.Value)
		}
		return
	}
	var names []string
	if t := op.FaultDetail; t != nil {
		for _, field := range t.Fields {
			if names = append(names, field.Name); field.Name == at.Value {
				f.declared = &declaredFault{name: at.Value, typ: field.Type, data: data}
			}
		}
	}
	switch {
	case f.declared == nil:
		s.Report(diag.UnknownField, at, "the WSDL declares no fault %q of %s", at.Value, op.Name).WithNearest(at.Value, names)
	case data != nil:
		data.Fit(f.declared.typ, at.Value, s.check.out)
	case f.declared.typ.Kind == schema.KindRecord:
		s.Report(diag.MissingField, at, "the fault %s holds %s, and data does not say what", at.Value, schema.Article(f.declared.typ))
	}
}

// compile makes what adds the detail to a problem, nil if there is none. What does not fit is our mistake, not the caller's.
func (d *declaredFault) compile() func(*Exchange, *trigger.Problem) error {
	if d == nil {
		return nil
	}
	value, t := compileInput(d.data, d.typ), schema.RecordType(schema.Field{Name: d.name, Type: d.typ})
	return func(x *Exchange, p *trigger.Problem) error {
		v, err := value(&x.Frame)
		if err != nil {
			return ownFault(err)
		}
		return &detailed{p, schema.RecordOf(t, v)}
	}
}

// ownFault returns an error of what a route itself writes: that it does not fit is no mistake of the caller.
func ownFault(err error) error {
	var wrong *inputError
	if errors.As(err, &wrong) {
		return wrong.Violations
	}
	return err
}
