package routes

import (
	"fondaco/config/diag"
)

// checkKeyed reports what auth asks of callers by keys or passwords and nobody knows of them.
func (m *Model) checkKeyed(auth Auth, a *authValue, out *diag.List) {
	k := m.keyed(auth.Scheme)
	if k == nil {
		return
	}
	for _, asked := range []struct {
		key   string
		asked bool
		why   string
	}{
		{"level", auth.Level > 0, "nobody has identified a person"},
		{"max_age", auth.MaxAge > 0, "nobody logs in"},
	} {
		if asked.asked {
			out.Report(diag.BadRoute, a.Pos, "auth asks for a %s, and the scheme %s is %s: %s, so that no request would be let in",
				asked.key, auth.Scheme, k.Way(), asked.why).WithHint("leave out %s, or name a scheme by jwt", asked.key)
		}
	}
}

// readsKey reports a route that declares the header in which its callers' keys come.
func (m *Model) readsKey(d *RouteModel, out *diag.List) {
	k := m.keyed(d.Auth.Scheme)
	if k == nil || k.Basic {
		return
	}
	for _, p := range d.Params["header"] {
		if canonical(p.Name) == k.Header {
			out.Report(diag.BadRoute, p.Pos, "the header %s has the caller's key; a route cannot read it", k.Header).WithLen(len(p.Name)).
				WithHint("leave the parameter out; user.subject says who calls")
		}
	}
}
