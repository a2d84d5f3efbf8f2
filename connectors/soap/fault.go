package soap

import (
	"errors"
	"strings"

	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
)

// Fault is a SOAP fault. Its text and detail are the service's words and may hold personal data: they are for whoever
// asks for them by errors.As, not for logs.
type Fault struct {
	Code    string // local name of the code, as Client or Receiver
	Subcode string // of SOAP 1.2, or what follows the point of a 1.1 code; "" if there is none
	Text    string
	Detail  schema.Value // a record of the elements of the detail that the WSDL declares; absent if there is none
}

// Error returns the codes alone.
func (f *Fault) Error() string {
	if f.Subcode != "" {
		return "SOAP fault " + f.Code + "/" + f.Subcode
	}
	return "SOAP fault " + f.Code
}

// Said returns the fault as the service put it, whatever kind it is to the caller.
func (f *Fault) Said() (code, text string, detail schema.Value) { return f.Code, f.Text, f.Detail }

// detailType returns the type of the details of faults: what the WSDL declares, any of it.
func detailType(faults []wsdl.Fault) *schema.Type {
	t := &schema.Type{Kind: schema.KindRecord, Open: true}
	for _, f := range faults {
		t.Fields = append(t.Fields, schema.Field{Name: f.Name.Local, Type: f.Plan.Type()})
	}
	return t.Seal()
}

// value returns the fault as fails rules see it, of the operation's FaultType.
func (f *Fault) value(t *schema.Type) schema.Value {
	subcode := schema.Value{}
	if f.Subcode != "" {
		subcode = schema.Text(f.Subcode)
	}
	return schema.RecordOf(t, schema.Text(f.Code), subcode, schema.Text(f.Text), f.Detail)
}

// fault reads a Fault whose start was the last step, up to the end of the message.
func (m *message) fault(r *xsd.Reading) (*Fault, error) {
	f := &Fault{}
	for {
		ok, err := start(r.Scanner)
		if err != nil {
			return nil, err
		}
		if !ok {
			return f, finish(r.Scanner, true)
		}
		switch _, local := r.Scanner.Name(); local {
		case "faultcode":
			text, err := r.Text()
			if err != nil {
				return nil, err
			}
			f.Code, f.Subcode, _ = strings.Cut(word(text), ".")
		case "faultstring":
			if f.Text, err = r.Text(); err != nil {
				return nil, err
			}
		case "Code":
			if err := f.code(r); err != nil {
				return nil, err
			}
		case "Reason":
			err = inside(r, func(string) error {
				text, err := r.Text()
				if f.Text == "" {
					f.Text = text
				}
				return err
			})
		case "detail", "Detail":
			err = m.detail(r, f)
		default:
			err = r.Scanner.Skip()
		}
		if err != nil {
			return nil, err
		}
	}
}

// word returns the local part of a qualified name in a text.
func word(text string) string {
	text = xsd.Collapse(text)
	if _, local, found := strings.Cut(text, ":"); found {
		text = local
	}
	return text[:min(len(text), 100)]
}

// inside calls each with every element inside of the one whose start was the last step; it must read it to its end.
func inside(r *xsd.Reading, each func(local string) error) error {
	for {
		ok, err := start(r.Scanner)
		if err != nil || !ok {
			return err
		}
		_, local := r.Scanner.Name()
		if err := each(local); err != nil {
			return err
		}
	}
}

// code reads the Code of a 1.2 fault.
func (f *Fault) code(r *xsd.Reading) error {
	return inside(r, func(local string) error {
		switch local {
		case "Value":
			text, err := r.Text()
			f.Code = word(text)
			return err
		case "Subcode":
			return inside(r, func(local string) error {
				if local != "Value" || f.Subcode != "" {
					return r.Scanner.Skip()
				}
				text, err := r.Text()
				f.Subcode = word(text)
				return err
			})
		}
		return r.Scanner.Skip()
	})
}

// detail reads the elements of a fault's detail that the WSDL declares. An element that is not as declared is passed
// over: a fault is a fault all the same.
func (m *message) detail(r *xsd.Reading, f *Fault) error {
	var slots []schema.Value
	err := inside(r, func(local string) error {
		space, _ := r.Scanner.Name()
		for i, known := range m.faults {
			if known.Name.Local != local || known.Name.Space != space {
				continue
			}
			depth := r.Scanner.Depth()
			v, err := xsd.NewDecoders(false).Of(known.Plan, known.Plan.Type()).Read(r, true)
			if err == nil {
				if slots == nil {
					slots = schema.Slots(m.detailType)
				}
				slots[i+1] = v
				return nil
			}
			var wrong *schema.Violation
			if !errors.As(err, &wrong) {
				return err
			}
			return r.Leave(depth)
		}
		return r.Scanner.Skip()
	})
	if slots != nil {
		f.Detail = schema.Record(m.detailType, slots)
	}
	return err
}
