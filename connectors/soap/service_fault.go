package soap

import (
	"fondaco/connectors"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// fault answers with a SOAP fault; its detail is written by the WSDL's declaration if it has one.
func (w *reply) fault(e *endpoint, f *connectors.SampleFault, status int) {
	head := w.version.open(nil)
	if e != nil {
		head = e.faultHead
	}
	code, text := f.Code, f.Text
	if !codec.XMLTextOK(code) || !codec.XMLTextOK(text) {
		code, text = "Server", ""
	}
	dst := head[:len(head):len(head)]
	if code == "VersionMismatch" {
		dst = w.upgrade(dst)
	}
	if w.version.name == "1.1" {
		dst = append(dst, "<soap:Body><soap:Fault><faultcode>soap:"...)
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
		dst = append(dst, "<soap:Body><soap:Fault><soap:Code><soap:Value>soap:"...)
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
	w.send(status, dst)
}

// detail appends the parts of a fault's detail that the WSDL declares.
func (e *endpoint) detail(dst []byte, v schema.Value) []byte {
	if e == nil || v.IsNil() {
		return dst
	}
	for i := range e.details {
		x := v.Get(e.op.faults[i].Name.Local)
		if x.IsAbsent() {
			continue
		}
		if more, err := e.details[i].Append(&xsd.Writing{}, dst, x); err == nil {
			dst = more
		}
	}
	return dst
}
