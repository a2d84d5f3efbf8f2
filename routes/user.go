package routes

import (
	"strings"

	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// keyed returns the scheme by keys or passwords of a name, nil if it is none.
func (m *Model) keyed(scheme string) *project.Keyed {
	if s := m.Project.Scheme(scheme); s != nil {
		return s.Keyed
	}
	return nil
}

// userType returns the type of user where auth says who may call. A field that a token may lack is optional: the subject
// never is, the fiscal code only if the scheme says so, the level and the roles not where auth asks for them. Of callers by keys and
// passwords nothing is known beside their name and roles.
func (m *Model) userType(auth Auth) *schema.Type {
	required := []string{"subject"}
	if m.keyed(auth.Scheme) != nil {
		if len(auth.Roles) > 0 {
			required = append(required, "roles")
		}
		return trigger.UserWith(required...)
	}
	code := project.Usual
	if s := m.Project.Scheme(auth.Scheme); s != nil && s.JWT != nil {
		required = s.JWT.Claims.Required()
		code = s.JWT.Claims.FiscalCode.Required
	}
	if code != project.Optional {
		required = append(required, "fiscal_code")
	}
	if auth.Level > 0 {
		required = append(required, "level")
	}
	if len(auth.Roles) > 0 {
		required = append(required, "roles")
	}
	return trigger.UserWith(required...)
}

// knows declares user, by the type that auth makes of it.
func (r *TypedRoute) knows(s *Scope, auth Auth) {
	r.userType, r.keyed = s.check.model.userType(auth), s.check.model.keyed(auth.Scheme)
	user := s.Names.Declare("user", r.userType)
	r.userSlot, r.user = user.Slot, user.Use
}

// needs lists the fields of user that the route reads and relies on.
func (r *TypedRoute) needs() []int {
	if r.userSlot < 0 {
		return nil
	}
	var fields []int
	for i, f := range r.userType.Fields {
		if f.Required && r.user.Reads(f.Name) {
			fields = append(fields, i)
		}
	}
	return fields
}

// unsaid returns the problem of a caller of whom a needed field is not known, nil if all are.
func unsaid(user schema.Value, needs []int) *trigger.Problem {
	for _, i := range needs {
		if user.IsNil() || user.Field(i).IsNil() {
			return trigger.Unsaid(trigger.UserType.Fields[i].Name)
		}
	}
	return nil
}

// otherwise are examples of what stands for a field that a token does not tell.
var otherwise = map[string]string{"fiscal_code": `""`, "level": "0", "channel": `"web"`, "roles": "[]"}

// mayBeUnsaid adds to the problems of a route that uses an optional claim as if it were there how to require it.
func (c *checker) mayBeUnsaid(r *TypedRoute) {
	if r.userSlot < 0 {
		return
	}
	auth := r.Model.Auth
	if r.service != nil {
		auth = r.service.Auth
	}
	for p := range c.out.All() {
		if p.Code != diag.MaybeNil && p.Code != diag.DoesNotFit {
			continue
		}
		for _, f := range r.userType.Fields {
			if f.Required || !namesField(p.Hint, "user."+f.Name) {
				continue
			}
			path := "user." + f.Name
			p.Hint = strings.ReplaceAll(p.Hint, path+" ?? …", path+" ?? "+otherwise[f.Name])
			if k := c.model.keyed(auth.Scheme); k != nil {
				if f.Name != "roles" {
					p.WithHint("%s; callers of the scheme %s (%s) have a name and roles, and no %s", p.Hint, auth.Scheme, k.Way(), f.Name)
				}
				break
			}
			p.WithHint("%s; or require it of every token, under auth: %s: in %s: claims: { %s: { claim: %s, required: true } }",
				p.Hint, auth.Scheme, project.FileName, f.Name, c.model.claimName(auth.Scheme, f.Name))
			break
		}
	}
}

// namesField reports whether a text has the path, and not a longer one.
func namesField(text, path string) bool {
	_, after, found := strings.Cut(text, path)
	return found && (after == "" || !strings.ContainsAny(after[:1], "_abcdefghijklmnopqrstuvwxyz0123456789"))
}

// claimName returns the claim that a field of user is made of.
func (m *Model) claimName(scheme, field string) string {
	s := m.Project.Scheme(scheme)
	if s == nil || s.JWT == nil {
		return field
	}
	return s.JWT.Claims.Of(field).Name
}
