package soap

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/connectors/mask"
	"fondaco/connectors/soap/wss"
	"fondaco/connectors/soap/xsd"
	"fondaco/connectors/transport"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// caller is an open system.
type caller struct {
	system   *connectors.System
	client   *transport.Client
	version  *version
	header   http.Header // of every request
	target   string
	security func(dst []byte) []byte
	mtom     bool
	tolerant bool
	signing  *signing        // nil if nothing is signed
	address  *wss.Addressing // what is said of WS-Addressing, nil for nothing
	answers  bool            // answers are signed
	mask     func() *mask.Mask
}

// open resolves the connector's references in the system. It connects to nothing.
func open(_ context.Context, s *connectors.System, d connectors.Deps) (connectors.Caller, error) {
	w, ok := s.Connector.Wire.(*wire)
	if !ok || versions[w.soap] == nil {
		return nil, fmt.Errorf("system %s: its WSDL could not be read", s.Name)
	}
	o, header, err := w.access.Resolve(s, d.Now)
	if err != nil {
		return nil, err
	}
	c := &caller{system: s, version: versions[w.soap], header: header, mtom: w.mtom, tolerant: w.tolerant, mask: mask.Of(s)}
	if o.Endpoint.RawQuery != "" {
		c.target = "?" + o.Endpoint.RawQuery
	}
	x, err := w.security(s, d.Now)
	if err != nil {
		return nil, err
	}
	c.security = x.Header()
	if !s.Simulated() && d.Signer.IsAbsent() { // its simulator neither signs nor asks for it, and the keys are not ours to read
		if c.signing, err = w.signing(s, o.Endpoint.String(), newMemory(d.Replays, "soap answers"), d.Now); err != nil {
			return nil, err
		}
	}
	c.answers = w.signature.answers
	if c.signing == nil && (w.addressing || w.signature.given) {
		c.address = &wss.Addressing{To: o.Endpoint.String(), ReplyTo: wss.Anonymous}
	}
	o.Log = d.Log
	if c.client, err = transport.New(o); err != nil {
		return nil, fmt.Errorf("system %s: %w", s.Name, err)
	}
	return c, nil
}

func resolve(s *connectors.System, r config.Ref) (string, error) {
	if r.IsZero() {
		return "", nil
	}
	text, _, err := s.Resolve(r)
	return text, err
}

// security resolves what goes into the header of each message.
func (w *wire) security(s *connectors.System, clock config.Clock) (*wss.Credentials, error) {
	x := &wss.Credentials{Digest: w.digest, Timestamp: w.timestamp, Now: clock.Now}
	var err error
	if x.User, err = resolve(s, w.user); err != nil {
		return nil, err
	}
	if x.Password, err = resolve(s, w.password); err != nil {
		return nil, err
	}
	if !codec.XMLTextOK(x.User) || !codec.XMLTextOK(x.Password) {
		return nil, fmt.Errorf("system %s: user or password hold characters that XML has not", s.Name)
	}
	return x, nil
}

// Close ends the system's connections.
func (c *caller) Close() error {
	c.client.Close()
	return nil
}

// Call prepares the calls of one operation.
func (c *caller) Call(operation *connectors.Operation, want *schema.Type) (connectors.Call, error) {
	p, ok := operation.Wire.(*op)
	if !ok || p.in == nil || p.out == nil {
		return nil, fmt.Errorf("%s is not an operation that SOAP could call", operation.Name)
	}
	params, err := c.system.RuleParams(operation)
	if err != nil {
		return nil, err
	}
	x := &prepared{
		caller: c, operation: operation, request: c.version.writes(p.in), answer: c.version.receives(p.out, want, p.faults, c.tolerant),
		header: c.header.Clone(), fails: operation.FailRules(want, params),
		faultRules: operation.FaultRules(params), faultType: operation.FaultType(),
	}
	if xsd.Constrained(want) {
		x.check = schema.NewChecker(want)
	}
	media := c.version.media
	if c.version.name == "1.1" {
		x.header["SOAPAction"] = []string{`"` + p.header + `"`}
	} else if p.header != "" {
		media += `; action="` + p.header + `"`
	}
	if strings.ContainsAny(p.header, "\"\r\n") {
		return nil, fmt.Errorf("%s: the SOAPAction holds characters that a header has not", operation.Name)
	}
	x.action = p.header
	x.header["Content-Type"] = []string{media}
	x.header["Accept"] = []string{"text/xml, application/soap+xml, multipart/related"}
	return x.call, nil
}

