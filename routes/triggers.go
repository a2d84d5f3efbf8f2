package routes

import (
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
)

// starter is a trigger: one thing that starts a route. Each is one file, trigger_KEY.go, with these together, and a line
// in starters. A route without one is a sub-route, which other routes run.
type starter interface {
	// key is the field of a route that says that this starts it.
	key() string
	// said reports whether a route has that field.
	said(d *RouteModel) bool
	// spec declares that field.
	spec(d *RouteModel, o *spec.Object)
	// read makes what the field says, once the types that the route declares are there.
	read(d *RouteModel, out *diag.List)
	// check reports what such a route must say and may not. It comes once, before the steps are checked.
	check(c *checker, r *TypedRoute)
	// bring declares the names that the route is given; no step may name something else so. It runs more than once.
	bring(r *TypedRoute, s *Scope)
	// list is where a checked project lists such routes.
	list(t *Typed) *[]*TypedRoute
	// compile adds to a program what runs the project's routes of this trigger. It is pure.
	compile(b *Builder, t *Typed)
	// messages reports whether what starts a route is a message that is kept until it is handled: the route then has
	// attempts, pauses and dead letters.
	messages() bool
	// own reports whether such a message is of a topic of the route's own, to which the engine publishes it.
	own() bool
	// title says what starts a route, after its name: GET /multe.
	title(r *TypedRoute) string
	// about says more of it, a line each; now is when it is asked.
	about(r *TypedRoute, now time.Time) []string
}

// starters are the triggers of the language, in the order of the reference page and of what is compiled.
var starters = []starter{
	byHTTP{},
	bySOAP{},
	byTopic{},
	bySchedule{},
	byWatch{
		protocol: "database", things: "new rows", example: "tributi.nuovePosizioni",
		doc: "What a database's connector names under watches, as system.watch, whose new rows start it, one exchange for each: it is given " +
			"message, whose data is the row.",
	},
	byWatch{
		protocol: "files", things: "new files", example: "riscossione.ruoli",
		doc: "What a files' connector names under watches, as system.watch, whose new files start it, one exchange for each file, or for each " +
			"of its records: it is given message, whose data is that. " + filesDoc,
		beside: func(d *RouteModel) spec.Choice { return d.content.filesChoice() },
	},
	byWatch{
		protocol: "queue", things: "new messages", example: "sensori.maree",
		doc: "What a queue's connector names under watches, as system.watch, whose messages start it, one exchange for each: it is given " +
			"message, whose data has the topic, its words and the payload.",
	},
	byWatch{
		protocol: "mail", things: "new messages", example: "contatti.posta",
		doc: "What a mail's connector names under watches, as system.watch, whose new messages start it, one exchange for each: it is given " +
			"message, whose data is that.",
	},
}

// WatchKeys lists the fields of a route that name what it watches in a system.
func WatchKeys() (keys []string) {
	for _, s := range starters {
		if w, is := s.(byWatch); is {
			keys = append(keys, w.protocol)
		}
	}
	return keys
}

// starter returns what starts the route, the first if the file says more than one; nil for a sub-route.
func (d *RouteModel) starter() starter {
	for _, s := range starters {
		if s.said(d) {
			return s
		}
	}
	return nil
}

// Sub reports whether other routes run it, and nothing else does.
func (d *RouteModel) Sub() bool { return d.starter() == nil }

// Handles reports whether the route works on messages, those of accepted requests among them: it has attempts, pauses
// and dead letters.
func (d *RouteModel) Handles() bool {
	s := d.starter()
	return d.Async || s != nil && s.messages()
}

// Started lists the routes that something outside starts: requests, callers of services, messages, the clock.
func (t *Typed) Started() []*TypedRoute {
	var all []*TypedRoute
	for _, s := range starters {
		all = append(all, *s.list(t)...)
	}
	return all
}

// Own lists the routes that are started by messages of a topic of their own, to which the engine publishes: of the clock, and of what is
// watched.
func (t *Typed) Own() []*TypedRoute {
	var all []*TypedRoute
	for _, s := range starters {
		if s.own() {
			all = append(all, *s.list(t)...)
		}
	}
	return all
}

// Trigger says what starts the route, as GET /multe, and more about it, a line each, for people; now is when it is asked.
func (r *TypedRoute) Trigger(now time.Time) (title string, about []string) {
	if s := r.Model.starter(); s != nil {
		return s.title(r), s.about(r, now)
	}
	if r.Model.Input != nil {
		about = []string{"input: " + r.Model.Input.Whole()}
	}
	return "run by other routes", about
}

// started reports a route that is started in more than one way.
func (c *checker) started(d *RouteModel) {
	var ways []string
	for _, s := range starters {
		if s.said(d) {
			ways = append(ways, s.key())
		}
	}
	if len(ways) > 1 {
		d.ID.Report(c.out, diag.BadRoute, "the route %q has %s; one thing starts a route", d.ID.Value, strings.Join(ways, " and ")).
			WithHint("put the steps into a sub-route, and let a route for each run it")
	}
}

// takesNoRequest reports the fields of a route that say what a request brings, where none starts it: why says what the
// route is given in their place.
func (c *checker) takesNoRequest(d *RouteModel, key, why string) {
	for _, f := range d.requestFields() {
		if f.node != nil {
			c.out.Report(diag.BadRoute, f.node.Pos(), "the route has %s and %s; %s", f.key, key, why)
		}
	}
}

// answersNobody reports what a route says of those who call it and of their answer, where nobody calls it.
func (c *checker) answersNobody(d *RouteModel, key string) {
	if d.auth.given {
		c.out.Report(diag.BadRoute, d.Auth.Pos, "the route has auth and %s; nobody calls it", key)
	}
	if d.respond != nil {
		c.out.Report(diag.BadRoute, d.ID.Pos, "the route %q has respond and %s; nobody waits for an answer", d.ID.Value, key).
			WithLen(len(d.ID.Value))
	}
}

type requestField struct {
	key  string
	node *config.Node // nil if the route does not have it
}

// requestFields lists the fields of a route that say what it is given.
func (d *RouteModel) requestFields() []requestField {
	fields := []requestField{{"input", d.input.node}, {"body", d.body.node}}
	for i, place := range places {
		fields = append(fields, requestField{place, d.params[i].node})
	}
	return fields
}

// bring declares what the route is given: by what starts it, or as the input of a sub-route.
func (r *TypedRoute) bring(s *Scope) {
	for i, place := range places {
		r.slots[i] = -1
		if t := r.params[i].Record; len(t.Fields) > 0 {
			r.slots[i] = s.given(place, t)
		}
	}
	r.bodySlot, r.userSlot, r.signerSlot, r.messageSlot, r.keySlot, r.dueSlot = -1, -1, -1, -1, -1, -1
	if start := r.Model.starter(); start != nil {
		start.bring(r, s)
	} else {
		r.bodySlot = s.given("input", r.Model.Input)
	}
	r.brought = slices.DeleteFunc(s.Names.Names(), func(name string) bool { return name == "signer" }) // which a step may name
}

// given declares a name that the route is given, and returns its slot: -1 if it has no type, and is not there.
func (s *Scope) given(name string, t *schema.Type) int {
	if t == nil {
		return -1
	}
	v := s.Names.Declare(name, t)
	v.Given = name == "body" || name == "input" || slices.Contains(places[:], name)
	return v.Slot
}
