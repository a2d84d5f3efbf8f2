package mail

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/mail/smtp"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// unfit is what is wrong with a value of a message. It quotes nothing of it.
func unfit(place string, err error) error { return fmt.Errorf("%s: %w", place, err) }

// composing is a message in the making.
type composing struct {
	*prepared
	frame *expr.Frame
}

// compose makes the message of a call.
func (x *prepared) compose(ctx context.Context, in schema.Value) (*smtp.Letter, error) {
	t := x.op.letter
	c := &composing{x, &expr.Frame{Slots: make([]schema.Value, t.slots), Budget: budget, Limit: int(x.op.size), Now: x.now, Context: ctx}}
	c.frame.Slots[0] = in
	l := &smtp.Letter{Date: x.now(), Automatic: x.op.automatic}
	var err error
	if l.From, err = c.sender(t); err != nil {
		return nil, err
	}
	for _, list := range []struct {
		place string
		from  expr.Eval
		to    *[]smtp.Address
	}{{"to", t.to, &l.To}, {"cc", t.cc, &l.Cc}, {"bcc", t.bcc, &l.Bcc}} {
		if *list.to, err = c.addresses(list.place, list.from); err != nil {
			return nil, err
		}
	}
	switch n := len(l.Recipients()); {
	case n == 0:
		return nil, errNoRecipient
	case n > x.op.most:
		return nil, fmt.Errorf("the message has more recipients than max_recipients, which is %d", x.op.most)
	}
	if err := c.replies(t, l); err != nil {
		return nil, err
	}
	if l.Subject, err = t.subject.print(c.frame); err == nil {
		err = smtp.CheckLine(l.Subject)
	}
	if err != nil {
		return nil, unfit("subject", err)
	}
	if l.Text, err = t.text.print(c.frame); err != nil {
		return nil, unfit("text", err)
	}
	if l.HTML, err = t.html.print(c.frame); err != nil {
		return nil, err
	}
	if err := c.attach(t, l); err != nil {
		return nil, err
	}
	l.ID = messageID(ctx, l.From.Host)
	return l, nil
}

var errNoRecipient = errors.New("the message has no recipient")

// messageID derives the id of a message from the effect that a call has, so that a repetition has the same.
func messageID(ctx context.Context, host string) string {
	id := connectors.EffectID(ctx)
	if id == "" {
		return strings.ToLower(rand.Text()) + "@" + host
	}
	sum := sha256.Sum256([]byte("fondaco mail " + id))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20])) + "@" + host
}

// sender returns who sends the message, of the operation or of the connector.
func (c *composing) sender(t *letterTemplate) (smtp.Address, error) {
	if t.from == nil {
		return c.from, nil
	}
	a, err := c.address("from", t.from)
	if err != nil || a == nil {
		return smtp.Address{}, err
	}
	return *a, nil
}

// text evaluates what is a text or nil.
func (c *composing) text(e expr.Eval) (string, error) {
	if e == nil {
		return "", nil
	}
	v, err := e(c.frame)
	if err != nil || v.IsNil() {
		return "", err
	}
	return v.Str(), nil
}

// address evaluates one address, nil if there is none.
func (c *composing) address(place string, e expr.Eval) (*smtp.Address, error) {
	text, err := c.text(e)
	if err != nil || text == "" && place != "from" {
		return nil, err
	}
	a, err := smtp.ParseAddress(text)
	if err != nil {
		return nil, unfit(place, err)
	}
	return &a, nil
}

// addresses evaluates one address, or a list.
func (c *composing) addresses(place string, e expr.Eval) ([]smtp.Address, error) {
	if e == nil {
		return nil, nil
	}
	v, err := e(c.frame)
	switch {
	case err != nil || v.IsNil():
		return nil, err
	case v.Kind() != schema.KindList:
		v = schema.List([]schema.Value{v})
	case v.Len() > c.op.most:
		return nil, fmt.Errorf("the message has more recipients than max_recipients, which is %d", c.op.most)
	}
	var all []smtp.Address
	for i, item := range v.Items() {
		a, err := smtp.ParseAddress(item.Str())
		if err != nil {
			return nil, unfit(place+"/"+strconv.Itoa(i), err)
		}
		all = append(all, a)
	}
	return all, nil
}

// replies sets where answers and failures go, and of which thread the message is.
func (c *composing) replies(t *letterTemplate, l *smtp.Letter) error {
	if a, err := c.address("reply_to", t.replyTo); err != nil {
		return err
	} else if a != nil {
		l.ReplyTo = *a
	}
	l.Bounces = &smtp.Address{Local: l.From.Local, Host: l.From.Host}
	text, err := c.text(t.bounces)
	if err != nil {
		return err
	}
	switch text {
	case "":
	case "none":
		l.Bounces = nil
	default:
		a, err := smtp.ParseAddress(text)
		if err != nil {
			return unfit("bounces", err)
		}
		l.Bounces = &a
	}
	if t.references != nil {
		v, err := t.references(c.frame)
		if err != nil {
			return err
		}
		items := v.Items()
		for i, item := range items[max(0, len(items)-mostReferences):] {
			id, err := smtp.ParseID(item.Str())
			if err != nil {
				return unfit("references/"+strconv.Itoa(i), err)
			}
			l.References = append(l.References, id)
		}
	}
	if text, err = c.text(t.inReplyTo); err != nil {
		return err
	}
	if text != "" {
		if l.InReplyTo, err = smtp.ParseID(text); err != nil {
			return unfit("in_reply_to", err)
		}
		if n := len(l.References); n == 0 || l.References[n-1] != l.InReplyTo {
			l.References = append(l.References, l.InReplyTo)
		}
	}
	switch {
	case l.Automatic == automaticNo:
		l.Automatic = ""
	case l.Automatic == automaticReply, l.Automatic == "" && l.InReplyTo != "":
		l.Automatic = "auto-replied"
	default:
		l.Automatic = "auto-generated"
	}
	return nil
}

// mostReferences is how many messages of a long thread are named: the newest.
const mostReferences = 50

// attach adds the files, and sees whether the message is as large as it may be.
func (c *composing) attach(t *letterTemplate, l *smtp.Letter) error {
	size := int64(len(l.Text) + len(l.HTML))
	if t.attachments != nil {
		v, err := t.attachments(c.frame)
		if err != nil {
			return err
		}
		for _, item := range v.Items() {
			a := smtp.Attachment{Name: item.Get("name").Str(), Content: schema.Octets(item.Get("content"))}
			if kind := item.Get("type"); !kind.IsNil() {
				a.Type = kind.Str()
			}
			size += int64(len(a.Content))
			l.Attachments = append(l.Attachments, a)
		}
	}
	if size > c.op.size {
		return fmt.Errorf("the message is larger than max_size, which is %d octets", c.op.size)
	}
	return nil
}
