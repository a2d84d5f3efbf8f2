package wss

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"math/rand/v2"
	"strings"
	"testing"
)

// FuzzVerify checks that whatever is accepted says what was signed, however it is wrapped: Body, address and dates are
// those of the one message that the key's owner signed.
func FuzzVerify(f *testing.F) {
	o := theOne(f)
	for _, message := range o.wrapped() {
		f.Add(message, []byte{})
		f.Add(message, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9})
	}
	f.Fuzz(func(t *testing.T, message, moves []byte) {
		o.check(t, rearranged(message, moves))
	})
}

// Many thousand times, pieces of the message are moved, copied, dropped and given each other's identifiers.
func TestRearranged(t *testing.T) {
	o := theOne(t)
	const times = 10_000
	messages := o.wrapped()
	random := rand.New(rand.NewPCG(1, 2))
	accepted, changed := 0, 0
	for i := range times {
		message := messages[i%len(messages)]
		moves := make([]byte, 4*(1+random.IntN(4)))
		for j := range moves {
			moves[j] = byte(random.Uint32())
		}
		now := rearranged(message, moves)
		if o.check(t, now) {
			accepted++
			if !bytes.Equal(message, now) {
				changed++
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of %d accepted, %d of them changed where nothing is signed", accepted, times, changed)
	if changed == 0 {
		t.Error("nothing that was changed is accepted: the pieces are not moved as they should be")
	}
}

// rearranged changes a message's elements as the moves say, four bytes a move: what, which, where, how. What is no XML
// stays.
func rearranged(message, moves []byte) []byte {
	for ; len(moves) >= 4 && len(message) < 1<<16; moves = moves[4:] {
		root, err := parse(message)
		if err != nil {
			return message
		}
		var nodes []*node
		root.walk(func(n *node) { nodes = append(nodes, n) })
		n, to := nodes[int(moves[1])%len(nodes)], nodes[int(moves[2])%len(nodes)]
		piece := string(message[n.start:n.after])
		if n.parent == nil {
			continue
		}
		var declared strings.Builder // so that the piece means the same elsewhere
		for at := n.parent; at != nil; at = at.parent {
			for _, b := range at.declared {
				if !n.declares(b.prefix) && b.prefix != "" && !strings.Contains(declared.String(), "xmlns:"+b.prefix+"=") {
					declared.WriteString(" xmlns:" + b.prefix + `="` + b.space + `"`)
				}
			}
		}
		whole := "<" + n.name() + declared.String() + piece[1+len(n.name()):]
		if moves[3]&4 != 0 {
			whole = strings.Replace(whole, ">OK<", ">EVIL<", 1)
		}
		if moves[3]&8 != 0 {
			whole = strings.Replace(whole, `:Id="`, `:Id="x`, 1)
		}
		if moves[3]&16 != 0 {
			whole = "<w>" + whole + "</w>"
		}
		var changes splices
		within := to.start >= n.start && to.after <= n.after
		switch what := moves[0] % 5; {
		case what == 0 && !within: // moved
			changes.into(to, whole, moves[3]&1 != 0)
			changes = append(changes, splice{at: n.start, drop: n.after - n.start})
		case what == 1: // copied
			changes.into(to, whole, moves[3]&1 != 0)
		case what == 2: // in the place of another
			if to.parent != nil && !within && !(n.start >= to.start && n.after <= to.after) {
				changes = append(changes, splice{at: to.start, drop: to.after - to.start, text: whole})
			}
		case what == 3: // gone
			changes = append(changes, splice{at: n.start, drop: n.after - n.start})
		case what == 4: // beside
			changes.add(n.start, whole)
		}
		message = changes.apply(message)
	}
	return message
}

// one is the message that was signed, and who verifies it.
type one struct {
	us     *party
	signed []byte
	held   []byte // by Body
	says   Addressing
}

// theOne is signed with the same key in every process, so that what was found in one is found in another.
func theOne(f testing.TB) *one {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	us := &party{key: key, certificate: &x509.Certificate{
		Raw: []byte("known by its key identifier only"), PublicKey: key.Public(), SubjectKeyId: []byte("fuzz"),
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0),
	}}
	s := us.signer()
	s.Reference = SubjectKeyID
	a := Addressing{To: address, Action: action, MessageID: "urn:uuid:0", ReplyTo: Anonymous}
	const message = `<soap:Envelope xmlns:soap="` + soap11 +
		`" xmlns:q="urn:q"><soap:Body><m><a t="q:x">OK</a><a/></m></soap:Body></soap:Envelope>`
	ready, err := a.Add([]byte(message))
	if err != nil {
		f.Fatal(err)
	}
	signed, err := s.Sign(ready, SignOptions{Parts: all.Request() | Action | ReplyTo})
	if err != nil {
		f.Fatal(err)
	}
	root, err := parse([]byte(message))
	if err != nil {
		f.Fatal(err)
	}
	return &one{us: us, signed: signed, held: inner(root.children[0]), says: a}
}

// wrapped returns the message, and some of what may be made of it.
func (o *one) wrapped() [][]byte {
	signed, body := string(o.signed), signedBody.FindString(string(o.signed))
	return [][]byte{
		o.signed,
		[]byte(strings.Replace(signed, "</soap:Header>", "<w>"+body+"</w></soap:Header>", 1)),
		[]byte(strings.Replace(signed, body, "<soap:Body>"+body+"</soap:Body>", 1)),
		[]byte(strings.Replace(signed, ">OK<", "><![CDATA[OK]]><", 1)),
		[]byte(strings.Replace(signed, "<soap:Header>", "<soap:Header><free><a/></free>", 1)),
	}
}

// check reports whether a message is accepted, and fails if it then says anything else than was signed.
func (o *one) check(t *testing.T, message []byte) bool {
	v := o.us.provider()
	got, err := v.VerifyRequest(message, all)
	if err != nil {
		if got != nil {
			t.Error("a refusal comes with a result")
		}
		return false
	}
	root, err := parse(got.Envelope())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(inner(root.children[0]), o.held) || got.Addressing != o.says || !got.Created.Equal(noon) {
		t.Errorf("accepted: %+v\n%s", got, message)
	}
	if _, err := v.VerifyRequest(message, all); err == nil {
		t.Error("accepted twice")
	}
	return true
}
