package wss

import (
	"testing"
	"time"
)

// Each pattern as client and as server: what it signs, and what happens to a request that another pattern signed.
func TestPatterns(t *testing.T) {
	us := somebody(t, "rsa")
	for name, c := range map[string]struct {
		p               Pattern
		request, answer Parts
	}{
		"ID_AUTH_SOAP_01":                      {IDAuthSOAP01, Timestamp | To, Timestamp | RelatesTo},
		"ID_AUTH_SOAP_02":                      {IDAuthSOAP02, Timestamp | To | MessageID, Timestamp | RelatesTo | MessageID},
		"INTEGRITY_SOAP_01":                    {IntegritySOAP01, Timestamp | To | Body, Timestamp | RelatesTo | Body},
		"INTEGRITY_SOAP_01 on ID_AUTH_SOAP_01": {IDAuthSOAP01 | IntegritySOAP01, Timestamp | To | Body, Timestamp | RelatesTo | Body},
		"INTEGRITY_SOAP_01 on ID_AUTH_SOAP_02": {
			IDAuthSOAP02 | IntegritySOAP01, Timestamp | To | MessageID | Body,
			Timestamp | RelatesTo | MessageID | Body,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.p.Request() != c.request || c.p.Answer() != c.answer {
				t.Errorf("%s, %s", c.p.Request(), c.p.Answer())
			}
			signed := request(t, us.signer(), messages["1.2"], c.p)
			v := us.provider()
			got, err := v.VerifyRequest(signed, c.p)
			if err != nil || got.Parts&c.request != c.request || (got.Body == nil) != (c.request&Body == 0) {
				t.Fatalf("%+v %v", got, err)
			}
			if (got.Envelope() == nil) != (got.Body == nil) {
				t.Error("an envelope is given of what is not signed")
			}
			// Sent again: only ID_AUTH_SOAP_02 notices.
			_, err = v.VerifyRequest(signed, c.p)
			if c.p&IDAuthSOAP02 != 0 {
				reason(t, err, Replayed)
			} else if err != nil {
				t.Error(err)
			}
			// Every part that the pattern demands is demanded.
			_ = c.request.each(func(part Parts, _ string) error {
				a := Addressing{To: address, Action: action, MessageID: NewMessageID(), ReplyTo: Anonymous}
				ready, err := a.Add([]byte(messages["1.2"]))
				if err != nil {
					t.Fatal(err)
				}
				less, err := us.signer().Sign(ready, SignOptions{Parts: c.request &^ part})
				if err != nil {
					t.Fatal(err)
				}
				want := PartUnsigned
				if part == Timestamp {
					want = PartMissing
				}
				_, err = us.provider().VerifyRequest(less, c.p)
				reason(t, err, want)
				return nil
			})
			v.To = []string{"https://elsewhere.example"}
			_, err = v.VerifyRequest(request(t, us.signer(), messages["1.2"], c.p), c.p)
			reason(t, err, AddressForeign)
			v.To = nil
			_, err = v.VerifyRequest(signed, c.p)
			reason(t, err, AddressForeign)
		})
	}
	v := us.provider()
	v.Replays = nil
	_, err := v.VerifyRequest(request(t, us.signer(), messages["1.2"], all), all)
	reason(t, err, ReplaysFull)
}

// A request and its answer: the answer is tied to the request, and is nobody else's.
func TestAnswer(t *testing.T) {
	client, provider := somebody(t, "rsa"), somebody(t, "p256")
	asked, id, err := client.signer().SignRequest([]byte(messages["1.1"]), all, address, action)
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.provider().VerifyRequest(asked, all)
	if err != nil {
		t.Fatal(err)
	}
	answered, err := provider.signer().SignAnswer([]byte(messages["empty body"]), all, action+"Response", got.Addressing.MessageID)
	if err != nil {
		t.Fatal(err)
	}
	v := provider.verifier()
	v.To, v.Replays = []string{"urn:not looked at"}, &Replays{}
	answer, err := v.VerifyAnswer(answered, all, id)
	if err != nil || answer.Addressing.RelatesTo != id || answer.Body == nil {
		t.Fatalf("%+v %v", answer, err)
	}
	_, err = v.VerifyAnswer(answered, all, id)
	reason(t, err, Replayed)
	v.Replays = &Replays{}
	_, err = v.VerifyAnswer(answered, all, NewMessageID())
	reason(t, err, ReplyUnrelated)
	_, err = v.VerifyAnswer(asked, all, id) // our own request sent back
	reason(t, err, CertificateTrust)
	v = client.verifier()
	v.Replays = &Replays{}
	_, err = v.VerifyAnswer(asked, all, id)
	reason(t, err, PartMissing)
	v.Replays = nil
	_, err = v.VerifyAnswer(asked, all, id)
	reason(t, err, ReplaysFull)
	v.Now = at(noon.Add(time.Hour))
	_, err = v.VerifyAnswer(answered, IDAuthSOAP01, id)
	reason(t, err, CertificateTrust)
}
