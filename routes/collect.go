package routes

import (
	"fmt"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// collect says how the messages of a route's topic are gathered before it works on them together (the aggregator of
// enterprise integration).
type collect struct {
	by     transform.Mapping
	count  int
	within time.Duration
	until  config.Text
	given  bool

	names *expr.Scope // of what by and until see: message
	slot  int
	keyed *transform.Typed
	full  *expr.Expr // nil without until
}

func (k *collect) spec(o *spec.Object) {
	k.given, k.count = true, mostCollected
	o.Var("by", &k.by).Doc("What messages belong together by, over message; without it all do.").Example("${message.data.stazione}")
	o.Int("count", &k.count).Range(2, mostCollected).Default("1000").Doc("How many messages make a batch whole.")
	o.Duration("within", &k.within).Within(time.Second, 31*24*time.Hour).Required().
		Doc("How long a batch waits for more, from its first message on.").Example("10m")
	o.Text("until", &k.until).Doc("A batch is whole with the message for which this holds.").Example("message.data.ultimo")
}

const mostCollected = 1000

// Collects reports whether the route works on batches of messages.
func (d *RouteModel) Collects() bool { return d.collect.given }

// Collect says in words when a batch is whole.
func (d *RouteModel) Collect() string {
	k := &d.collect
	text := fmt.Sprintf("%d messages, or %s after the first", k.count, spec.Short(k.within))
	if k.until.Value != "" {
		text += ", or " + k.until.Value
	}
	return text
}

// batchType is the type of what a route with collect is given, of a topic whose events have this data.
func batchType(data *schema.Type) *schema.Type {
	return schema.RecordType(
		schema.Field{Name: "key", Type: schema.TypeText, Required: true},
		schema.Field{Name: "messages", Type: schema.ListOf(MessageType(data)), Required: true},
	)
}

// checkCollect types by and until, which see the message that came last and nothing else.
func (c *checker) checkCollect(r *TypedRoute) {
	k := &r.Model.collect
	if !k.given {
		return
	}
	if r.Model.Topic.Value == "" {
		c.out.Report(diag.BadRoute, r.Model.ID.Pos, "the route %q has collect and no topic; what is collected are the messages of a topic",
			r.Model.ID.Value).WithLen(len(r.Model.ID.Value))
		return
	}
	if r.topic == nil {
		return
	}
	k.names = expr.NewScope()
	c.model.constants.Declare(k.names, nil)
	k.slot = k.names.Declare("message", MessageType(r.topic.Type)).Slot
	count := 0
	s := &Scope{Names: k.names, check: c, route: r, count: &count, uses: map[string]*schema.Use{}}
	k.keyed, k.full = nil, nil
	if !k.by.IsZero() {
		k.keyed = s.Map(&k.by)
		if kind := k.keyed.Type.NotNull().Kind; kind != schema.KindText && kind != schema.KindInt && kind != schema.KindUnknown {
			k.keyed.Fit(schema.TypeText, "by", c.out)
		}
	}
	if k.until.Value != "" {
		k.full = s.Condition(k.until, "until")
	}
}
