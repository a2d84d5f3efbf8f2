package message

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	netmail "net/mail"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Address is a mailbox with its owner's name, "" if it is not said.
type Address struct{ Name, Address string }

// Attachment is a file of a message.
type Attachment struct {
	Name, Type string // Name is "" if it has none
	Content    []byte
}

// Message is a message as people see it.
type Message struct {
	ID          string // with its angle brackets; of one that has none of the right form it is made of the message
	From        Address
	To, Cc      []Address
	ReplyTo     Address // the zero Address for none
	Subject     string
	Date        time.Time // the zero Time if it is not said
	Text, HTML  string
	Attachments []Attachment
	InReplyTo   string
	References  []string
	Automatic   bool     // nobody wrote it, or it goes to many: it is not to be answered by a program
	Receipt     *Receipt // of certified mail, nil of everything else
	Certified   bool     // it came in an envelope of certified mail, which was opened
	Envelope    string   // the id of what has come: that of the envelope, where there was one

	root *part
}

var errHops = errors.New("the message has gone through more than 100 servers: it goes round in a loop")

// mostHops is how many servers a message may have gone through.
const mostHops = 100

// Parse reads a message. The error says why it is not read, and quotes nothing of it.
func Parse(raw []byte) (*Message, error) {
	w := &walker{}
	root, err := w.read(raw, "text/plain", 0)
	if err != nil {
		return nil, err
	}
	if root.count("Received") > mostHops {
		return nil, errHops
	}
	m := &Message{root: root}
	m.head(root, raw)
	m.body(root, false)
	m.Envelope = m.ID
	return m, nil
}

// head reads the header.
func (m *Message) head(p *part, raw []byte) {
	m.ID = id(p.get("Message-ID"))
	if m.ID == "" {
		sum := sha256.Sum256(raw)
		m.ID = "<" + hex.EncodeToString(sum[:20]) + "@without-id.invalid>"
	}
	if from := addresses(p.get("From")); len(from) > 0 {
		m.From = from[0]
	}
	if to := addresses(p.get("Reply-To")); len(to) > 0 {
		m.ReplyTo = to[0]
	}
	m.To, m.Cc = addresses(p.get("To")), addresses(p.get("Cc"))
	m.Subject = words(p.get("Subject"))
	if when, err := netmail.ParseDate(p.get("Date")); err == nil && when.Year() > 1970 && when.Year() < 9999 {
		m.Date = when
	}
	if ids := ids(p.get("In-Reply-To")); len(ids) > 0 {
		m.InReplyTo = ids[0]
	}
	m.References = ids(p.get("References"))
	m.Automatic = automatic(p)
}

// automatic reports whether a program wrote the message, or it goes to many (RFC 3834 §2, RFC 2919, and older signs).
func automatic(p *part) bool {
	said, _, _ := strings.Cut(strings.ToLower(p.get("Auto-Submitted")), ";")
	if said = strings.TrimSpace(said); said != "" && said != "no" {
		return true
	}
	switch strings.ToLower(p.get("Precedence")) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, name := range []string{"List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Loop"} {
		if p.get(name) != "" {
			return true
		}
	}
	return p.kind == "multipart/report" || strings.ReplaceAll(p.get("Return-Path"), " ", "") == "<>"
}

// They are compiled when the first message is read: their counts make them large, and few projects read mail.
var (
	idForm  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^<[!-;=?-~]{1,900}>$`) })
	idsForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<[!-;=?-~]{1,900}>`) })
)

// id returns a message's id, "" if it is not of the right form.
func id(s string) string {
	if s = strings.TrimSpace(s); idForm().MatchString(s) {
		return s
	}
	return ""
}

// ids returns the ids that stand in a field, the newest 100 of a long thread.
func ids(s string) []string {
	all := idsForm().FindAllString(s, -1)
	return all[max(0, len(all)-100):]
}

// addresses reads a list of addresses. One that cannot be read is taken as it stands.
func addresses(s string) []Address {
	const most, longest = 1000, 64 << 10
	if s == "" {
		return nil
	}
	s = s[:min(len(s), longest)]
	if list, err := netmail.ParseAddressList(s); err == nil {
		var all []Address
		for _, a := range list[:min(len(list), most)] {
			all = append(all, Address{Name: words(a.Name), Address: line(text([]byte(a.Address), ""))})
		}
		return all
	}
	name, rest, found := strings.Cut(s, "<")
	if at, _, closed := strings.Cut(rest, ">"); found && closed {
		return []Address{{Name: strings.Trim(words(name), `" `), Address: line(text([]byte(at), ""))}}
	}
	return []Address{{Address: words(s)}}
}

// body reads the texts and the files of a part. Of alternatives it takes the plain text and the HTML.
func (m *Message) body(p *part, alternative bool) {
	if len(p.inner) > 0 || strings.HasPrefix(p.kind, "multipart/") {
		for _, inner := range p.inner {
			m.body(inner, p.kind == "multipart/alternative")
		}
		return
	}
	name, file := p.attached()
	switch {
	case file && (p.kind != "text/calendar" || !alternative):
		m.Attachments = append(m.Attachments, Attachment{Name: name, Type: p.kind, Content: p.octets()})
	case p.kind == "text/html":
		m.HTML = joined(m.HTML, p.text())
	case p.kind == "text/plain":
		m.Text = joined(m.Text, p.text())
	}
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return strings.TrimRight(a, "\n") + "\n" + b
}
