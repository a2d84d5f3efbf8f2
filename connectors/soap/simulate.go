package soap

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// simulate gives the server side of a connector: the WSDL's operations on one address, requests checked by schema,
// answers from samples. Where the system is known, callers must present its user and password.
func simulate(c *connectors.Connector, s *connectors.Simulation) (http.Handler, error) {
	w, ok := c.Wire.(*wire)
	if !ok || versions[w.soap] == nil {
		return nil, errors.New("the connector's WSDL could not be read")
	}
	sim := &simulator{connector: c, wire: w, simulation: s, version: versions[w.soap]}
	if s.System != nil {
		x, err := w.security(s.System, nil)
		if err != nil {
			return nil, err
		}
		sim.security = x
	}
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok || p.in == nil || p.out == nil {
			continue
		}
		e := &endpoint{operation: operation, op: p, request: sim.version.reads(p.in, p.in.t, nil), answer: sim.version.writes(p.out)}
		e.check = schema.NewChecker(p.in.t)
		es := newEncoders()
		for _, f := range p.faults {
			e.details = append(e.details, es.tag(f.name, f.plan))
		}
		e.faultHead = sim.version.open(es.spaces)
		sim.endpoints = append(sim.endpoints, e)
	}
	return sim, nil
}

type simulator struct {
	connector  *connectors.Connector
	wire       *wire
	simulation *connectors.Simulation
	version    *version
	security   *security // nil if anybody may call
	endpoints  []*endpoint
}

// endpoint is one operation of the simulator.
type endpoint struct {
	operation       *connectors.Operation
	op              *op
	request, answer *message
	check           *schema.Checker
	details         []tag // of the faults that the WSDL declares
	faultHead       []byte
}

// maxRequest is how large a request to a simulator may be.
const maxRequest = 10 << 20

func (s *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, asked := r.URL.Query()["wsdl"]; asked && r.Method == http.MethodGet {
		s.giveWSDL(w)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "SOAP is sent by POST", http.StatusMethodNotAllowed)
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "the request ended early or is too large", http.StatusBadRequest)
		return
	}
	message, err := unpack(r.Header.Get("Content-Type"), data)
	if wanted, _, _ := mime.ParseMediaType(s.version.media); err != nil || message.media != wanted {
		http.Error(w, "expected the Content-Type "+s.version.media, http.StatusUnsupportedMediaType)
		return
	}
	action := strings.Trim(r.Header.Get("SOAPAction"), `"`)
	if s.version.name == "1.2" {
		_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		action = params["action"]
	}
	e, status, err := s.find(message.envelope, action)
	if err != nil {
		s.refuse(w, status, err)
		return
	}
	var shown presented
	in, _, _, err := e.request.take(message, true, shown.read)
	if err == nil && s.security != nil {
		if err := s.security.check(&shown); err != nil {
			s.fault(w, nil, &connectors.SampleFault{Code: "FailedAuthentication", Text: "unknown caller"}, http.StatusInternalServerError)
			return
		}
	}
	if err == nil {
		if wrong := e.check.Check(in); wrong != nil {
			err = wrong
		}
	}
	if err != nil {
		s.refuse(w, http.StatusInternalServerError, err)
		return
	}
	s.give(w, r, e, in)
}

// find gives the operation of a message: by the element in its body, which the action must not gainsay.
func (s *simulator) find(data []byte, action string) (*endpoint, int, error) {
	scan := codec.NewXMLScanner(data, codec.XMLOptions{})
	full, err := envelope(scan, s.version, nil)
	if err != nil {
		return nil, http.StatusInternalServerError, err
	}
	var root name
	if full {
		root.space, root.local = scan.Name()
	}
	var other *endpoint
	for _, e := range s.endpoints {
		if !e.op.in.holds(full, root) {
			continue
		}
		if action == e.op.header || action == "" {
			return e, 0, nil
		}
		other = e
	}
	if other != nil {
		return nil, http.StatusBadRequest, errors.New("the SOAPAction is not that of the element in the Body")
	}
	return nil, http.StatusInternalServerError, errors.New("no operation has this element in its Body")
}

