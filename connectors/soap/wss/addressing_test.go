package wss

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// What is written is read again, in every shape of envelope.
func TestAddressing(t *testing.T) {
	want := Addressing{
		To: "https://ente.example/?a=1&b=<2>", Action: "urn:do", MessageID: NewMessageID(), RelatesTo: NewMessageID(),
		ReplyTo: Anonymous, FaultTo: none, From: "urn:us",
	}
	for name, message := range messages {
		out, err := want.Add([]byte(message))
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := ReadAddressing(out)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		_, err = Addressing{Action: "urn:again"}.Add(out)
		reason(t, err, AddressingThere)
		if rest, err := (Addressing{}).Add(out); err != nil || string(rest) != string(out) {
			t.Errorf("%s: nothing added: %v", name, err)
		}
	}
	_, err := Addressing{To: "a\x00b"}.Add([]byte(messages["1.1"]))
	reason(t, err, NotXML)
}

// Identifiers are URNs of random UUIDs (RFC 9562, version 4).
func TestMessageID(t *testing.T) {
	form := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id := NewMessageID()
		if !form.MatchString(id) || seen[id] {
			t.Fatal(id)
		}
		seen[id] = true
	}
}

// The version of 2004 is read, with its own anonymous address.
func TestAddressing2004(t *testing.T) {
	const message = `<s:Envelope xmlns:s="` + soap11 + `" xmlns:a="` + wsaSpace04 + `"><s:Header><a:To> urn:us
		</a:To><a:MessageID>uuid:1</a:MessageID><a:ReplyTo><a:Address>` + anonymous04 +
		`</a:Address><a:ReferenceProperties/></a:ReplyTo></s:Header><s:Body/></s:Envelope>`
	got, err := ReadAddressing([]byte(message))
	if want := (Addressing{To: "urn:us", MessageID: "uuid:1", ReplyTo: anonymous04}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := got.AnswersHere(); err != nil {
		t.Error(err)
	}
}

// Headers that say nothing, or more than one thing, are refused.
func TestAddressingRefused(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		want   Reason
	}{
		"empty":         {`<a:To/>`, PartMissing},
		"element":       {`<a:To><b/></a:To>`, PartMissing},
		"twice":         {`<a:Action>1</a:Action><a:Action>1</a:Action>`, PartTwice},
		"no address":    {`<a:ReplyTo/>`, PartTwice},
		"two addresses": {`<a:ReplyTo><a:Address>u</a:Address><a:Address>v</a:Address></a:ReplyTo>`, PartTwice},
		"other version": {`<a:ReplyTo><Address xmlns="` + wsaSpace04 + `">u</Address></a:ReplyTo>`, PartTwice},
	} {
		_, err := ReadAddressing([]byte(`<s:Envelope xmlns:s="` + soap11 + `" xmlns:a="` + wsaSpace + `"><s:Header>` + c.header +
			`</s:Header><s:Body/></s:Envelope>`))
		t.Run(name, func(t *testing.T) { reason(t, err, c.want) })
	}
}

// Row X23: nobody makes us call an address of his, nor takes another's answer for ours.
func TestAnswers(t *testing.T) {
	us := somebody(t, "p256")
	for name, a := range map[string]Addressing{
		"reply":  {To: address, Action: action, MessageID: NewMessageID(), ReplyTo: "http://169.254.169.254/latest"},
		"fault":  {To: address, Action: action, MessageID: NewMessageID(), ReplyTo: Anonymous, FaultTo: "file:///etc/passwd"},
		"almost": {To: address, Action: action, MessageID: NewMessageID(), ReplyTo: Anonymous + "/"},
	} {
		for _, parts := range []Parts{all.Request(), all.Request() | ReplyTo} { // signed or not
			if name == "fault" {
				parts |= FaultTo
			}
			ready, err := a.Add([]byte(messages["1.1"]))
			if err != nil {
				t.Fatal(err)
			}
			signed, err := us.signer().Sign(ready, SignOptions{Parts: parts})
			if err != nil {
				t.Fatal(err)
			}
			_, err = us.provider().VerifyRequest(signed, all)
			reason(t, err, ReplyElsewhere)
			if err != nil && strings.Contains(err.Error(), "169.254") {
				t.Error(err)
			}
		}
	}
	if err := (Addressing{ReplyTo: none}).AnswersHere(); err != nil {
		t.Error(err)
	}
	reason(t, Addressing{}.Answers(""), ReplyUnrelated)
	reason(t, Addressing{RelatesTo: "urn:uuid:1"}.Answers("urn:uuid:2"), ReplyUnrelated)
}

// The examples of the Linee Guida are read. Theirs is broken into lines within its values, and its certificates and
// signatures are shortened, so no more than headers can be read of them.
func TestGuidelines(t *testing.T) {
	const dir = "../../../../shared/specs/modi/doc/02_Pattern_sicurezza/05_accesso-del-fruitore/media/"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the published specifications are absent")
	}
	message, err := os.ReadFile(dir + "ID_AUTH_SOAP_01_example_request.xml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadAddressing(message)
	want := Addressing{To: address, Action: action, MessageID: "urn:uuid:55e6bc57-2286-4b7d-82a9-fdbcf57721b1", ReplyTo: Anonymous}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	v := somebody(t, "p256").provider()
	_, err = v.VerifyRequest(message, IDAuthSOAP01)
	reason(t, err, SignatureForm) // its values end in dots and stars
}
