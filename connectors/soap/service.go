package soap

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/connectors/soap/wss"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// service is the server side of a connector: the WSDL's operations on one address, requests checked by schema.
type service struct {
	connector *connectors.Connector
	wire      *wire
	sides     []*side
	security  *wss.Credentials // nil if anybody may call
	memory    *memory
	signing   *signing     // nil if nothing is signed
	rehearsed schema.Value // who signs in a project's tests, where messages come unsigned; absent elsewhere
	limit     int64        // bytes of a request, 0 for none
	give      func(w *reply, r *http.Request, e *endpoint, in schema.Value)
}

// side is a service as one version of SOAP speaks it.
type side struct {
	version   *version
	endpoints []*endpoint
}

// endpoint is one operation of a service.
type endpoint struct {
	operation       *connectors.Operation
	op              *op
	request, answer *message
	check           *schema.Checker
	details         []xsd.Tag // of the faults that the WSDL declares
	faultHead       []byte
}

// reply is where an answer goes.
type reply struct {
	http.ResponseWriter
	*service
	version *version
	asked   string       // wsa:MessageID of a signed request
	zips    bool         // the answer is sent in gzip, where no server in front of it does that
	signer  schema.Value // of connectors.SignerType, absent if nobody signed
}

// newService prepares the server side. s is the system whose parameters callers must present, nil for anybody.
func newService(c *connectors.Connector, s *connectors.System, clock config.Clock) (*service, error) {
	w, ok := c.Wire.(*wire)
	if !ok || versions[w.soap] == nil {
		return nil, errors.New("the connector's WSDL could not be read")
	}
	x := &service{connector: c, wire: w, memory: newMemory(nil, "")}
	if s != nil {
		security, err := w.security(s, clock)
		if err != nil {
			return nil, err
		}
		x.security = security
	}
	for _, name := range w.speaks {
		side := &side{version: versions[name]}
		for _, operation := range c.Operations {
			p, ok := operation.Wire.(*op)
			if !ok || p.in == nil || p.out == nil {
				continue
			}
			e := &endpoint{operation: operation, op: p, request: side.version.reads(p.in, p.in.Type, nil), answer: side.version.writes(p.out)}
			e.check = schema.NewChecker(p.in.Type)
			es := xsd.NewEncoders("")
			for _, f := range p.faults {
				e.details = append(e.details, es.Tag(f.Name, f.Plan))
			}
			e.faultHead = side.version.open(es.Namespaces())
			side.endpoints = append(side.endpoints, e)
		}
		x.sides = append(x.sides, side)
	}
	return x, nil
}

// maxRequest is how large a request to a simulator may be; the server in front of a service has limits of its own.
const maxRequest = 10 << 20

// ServeHTTP answers one request.
func (s *service) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w := &reply{ResponseWriter: rw, service: s, version: s.sides[0].version, signer: s.rehearsed, zips: s.limit > 0 && zips(r.Header)}
	if r.Method == http.MethodGet {
		s.giveDocument(rw, r)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "SOAP is sent by POST", http.StatusMethodNotAllowed)
		return
	}
	data, ok := s.requested(w, r)
	if !ok {
		return
	}
	message, err := unpack(r.Header.Get("Content-Type"), data, "")
	if err != nil && !errors.Is(err, errMedia) && !errors.Is(err, errMultipart) {
		w.refuse(http.StatusBadRequest, err) // it is in no encoding that is read
		return
	}
	side := s.side(message, err)
	if side == nil && err == nil && s.foreign(message.envelope) {
		w.refuse(0, errVersion) // in the version that is supported, which is how a sender learns it (SOAP 1.2, appendix A)
		return
	}
	if side == nil {
		http.Error(w, "expected the Content-Type "+s.medias(), http.StatusUnsupportedMediaType)
		return
	}
	w.version = side.version
	action, err := actionOf(r.Header, side.version)
	if err != nil {
		w.refuse(http.StatusBadRequest, err)
		return
	}
	e, status, must, err := side.find(message.envelope, action)
	if err == nil && slices.ContainsFunc(must, func(n xsd.Name) bool { return !s.understands(e, n) }) {
		err = errMandatory
	}
	if err != nil {
		w.refuse(status, err)
		return
	}
	s.operate(w, r, e, message)
}

// requested reads the octets of a request; it answers itself where ok is false.
func (s *service) requested(w *reply, r *http.Request) (data []byte, ok bool) {
	body := r.Body
	if s.limit > 0 {
		body = http.MaxBytesReader(w, body, s.limit)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		http.Error(w, "the request ended early or is too large", http.StatusBadRequest)
		return nil, false
	}
	if s.limit > 0 { // a service's server has unzipped it
		if data, err = unzipped(r.Header, data, s.limit); err != nil {
			http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
			return nil, false
		}
	}
	return data, true
}

// operate answers a message of an operation: its signature, its caller and its content are checked first.
func (s *service) operate(w *reply, r *http.Request, e *endpoint, message *received) {
	if s.signing != nil {
		v, err := s.signing.arrived(r.Context(), message.envelope)
		if err != nil {
			w.stranger(err, "FailedCheck", "the signature is not accepted: "+err.Error())
			return
		}
		if v.Body != nil {
			message.envelope = v.Envelope()
		}
		w.asked, w.signer = v.Addressing.MessageID, signerOf(v.Certificate)
	}
	var shown wss.Presented
	in, _, _, err := e.request.take(message, true, shown.Read)
	if err == nil && s.security != nil {
		if err := s.security.Check(&shown, s.memory.of(r.Context())); err != nil {
			w.stranger(err, "FailedAuthentication", "unknown caller")
			return
		}
	}
	if err == nil {
		if wrong := e.check.Check(in); wrong != nil {
			err = wrong
		}
	}
	if err != nil {
		w.refuse(0, err)
		return
	}
	s.give(w, r, e, in)
}