// prepared is one operation ready to be called.
type prepared struct {
	*caller
	operation       *connectors.Operation
	request, answer *message
	action          string
	header          http.Header
	check           *schema.Checker
	fails           func(context.Context, schema.Value, int) *connectors.Fault
	faultRules      func(schema.Value, int) *connectors.Fault
	faultType       *schema.Type
}

func (x *prepared) fault(kind connectors.FaultKind, status int, err error) *connectors.Fault {
	f := &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Kind: kind, Status: status, Sent: true, Err: err}
	var one *schema.Violation
	var all schema.Violations
	switch {
	case errors.As(err, &all):
		f.Path = all[0].Path
	case errors.As(err, &one):
		f.Path = one.Path
	}
	return f
}

func (x *prepared) call(ctx context.Context, in schema.Value) (schema.Value, error) {
	w := xsd.Writing{MTOM: x.mtom, Limit: connectors.BodyLimit(ctx)}
	data, err := x.request.write(&w, make([]byte, 0, 1024), in, x.security)
	if err != nil {
		f := x.fault(connectors.Refused, 0, err)
		f.Sent = false
		return schema.Value{}, f
	}
	var id string
	if data, id, err = x.addressed(data); err != nil {
		f := x.fault(connectors.Refused, 0, err)
		f.Sent = false
		return schema.Value{}, f
	}
	header := x.header
	if len(w.Parts) > 0 {
		action := ""
		if x.version.name == "1.2" {
			action = x.action
		}
		header = header.Clone()
		data, header["Content-Type"][0] = pack(&w, data, x.version, action)
	}
	res, err := x.client.Do(shown(ctx), &transport.Request{
		Method: http.MethodPost, Target: x.target, Header: header, Body: data,
		Operation: x.operation.Name, Effect: x.operation.Effect,
	})
	if err != nil {
		return schema.Value{}, err
	}
	v, err := x.read(ctx, res, id)
	if f := connectors.AsFault(err); f != nil {
		// Of an envelope that is not as its schema says the place is told, and nothing that it holds.
		if media, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";"); f.Kind != connectors.Invalid || mislabelled[media] {
			f.Said = x.mask().Said(ctx, x.operation, in, media, res.Body)
		}
	}
	return v, err
}

// addressed adds the headers of WS-Addressing and the signature that the connector asks for; id is wsa:MessageID.
func (x *prepared) addressed(envelope []byte) (data []byte, id string, err error) {
	switch {
	case x.signing != nil:
		return x.signing.request(envelope, x.action)
	case x.address != nil:
		a := *x.address
		a.Action, a.MessageID = x.action, wss.NewMessageID()
		data, err = a.Add(envelope)
		return data, a.MessageID, err
	}
	return envelope, "", nil
}

// trusted returns what may be read of an answer: what was signed, where it must be. An answer to another message is refused.
func (x *prepared) trusted(ctx context.Context, envelope []byte, id string) ([]byte, error) {
	switch {
	case x.signing != nil && x.answers:
		return x.signing.response(ctx, envelope, id)
	case x.address != nil:
		if a, err := wss.ReadAddressing(envelope); err == nil && a.RelatesTo != "" {
			return envelope, a.Answers(id)
		}
	}
	return envelope, nil
}

