package routes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/messaging"
	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/routes/callback"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/store"
)

// replyTo says to whom a route with accept: async sends the outcome of a request (ModI, NONBLOCK_PUSH_REST).
type replyTo struct {
	allow    refsValue
	attempts int
	backoff  spec.Span
	timeout  time.Duration
	given    bool
}

func (r *replyTo) spec(o *spec.Object) {
	r.given, r.attempts, r.backoff, r.timeout = true, 20, spec.Span{From: 5 * time.Second, To: time.Hour}, 10*time.Second
	o.Var("allow", &r.allow).Required().Doc("The addresses that X-ReplyTo may name: https, the host written whole; a path that ends with / " +
		"stands for all below it. http is only for this machine. ${env.X} may be part of them.").
		Example("[\"https://sportello.comune.example/esiti/\"]")
	o.Int("attempts", &r.attempts).Range(1, 1000).Default("20").Doc("How often a callback is tried before it becomes a dead letter.")
	o.Span("backoff", &r.backoff).Default("5s..1h").Doc("The pauses between attempts, from and to.")
	o.Duration("timeout", &r.timeout).Within(100*time.Millisecond, time.Minute).Default("10s").Doc("How long the receiver may take to answer.")
}

// refsValue is an address or a list of them, with references to the environment.
type refsValue struct{ list []config.Ref }

// Decode reads the addresses, and reports those that cannot be.
func (v *refsValue) Decode(n *config.Node, out *diag.List) {
	v.list = nil
	items := n.Items
	if n.Kind == config.NodeText {
		items = []*config.Node{n}
	} else if n.Kind != config.NodeList || len(items) == 0 {
		found := n.Found()
		if n.Kind == config.NodeList {
			found = "an empty list"
		}
		n.Report(out, diag.BadValue, "allow: found %s, expected a list of addresses, as [\"https://sportello.comune.example/esiti/\"]", found)
		return
	}
	for _, item := range items {
		if item.Kind != config.NodeText {
			item.Report(out, diag.BadValue, "allow: found %s, expected an address, as https://sportello.comune.example/esiti/", item.Found())
			continue
		}
		ref := config.ParseRefs(item.Text, []string{"env"}, out)
		if ref.IsLiteral() {
			if _, err := callback.ParsePrefix(item.Text.Value); err != nil {
				item.Report(out, diag.BadValue, "allow: found %q: %v", item.Text.Value, err)
			}
		}
		v.list = append(v.list, ref)
	}
}

// Schema describes the addresses to editors.
func (v *refsValue) Schema() spec.Schema {
	return spec.Schema{"anyOf": []any{
		spec.Schema{"type": "string"},
		spec.Schema{"type": "array", "minItems": 1, "items": spec.Schema{"type": "string"}},
	}}
}

// ReplyTo is what a route says of those who are told how requests ended.
type ReplyTo struct {
	Allow    []string // as fondaco's file has them, references unresolved
	Attempts int
	Backoff  spec.Span
	Timeout  time.Duration // of one attempt
}

// ReplyTo returns what the route says under reply_to, nil if it notifies no one.
func (d *RouteModel) ReplyTo() *ReplyTo {
	if !d.replyTo.given {
		return nil
	}
	r := &ReplyTo{Attempts: d.replyTo.attempts, Backoff: d.replyTo.backoff, Timeout: d.replyTo.timeout}
	for _, ref := range d.replyTo.allow.list {
		r.Allow = append(r.Allow, ref.Text.Value)
	}
	return r
}

// checkReplyTo reports what contradicts itself.
func (c *checker) checkReplyTo(d *RouteModel) {
	if !d.replyTo.given {
		return
	}
	if !d.Async {
		c.out.Report(diag.BadRoute, d.ID.Pos, "the route %q has reply_to, and answers at once; a callback needs accept: async", d.ID.Value).
			WithLen(len(d.ID.Value))
	}
	own := func(p trigger.Param) bool { return canonical(p.Name) == canonical(callback.ReplyToHeader) }
	if slices.ContainsFunc(d.Params["header"], own) {
		c.out.Report(diag.BadRoute, d.ID.Pos, "the route %q has reply_to, and a header X-ReplyTo of its own; the header is the engine's then",
			d.ID.Value).WithLen(len(d.ID.Value))
	}
}

// telling is what a running route needs to tell ends.
type telling struct {
	from    []config.Ref
	allowed []callback.Prefix // set by Start
	backoff messaging.Backoff
	timeout time.Duration
}

func (d *RouteModel) telling() *telling {
	if !d.replyTo.given {
		return nil
	}
	r := &d.replyTo
	return &telling{
		from: r.allow.list, timeout: r.timeout,
		backoff: messaging.Backoff{First: r.backoff.From, Max: r.backoff.To, Attempts: r.attempts},
	}
}

