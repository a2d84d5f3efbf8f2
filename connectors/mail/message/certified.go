package message

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Receipt is what a provider of certified mail (PEC) certifies of a message that was sent, in daticert.xml (DM 2 November 2005, technical
// rules, §7.4).
type Receipt struct {
	Kind      string // accettazione, avvenuta-consegna, errore-consegna, …
	ID        string // the provider's own
	Of        string // the Message-ID of the message that was sent
	Recipient string // of whom it speaks, "" for all
	Error     string // no-dest, no-dominio, virus, altro; "" for none
	Detail    string // of the error, as the provider has it
	Provider  string
	At        time.Time // the zero Time if it is not said
}

// Kinds are the kinds of receipts.
var Kinds = []string{
	"accettazione", "non-accettazione", "presa-in-carico", "avvenuta-consegna", "errore-consegna", "preavviso-errore-consegna",
	"rilevazione-virus",
}

// Errors of certified mail, which quote nothing of it.
var (
	errCertified = errors.New("the message says that it is of certified mail, and has no daticert.xml that can be read")
	errOther     = errors.New("the receipt's daticert.xml is of another message than its header says")
)

// certificate is daticert.xml, as far as it is read.
type certificate struct {
	Kind       string `xml:"tipo,attr"`
	Error      string `xml:"errore,attr"`
	Provider   string `xml:"dati>gestore-emittente"`
	ID         string `xml:"dati>identificativo"`
	Of         string `xml:"dati>msgid"`
	Delivered  string `xml:"dati>consegna"`
	Received   string `xml:"dati>ricezione"`
	Detail     string `xml:"dati>errore-esteso"`
	Recipients []struct {
		Address string `xml:",chardata"`
	} `xml:"intestazione>destinatari"`
	Date struct {
		Zone string `xml:"zona,attr"`
		Day  string `xml:"giorno"`
		Time string `xml:"ora"`
	} `xml:"dati>data"`
}

// Certify reads what the message has of certified mail, in a mailbox whose provider lets in nothing that only looks like it: a receipt, or
// the envelope of a citizen's message, which is opened: what is in m is then that message.
func (m *Message) Certify() error {
	root := m.root
	said, carried := strings.ToLower(root.get("X-Ricevuta")), strings.ToLower(root.get("X-Trasporto"))
	switch {
	case carried == "posta-certificata" || carried == "errore":
		return m.open(root, carried == "posta-certificata")
	case said == "":
		return nil
	}
	p := root.find("daticert.xml", "application/xml", 0)
	if p == nil {
		return errCertified
	}
	c, err := readCertificate(p.octets())
	if err != nil {
		return err
	}
	of := id(strings.TrimSpace(c.Of))
	if of == "" {
		of = id("<" + strings.TrimSpace(c.Of) + ">")
	}
	if about := id(root.get("X-Riferimento-Message-ID")); about != "" && about != of {
		return errOther
	}
	r := &Receipt{
		Kind: line(c.Kind), ID: line(c.ID), Of: of, Recipient: line(c.Delivered), Detail: line(c.Detail), Provider: line(c.Provider), At: c.at(),
	}
	if r.Recipient == "" && len(c.Recipients) == 1 {
		r.Recipient = line(c.Recipients[0].Address)
	}
	if c.Error != "nessuno" {
		r.Error = line(c.Error)
	}
	m.Receipt, m.Automatic = r, true
	return nil
}

// open puts the message that an envelope holds in the place of the envelope.
func (m *Message) open(root *part, certified bool) error {
	p := root.find("postacert.eml", "message/rfc822", 0)
	if p == nil {
		return errCertified
	}
	inner, err := Parse(p.octets())
	if err != nil {
		return fmt.Errorf("postacert.eml: %w", err)
	}
	inner.Envelope, inner.Certified = m.Envelope, certified
	*m = *inner
	return nil
}

// find finds a file of a name and a type within the envelope itself, not within other messages.
func (p *part) find(name, kind string, depth int) *part {
	if got, _ := p.attached(); depth > 0 && p.kind == kind && strings.EqualFold(got, name) {
		return p
	}
	for _, inner := range p.inner {
		if found := inner.find(name, kind, depth+1); found != nil {
			return found
		}
	}
	return nil
}

func readCertificate(octets []byte) (*certificate, error) {
	const most = 1 << 20
	if len(octets) > most {
		return nil, errCertified
	}
	d := xml.NewDecoder(bytes.NewReader(octets))
	d.CharsetReader = func(label string, from io.Reader) (io.Reader, error) {
		b, err := io.ReadAll(from)
		return strings.NewReader(text(b, label)), err
	}
	c := &certificate{}
	if d.Decode(c) != nil || c.Kind == "" {
		return nil, errCertified
	}
	return c, nil
}

// at returns when the provider has made the receipt.
func (c *certificate) at() time.Time {
	said := strings.TrimSpace(c.Date.Day) + " " + strings.TrimSpace(c.Date.Time) + " " + strings.TrimSpace(c.Date.Zone)
	when, err := time.Parse("02/01/2006 15:04:05 -0700", said)
	if err != nil {
		return time.Time{}
	}
	return when
}
