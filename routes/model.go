package routes

import (
	"slices"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/routes/schedule"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
)

// Model is a project as its files say it: read and decoded, not yet typed.
type Model struct {
	Project  *project.Project
	Systems  []*connectors.System // as fondaco.yaml lists them
	Routes   []*RouteModel        // by file and place
	Topics   []*Topic             // as fondaco.yaml lists them
	Services []*Service           // likewise
	Problems []*NamedProblem      // likewise
	Source   config.Source
	policies map[*connectors.System]*policy.Set // what fondaco.yaml says of each

	constants transform.Constants // of fondaco.yaml
}

// RouteModel is a route as its file says it.
type RouteModel struct {
	ID                        config.Text
	Summary, Description, Tag string
	Deprecated                bool
	HTTP                      config.Text     // "" for a route that no request starts
	SOAP                      config.Text     // service.operation that it answers, "" for none
	Async                     bool            // requests are accepted, and done later
	Topic                     config.Text     // whose messages start it, "" for none
	Plan                      *schedule.Plan  // when it starts by itself, nil if it does not
	Pattern                   trigger.Pattern // zero for a sub-route
	Auth                      Auth
	Params                    map[string][]trigger.Param // by path, query, header and cookie
	Input, Body               *schema.Type               // nil if it takes none
	Timeout                   time.Duration              // of the whole exchange
	MaxBody                   int64                      // bytes; 0 if nothing is said
	MaxAnswer                 int64                      // bytes of what it writes at a time; 0 if nothing is said
	Rate                      Rate
	Pos                       diag.Pos

	auth        authValue
	params      [4]paramsValue // path, query, header, cookie
	input, body schemaValue
	content     bodyContent
	upload      config.Text // the media type of a body that is sent on; "" for none
	rate        spec.Rate
	accept      string
	idempotency string
	replyTo     replyTo
	scheduled   scheduled
	watching    watchTrigger
	renamed     renamed
	collect     collect
	work        work
	retention   project.Retention
	steps       block
	respond     *respond // nil: 204
	typed       bool
	broken      bool // it could not be read whole: what seems to be missing may stand there
	headless    bool // a field of its own is unknown: what starts it, what it returns and of which types
}

// Public reports whether requests start the route; other routes run it otherwise.
func (d *RouteModel) Public() bool { return d.HTTP.Value != "" }

// Keyed reports whether the route is done at once and honours an Idempotency-Key: it changes something, by its method.
func (d *RouteModel) Keyed() bool {
	return !d.Async && d.idempotency != "off" && slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE"}, d.Pattern.Method)
}

// places are where parameters stand, and the names under which expressions read them.
var places = [4]string{"path", "query", "header", "cookie"}

// defaultTimeout is how long an exchange may take when its route does not say.
const defaultTimeout = 30 * time.Second

// Spec declares the fields of a route.
func (d *RouteModel) Spec(o *spec.Object) {
	d.Timeout = defaultTimeout
	o.Instead(routeHabits)
	o.String("summary", &d.Summary).Doc("What the operation is, in a few words; it stands in the OpenAPI document.")
	o.String("description", &d.Description).Doc("More about it, in Markdown.")
	o.String("tag", &d.Tag).Doc("The group under which the documents list it.")
	o.Bool("deprecated", &d.Deprecated).Doc("It goes away; callers should leave it.")
	for _, s := range starters {
		s.spec(d, o)
	}
	o.Enum("accept", &d.accept, "sync", "async").Default("sync").
		Doc("async: requests are answered 202 once they are on durable storage, with the Location of their operation, and done later (ModI " +
			"NONBLOCK_PULL).")
	o.Enum("idempotency", &d.idempotency, "on", "off").Default("on").
		Doc("Of a route with POST, PUT, PATCH or DELETE: whether a request that comes again with the same Idempotency-Key gets the stored " +
			"answer and has its effect once. off: the header is not looked at.")
	o.Texts("renamed_from", (*[]config.Text)(&d.renamed)).
		Doc("The names that the route had before, the latest first: it goes on with the requests, the schedule, the place in its topic and " +
			"the dead letters that were kept under them. Broker and state go on to know it by the oldest.").Example("[segnala]")
	o.Object("reply_to", d.replyTo.spec).Doc("Of a route with accept: async, who gets the result of a request: a caller who sends an " +
		"address in X-ReplyTo gets 202 with X-Correlation-ID, and later the result there, by POST with the same X-Correlation-ID (ModI " +
		"NONBLOCK_PUSH).")
	o.Object("collect", d.collect.spec).Doc("Of a route with topic: its messages are gathered, and it runs for a batch of them: in place " +
		"of message it is given messages, in the order in which they came, and key.")
	o.Object("work", d.work.spec).Doc("How messages are worked on.")
	o.Object("retention", d.retention.Spec).Doc("How long what is kept of the route's requests and messages stays, where it is another " +
		"time than the project's.").Example("{ letters: 7d, results: 1h }")
	o.Var("auth", &d.auth).Doc("Who may call: none, or a scheme of fondaco.yaml with the level and the roles that it takes.")
	for i, place := range places {
		d.params[i].in = place
		doc := "The parameters of the " + place + ", each with its schema."
		if place == "path" {
			doc += " Beside the schema of a text, encoded_slash: true takes %2F in its segment as a slash of the value; elsewhere it is 400."
		}
		o.Var(place, &d.params[i]).Doc(doc)
	}
	o.Var("input", &d.input).Doc("The schema of what a sub-route is called with.")
	o.Var("body", &d.body).Doc("The schema of the request's body: of JSON, or of what content says.")
	d.content.spec(o)
	o.Text("upload", &d.upload).Doc("In place of body: the media type of a body of octets, which one call sends on as it comes (upload: " +
		"true). It is never in memory as a whole, and no expression can look into it.").Example("application/pdf")
	o.Duration("timeout", &d.Timeout).Within(time.Millisecond, time.Hour).Default("30s").
		Doc("How long the whole exchange may take; the caller may shorten it.")
	o.Object("limits", func(o *spec.Object) {
		o.Size("body", &d.MaxBody).Doc("How large the request's body may be.")
		o.Size("answer", &d.MaxAnswer).Doc("How large what the route writes may be: its answer, and the body of each of its calls.")
	}).Doc("Limits of the request, and of what is written.")
	o.Rate("rate", &d.rate).Doc("How often one caller may call.").Example("100/m")
	o.Var("steps", &d.steps).Doc("What is done, in order.")
	o.Object("respond", func(o *spec.Object) {
		if d.respond == nil {
			d.respond = &respond{}
		}
		d.respond.Spec(o)
	}).Doc("The answer; without it, 204 and nothing.").Form(respondHint)
}