// give answers with the first sample that fits.
func (s *simulator) give(w http.ResponseWriter, r *http.Request, e *endpoint, in schema.Value) {
	c := s.simulation.Find(e.operation.Name, in)
	if c == nil {
		s.fault(w, nil, &connectors.SampleFault{Code: "Server", Text: "no sample of " + e.operation.Name + " fits this input"}, http.StatusInternalServerError)
		return
	}
	if c.Delay > 0 {
		timer := time.NewTimer(c.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	for _, h := range c.Headers {
		w.Header().Add(h[0], h[1])
	}
	if c.Fault != nil {
		status := c.Status
		if status == 0 {
			status = http.StatusInternalServerError
		}
		s.fault(w, e, c.Fault, status)
		return
	}
	var data []byte
	var attached writing
	status := c.Status
	if status == 0 {
		status = http.StatusOK
	}
	switch {
	case c.Raw != "":
		data = []byte(c.Raw)
	case !c.Answer.IsAbsent() || e.op.out.none:
		var err error
		attached.mtom = s.wire.mtom
		if data, err = e.answer.write(&attached, nil, c.Answer, nil); err != nil {
			s.fault(w, nil, &connectors.SampleFault{Code: "Server", Text: "the sample of " + e.operation.Name + " does not fit its schema: " + err.Error()}, http.StatusInternalServerError)
			return
		}
	}
	if len(attached.parts) > 0 {
		data, w.Header()["Content-Type"] = packed(&attached, data, s.version)
	}
	s.write(w, status, data)
}

func packed(w *writing, envelope []byte, v *version) ([]byte, []string) {
	data, media := w.pack(envelope, v, "")
	return data, []string{media}
}

func (s *simulator) write(w http.ResponseWriter, status int, data []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", s.version.media)
	}
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// refuse answers a message that is not as it must be.
func (s *simulator) refuse(w http.ResponseWriter, status int, err error) {
	code := "Client"
	if errors.Is(err, errVersion) {
		code = "VersionMismatch"
	}
	s.fault(w, nil, &connectors.SampleFault{Code: code, Text: err.Error()}, status)
}

// fault answers with a SOAP fault; its detail is written by the WSDL's declaration if it has one.
func (s *simulator) fault(w http.ResponseWriter, e *endpoint, f *connectors.SampleFault, status int) {
	head := s.version.open(nil)
	if e != nil {
		head = e.faultHead
	}
	code, text := f.Code, f.Text
	if !codec.XMLTextOK(code) || !codec.XMLTextOK(text) {
		code, text = "Server", ""
	}
	var dst []byte
	if s.version.name == "1.1" {
		dst = append(head[:len(head):len(head)], "<soap:Body><soap:Fault><faultcode>soap:"...)
		dst = append(codec.AppendXMLText(dst, code), "</faultcode><faultstring>"...)
		dst = append(codec.AppendXMLText(dst, text), "</faultstring>"...)
		dst = e.detail(append(dst, "<detail>"...), f.Detail)
		dst = append(dst, "</detail></soap:Fault></soap:Body></soap:Envelope>"...)
	} else {
		switch code {
		case "Client":
			code = "Sender"
		case "Server":
			code = "Receiver"
		}
		sub := ""
		if code != "Sender" && code != "Receiver" && code != "VersionMismatch" && code != "MustUnderstand" {
			code, sub = "Sender", code
		}
		dst = append(head[:len(head):len(head)], "<soap:Body><soap:Fault><soap:Code><soap:Value>soap:"...)
		dst = append(codec.AppendXMLText(dst, code), "</soap:Value>"...)
		if sub != "" {
			dst = append(dst, "<soap:Subcode><soap:Value>"...)
			dst = append(codec.AppendXMLText(dst, sub), "</soap:Value></soap:Subcode>"...)
		}
		dst = append(dst, `</soap:Code><soap:Reason><soap:Text xml:lang="it">`...)
		dst = append(codec.AppendXMLText(dst, text), "</soap:Text></soap:Reason>"...)
		dst = e.detail(append(dst, "<soap:Detail>"...), f.Detail)
		dst = append(dst, "</soap:Detail></soap:Fault></soap:Body></soap:Envelope>"...)
	}
	s.write(w, status, dst)
}

// detail appends the parts of a fault's detail that the WSDL declares.
func (e *endpoint) detail(dst []byte, v schema.Value) []byte {
	if e == nil || v.IsNil() {
		return dst
	}
	for i := range e.details {
		x := v.Get(e.op.faults[i].name.local)
		if x.IsAbsent() {
			continue
		}
		if more, err := e.details[i].element(nil, dst, x, nil); err == nil {
			dst = more
		}
	}
	return dst
}

// giveWSDL answers a GET with ?wsdl.
func (s *simulator) giveWSDL(w http.ResponseWriter) {
	var out diag.List
	data, ok := config.ReadBytes(s.connector.FS, s.wire.file, maxDocuments, &out, diag.Pos{})
	if !ok {
		http.Error(w, "the WSDL is not there", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = fmt.Fprintf(w, "%s", data)
}