// read turns an HTTP answer into a value or a fault.
func (x *prepared) read(ctx context.Context, res *transport.Response, id string) (schema.Value, error) {
	good := res.Status >= 200 && res.Status < 300
	switch {
	case good && x.answer.body.Empty && len(bytes.TrimSpace(res.Body)) == 0:
		return schema.Null, nil
	}
	taken := ""
	if x.tolerant {
		taken = x.version.plain()
	}
	in, err := unpack(res.Header.Get("Content-Type"), res.Body, taken)
	if err != nil {
		if !good {
			return schema.Value{}, x.statusFault(res)
		}
		if err == errMedia { //nolint:errorlint // nobody wraps it
			err = errAnswerMedia
		}
		return schema.Value{}, x.fault(connectors.Invalid, res.Status, err)
	}
	if in.envelope, err = x.trusted(ctx, in.envelope, id); err != nil && good {
		return schema.Value{}, x.fault(connectors.Invalid, res.Status, err)
	}
	if err != nil {
		return schema.Value{}, x.statusFault(res) // a fault that nobody vouches for
	}
	var unread error // of a header entry that must be understood
	v, soap, tolerated, err := x.answer.take(in, false, func(s *codec.XMLScanner) error {
		if n, must := x.version.mandatory(s); must && !x.understood(n) {
			unread = fmt.Errorf("%w: %s", errMandatory, n.Local)
		}
		return s.Skip()
	})
	if unread != nil && x.tolerant {
		tolerated, unread = tolerated+1, nil
	}
	if x.tolerant {
		x.system.Tolerate(tolerated + in.tolerated)
	}
	x.system.Tolerate(in.overridden)
	switch {
	case soap != nil && err == nil:
		return schema.Value{}, x.soapFault(soap, res)
	case !good:
		return schema.Value{}, x.statusFault(res)
	case err != nil || unread != nil:
		return schema.Value{}, x.fault(connectors.Invalid, res.Status, cmp.Or(unread, err))
	}
	return x.checked(ctx, v, res.Status)
}

// checked returns an answer's value, or the fault that it is by its schema or by the connector's rules.
func (x *prepared) checked(ctx context.Context, v schema.Value, status int) (schema.Value, error) {
	if x.check != nil {
		if wrong := x.check.Check(v); wrong != nil {
			return schema.Value{}, x.fault(connectors.Invalid, status, wrong)
		}
	}
	if x.fails != nil {
		if f := x.fails(ctx, v, status); f != nil {
			f.System, f.Operation = x.system.Name, x.operation.Name
			return schema.Value{}, f
		}
	}
	return v, nil
}

// statusFault returns the fault of an answer whose status is a failure. All operations of a service share one address: where it
// is not found the service is not there, which says nothing of what was asked for.
func (x *prepared) statusFault(res *transport.Response) *connectors.Fault {
	f := transport.StatusFault(x.system.Name, x.operation, res)
	if f.Kind == connectors.NotFound {
		f.Kind = connectors.Unavailable
	}
	return f
}

// soapFault says what a SOAP fault is to a caller: what the connector's rules say of it, else by its code. A fault that the WSDL
// declares is the service saying no, whatever
// its code.
func (x *prepared) soapFault(soap *Fault, res *transport.Response) *connectors.Fault {
	if x.faultRules != nil {
		if f := x.faultRules(soap.value(x.faultType), res.Status); f != nil {
			f.System, f.Operation = x.system.Name, x.operation.Name
			f.Err, f.Body = cmp.Or[error](f.Err, soap), soap.value(x.faultType)
			return f
		}
	}
	kind := connectors.Refused
	switch security := soap.Code + " " + soap.Subcode; {
	case strings.Contains(security, "FailedAuthentication") || strings.Contains(security, "InvalidSecurity") ||
		strings.Contains(security, "FailedCheck") || strings.Contains(security, "MessageExpired"):
		kind = connectors.Unavailable // it is us whom it does not let in
	case !soap.Detail.IsAbsent() || soap.Code == "Client" || soap.Code == "Sender":
	case soap.Code == "VersionMismatch" || soap.Code == "MustUnderstand" || soap.Code == "DataEncodingUnknown":
		kind = connectors.Invalid
	case x.operation.Effect == connectors.Once:
		kind = connectors.Unknown
	default:
		kind = connectors.Unavailable
	}
	f := x.fault(kind, res.Status, soap)
	f.Body = soap.value(x.faultType)
	return f
}

var errAnswerMedia = errors.New("the answer is not SOAP by its Content-Type")
