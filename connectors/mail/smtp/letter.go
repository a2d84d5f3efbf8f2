package smtp

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Letter is a message to be sent.
type Letter struct {
	From, ReplyTo Address // ReplyTo is the zero Address for none
	To, Cc, Bcc   []Address
	Bounces       *Address // where failures of the delivery are reported to; nil for nowhere, which is the null return path
	Subject       string
	Text, HTML    string // "" for none
	Attachments   []Attachment
	ID            string   // without its angle brackets, as all ids
	InReplyTo     string   // "" if it is no reply
	References    []string // the thread's messages, the oldest first
	Automatic     string   // the word of Auto-Submitted (RFC 3834), "" for none
	Date          time.Time
}

// Attachment is a file of a message.
type Attachment struct {
	Name, Type string // Type is "" for application/octet-stream
	Content    []byte
}

// idForm are the ids of messages that are written: RFC 5322 without what only old software has.
var idForm = regexp.MustCompile("^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~:-]+@[A-Za-z0-9.:\\[\\]_-]+$")

// ParseID reads the id of a message, with its angle brackets or without. The error quotes nothing of it.
func ParseID(text string) (string, error) {
	id := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "<"), ">")
	if !idForm.MatchString(id) || len(id) > 900 {
		return "", errID
	}
	return id, nil
}

var errID = errors.New("found no Message-ID, expected one as <abc@comune.example>")

// Recipients lists everybody whom the letter goes to, each once.
func (l *Letter) Recipients() (all []Address) {
	seen := map[string]bool{}
	for _, list := range [][]Address{l.To, l.Cc, l.Bcc} {
		for _, a := range list {
			if key := a.Local + "@" + strings.ToLower(a.Host); !seen[key] {
				seen[key] = true
				all = append(all, a)
			}
		}
	}
	return all
}

// wide reports whether an address of the envelope or of a header needs SMTPUTF8.
func (l *Letter) wide() bool {
	if l.From.wide() || l.ReplyTo.wide() || l.Bounces != nil && l.Bounces.wide() {
		return true
	}
	for _, a := range l.Recipients() {
		if a.wide() {
			return true
		}
	}
	return false
}

// Render writes the letter as it goes over the wire, without the recipients of Bcc.
func (l *Letter) Render() ([]byte, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	named := func(list ...Address) (all []*netmail.Address) {
		for _, a := range list {
			header := a.header()
			header.Name = a.Name
			all = append(all, header)
		}
		return all
	}
	if err := CheckLine(l.Subject); err != nil {
		return nil, fmt.Errorf("subject: %w", err)
	}
	m.FromMailAddress(named(l.From)[0])
	for header, list := range map[gomail.AddrHeader][]Address{gomail.HeaderTo: l.To, gomail.HeaderCc: l.Cc} {
		if len(list) > 0 {
			m.SetAddrHeaderFromMailAddress(header, named(list...)...)
		}
	}
	if l.ReplyTo != (Address{}) {
		m.ReplyToMailAddress(named(l.ReplyTo)...)
	}
	m.Subject(l.Subject)
	m.SetMessageIDWithValue(l.ID)
	m.SetDateWithValue(l.Date)
	if l.InReplyTo != "" {
		m.SetGenHeader(gomail.HeaderInReplyTo, "<"+l.InReplyTo+">")
	}
	if len(l.References) > 0 {
		m.SetGenHeaderPreformatted(gomail.HeaderReferences, "<"+strings.Join(l.References, ">\r\n <")+">")
	}
	if l.Automatic != "" {
		m.SetGenHeader("Auto-Submitted", l.Automatic)
	}
	switch {
	case l.HTML == "":
		m.SetBodyString(gomail.TypeTextPlain, l.Text)
	case l.Text == "":
		m.SetBodyString(gomail.TypeTextHTML, l.HTML)
	default:
		m.SetBodyString(gomail.TypeTextPlain, l.Text)
		m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	for i, a := range l.Attachments {
		kind, err := a.check()
		if err != nil {
			return nil, fmt.Errorf("attachments/%d: %w", i, err)
		}
		m.AttachReadSeeker(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(gomail.ContentType(kind)))
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

var (
	errFileName = errors.New("the name of a file is empty, holds a path or a control character, or has more than 255 octets")
	errFileType = errors.New("the type is not a media type, expected one as application/pdf")
)

// check returns the media type of an attachment whose name is one.
func (a Attachment) check() (string, error) {
	if a.Name == "" || len(a.Name) > 255 || CheckLine(a.Name) != nil || strings.ContainsAny(a.Name, `/\"`) {
		return "", errFileName
	}
	if a.Type == "" {
		return "application/octet-stream", nil
	}
	kind, params, err := mime.ParseMediaType(a.Type)
	if err != nil || CheckLine(a.Type) != nil || !strings.Contains(kind, "/") {
		return "", errFileType
	}
	if kind = mime.FormatMediaType(kind, params); kind == "" {
		return "", errFileType
	}
	return kind, nil
}