// errActions is why a message is refused whose head names two operations: what stands before us may have looked at the
// other one.
var errActions = errors.New("two SOAPActions that contradict each other")

// actionOf returns the operation that a request's head names, "" for none: by SOAPAction in 1.1 (SOAP 1.1 §6.1.1), by the
// parameter action of the Content-Type in 1.2 (SOAP 1.2 part 2 §6.5.3), which has no SOAPAction.
func actionOf(h http.Header, v *version) (action string, err error) {
	for _, one := range h.Values("SOAPAction") {
		one = strings.Trim(strings.TrimSpace(one), `"`)
		if one != "" && action != "" && one != action {
			return "", errActions
		}
		action = cmp.Or(action, one)
	}
	if v.name == "1.2" {
		_, params, _ := mediaType(h.Get("Content-Type"))
		action = params["action"]
	}
	return action, nil
}

// side returns the version that a message speaks by its media type, nil for one that is not supported here.
func (s *service) side(m *received, err error) *side {
	for _, x := range s.sides {
		if err == nil && m.media == x.version.plain() {
			return x
		}
	}
	return nil
}

// foreign reports whether a message is an envelope of a version that is not supported here.
func (s *service) foreign(data []byte) bool {
	scan := codec.NewXMLScanner(data, codec.XMLOptions{})
	if ok, err := start(scan); !ok || err != nil {
		return false
	}
	space, local := scan.Name()
	return local == "Envelope" && !slices.ContainsFunc(s.sides, func(x *side) bool { return x.version.space == space })
}

// upgrade appends the header that tells a sender which versions are supported (SOAP 1.2, §5.4.7).
func (s *service) upgrade(dst []byte) []byte {
	dst = append(dst, `<soap:Header><u:Upgrade xmlns:u="`+soap12+`">`...)
	for _, x := range s.sides {
		dst = append(dst, `<u:SupportedEnvelope qname="q:Envelope" xmlns:q="`+x.version.space+`"/>`...)
	}
	return append(dst, "</u:Upgrade></soap:Header>"...)
}

func (s *service) medias() string {
	var list []string
	for _, x := range s.sides {
		list = append(list, x.version.media)
	}
	return strings.Join(list, " or ")
}

// find returns the operation of a message, by the element in its body, which the action must not gainsay, and the header
// entries that must be understood.
func (s *side) find(data []byte, action string) (e *endpoint, status int, must []xsd.Name, err error) {
	scan := codec.NewXMLScanner(data, codec.XMLOptions{})
	full, err := envelope(scan, s.version, func() error {
		if n, ok := s.version.mandatory(scan); ok {
			must = append(must, n)
		}
		return scan.Skip()
	})
	if err != nil {
		return nil, 0, nil, err
	}
	var root xsd.Name
	if full {
		root.Space, root.Local = scan.Name()
	}
	var other *endpoint
	for _, e := range s.endpoints {
		if !e.op.in.Holds(full, root) {
			continue
		}
		if action == e.op.header || action == "" {
			return e, 0, must, nil
		}
		other = e
	}
	if other != nil {
		return nil, http.StatusBadRequest, nil, errors.New("the SOAPAction is not that of the element in the Body")
	}
	return nil, 0, nil, errors.New("no operation has this element in its Body")
}

// value answers with a value of an operation's output, in limit bytes at most.
func (w *reply) value(e *endpoint, v schema.Value, status, limit int) error {
	attached := xsd.Writing{MTOM: w.wire.mtom, Limit: limit}
	data, err := e.answer.write(&attached, nil, v, nil)
	if err == nil && w.signing != nil {
		data, err = w.signing.reply(data, e.op.header, w.asked)
	}
	if err != nil {
		return err
	}
	if len(attached.Parts) > 0 {
		var media string
		data, media = pack(&attached, data, w.version, "")
		w.Header().Set("Content-Type", media)
	}
	w.send(status, data)
	return nil
}

func (w *reply) send(status int, data []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", w.version.media)
	}
	if w.zips && len(data) >= leastZipped {
		w.Header().Set("Content-Encoding", "gzip")
		data = zipped(data)
	}
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// refuse answers a message that is not as it must be; status 0 is the version's own.
func (w *reply) refuse(status int, err error) {
	code := "Client"
	if errors.Is(err, errVersion) {
		code = "VersionMismatch"
	}
	if errors.Is(err, errMandatory) {
		code = "MustUnderstand"
	}
	if status == 0 {
		status = w.version.status(code)
	}
	w.fault(nil, &connectors.SampleFault{Code: code, Text: err.Error()}, status)
}

// stranger answers a caller who is not known. Where that is not known now it is our fault, and the caller comes again.
func (w *reply) stranger(err error, code, text string) {
	var e *wss.Error
	if errors.Is(err, wss.ErrUnasked) || errors.As(err, &e) && e.Reason == wss.ReplaysFull {
		w.fault(nil, &connectors.SampleFault{Code: "Server", Text: "it is not known now whether the message came before: send it again"},
			w.version.status("Server"))
		return
	}
	w.fault(nil, &connectors.SampleFault{Code: code, Text: text}, w.version.status("Client"))
}

// status returns the HTTP status of a fault.
func (v *version) status(code string) int {
	if v.name == "1.2" && code != "Server" && code != "Receiver" && code != "VersionMismatch" && code != "MustUnderstand" {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}