// open finds out which addresses are meant.
func (t *telling) open(lookup func(space, name string) (value string, secret, ok bool)) error {
	var all []callback.Prefix
	for _, ref := range t.from {
		text, _, err := ref.Resolve(lookup)
		if err != nil {
			return fmt.Errorf("%s: reply_to: %w", ref.Text.Pos, err)
		}
		p, err := callback.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("%s: reply_to: %w", ref.Text.Pos, err)
		}
		all = append(all, p)
	}
	t.allowed = all
	return nil
}

// tells adds the notification of the outcome to an operation: the header that asks for it, the callback, and the header of the
// answer that connects both.
func (r *TypedRoute) tells(op *openapi.Operation, taken *openapi.Response, l texts.Language) {
	address := &schema.Type{Kind: schema.KindText, Format: "uri", Pattern: "^https?://", MaxLength: number(callback.MaxAddress)}
	op.Parameters = append(op.Parameters, openapi.Parameter{
		Name: callback.ReplyToHeader, In: "header", Type: address,
		Doc: l.Text(texts.ReplyTo),
	})
	correlation := l.Text(texts.Correlation)
	taken.Headers = append(taken.Headers, openapi.Header{
		Name: callback.CorrelationHeader, Type: schema.TypeText, Required: true,
		Doc: correlation,
	})
	media, encoding := "", map[string]openapi.Encoding(nil)
	for _, p := range r.replies() {
		if p.typ != nil {
			media, encoding = p.content(r), joinEncoding(encoding, p.encoding())
		}
	}
	op.Callbacks = append(op.Callbacks, openapi.Callback{
		Name: "esito", Expression: "{$request.header." + callback.ReplyToHeader + "}", Summary: l.Text(texts.Callback),
		Description: l.Text(texts.CallbackDoc),
		Parameters: []openapi.Parameter{
			{Name: callback.CorrelationHeader, In: "header", Type: schema.TypeText, Required: true, Doc: correlation},
			{
				Name: "Idempotency-Key", In: "header", Type: schema.TypeText, Required: true,
				Doc: l.Text(texts.CallbackKey),
			},
		},
		Body: r.returned, BodyType: media, BodyEncoding: encoding, Problem: true, Members: r.members(0, l), Others: r.forms(0),
		Responses: []openapi.Response{{Status: http.StatusOK, Doc: l.Text(texts.CallbackTaken)}},
	})
}

func number(n int) *int { return &n }

// openTelling finds out which addresses the routes mean, and returns by route the errors that prevent it.
func (p *Program) openTelling() map[string]error {
	failed := map[string]error{}
	for id, t := range p.telling {
		if err := t.open(p.typed.Model.Source.Lookup); err != nil {
			failed[id] = err
		}
	}
	return failed
}

// address returns where the end of a request is to be told, "" for nowhere. A caller who would wait in vain is told now.
func (e *entry) address(h http.Header) (string, *trigger.Problem) {
	values := h.Values(callback.ReplyToHeader)
	if len(values) == 0 {
		return "", nil
	}
	refuse := func(status int, why string) (string, *trigger.Problem) {
		return "", &trigger.Problem{
			Status: status, Detail: "The result of this request cannot be sent to the address in " + callback.ReplyToHeader + ".",
			Errors: []trigger.Invalid{{Parameter: callback.ReplyToHeader, Detail: why}},
		}
	}
	if e.telling == nil {
		return refuse(http.StatusUnprocessableEntity, "this operation has no callbacks: ask for its state at the address in Location")
	}
	if len(values) > 1 {
		return refuse(http.StatusBadRequest, "the header was sent twice, expected it once")
	}
	u, err := callback.Address(values[0], e.telling.allowed)
	if errors.Is(err, callback.ErrNotAllowed) {
		return refuse(http.StatusUnprocessableEntity, err.Error())
	}
	if err != nil {
		return refuse(http.StatusBadRequest, err.Error())
	}
	return u.String(), nil
}

// tell keeps that the end of an operation is to be told, if it is to be: durably before it returns nil.
func (e *entry) tell(ctx context.Context, id string, state store.OperationState, end int, trace string) error {
	if e.telling == nil || e.program.operations == nil {
		return nil
	}
	op, err := e.program.operations.Get(ctx, id)
	if errors.Is(err, store.ErrAbsent) || err == nil && op.ReplyTo == "" {
		return nil
	}
	if err != nil {
		return err
	}
	return TellEnd(ctx, e.program.topics, op, state, end, trace, e.program.now())
}

// TellEnd keeps on its topic that the end of an operation with a ReplyTo is to be told: durably before it returns nil.
// end is the end's number. Of one end it is one message, however often it is kept. It may be kept before the operation
// has that state: it waits.
func TellEnd(ctx context.Context, topics Topics, op store.Operation, state store.OperationState, end int, traceparent string,
	now time.Time,
) error {
	m := callback.Ended{Operation: op.ID, Route: op.Route, State: state, End: end}.Message(traceparent, now)
	return topics.Publish(ctx, callback.Topic, m)
}
