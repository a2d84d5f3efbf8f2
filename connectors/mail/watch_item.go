package mail

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fondaco/connectors/mail/imap"
	"fondaco/connectors/mail/message"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// mostItem is how large what is told of a message may be as JSON: topics take 1 MiB. mostTexts is how much of its texts is left of one that
// is larger.
const (
	mostItem  = 900 << 10
	mostTexts = 60 << 10
)

// item makes what is told of a message. What is too large for a topic is left out: the contents of files, the largest first; then the HTML,
// and the end of the text. The message itself lies in done: whole.
func (x *watching) item(m *message.Message, got *imap.Fetched) schema.Value {
	received := got.Received
	if received.IsZero() {
		received = time.Unix(0, 0)
	}
	cut := false
	contents := make([]bool, len(m.Attachments))
	size := len(m.Text) + len(m.HTML)
	order := make([]int, len(m.Attachments))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(len(m.Attachments[a].Content), len(m.Attachments[b].Content))
	})
	for _, i := range order {
		size += len(m.Attachments[i].Content)*4/3 + 4
		contents[i] = size < mostItem
		cut = cut || !contents[i]
	}
	v := x.told(m, received, contents, cut)
	if len(codec.AppendJSON(nil, v)) <= mostItem {
		return v
	}
	small := *m
	small.HTML, small.Attachments = "", m.Attachments[:min(len(m.Attachments), 100)]
	small.To, small.Cc = m.To[:min(len(m.To), 100)], m.Cc[:min(len(m.Cc), 100)]
	small.Text, small.Subject = strings.ToValidUTF8(m.Text[:min(len(m.Text), mostTexts)], ""), firstOf(m.Subject)
	return x.told(&small, received, make([]bool, len(small.Attachments)), true)
}

func firstOf(s string) string { return strings.ToValidUTF8(s[:min(len(s), 2000)], "") }

// told is a message as a value; contents are the files whose content is in it.
func (x *watching) told(m *message.Message, received time.Time, contents []bool, cut bool) schema.Value {
	sent := m.Date
	if sent.IsZero() {
		sent = received
	}
	return fields(x.of.Item, func(name string, t *schema.Type) schema.Value {
		switch name {
		case "id":
			return schema.Text(m.ID)
		case "from":
			return addressOf(m.From)
		case "to":
			return listOf(m.To, addressOf)
		case "cc":
			return listOf(m.Cc, addressOf)
		case "reply_to":
			if m.ReplyTo == (message.Address{}) {
				return schema.Value{}
			}
			return addressOf(m.ReplyTo)
		case "subject":
			return schema.Text(m.Subject)
		case "date":
			return schema.DateTimeOf(sent)
		case "received":
			return schema.DateTimeOf(received)
		case "text":
			return schema.Text(m.Text)
		case "html":
			return optional(m.HTML)
		case "attachments":
			all := make([]schema.Value, len(m.Attachments))
			for i, a := range m.Attachments {
				content := schema.Value{}
				if contents[i] {
					content = schema.Bytes(a.Content)
				}
				all[i] = schema.RecordOf(fileType, schema.Text(fileName(a, i)), schema.Text(a.Type), schema.Int(int64(len(a.Content))), content)
			}
			return schema.List(all)
		case "in_reply_to":
			return optional(m.InReplyTo)
		case "references":
			return listOf(m.References, schema.Text)
		case "automatic":
			return schema.Bool(m.Automatic)
		case "cut":
			return schema.Bool(cut)
		case "certified":
			return schema.Bool(m.Certified)
		case "receipt":
			return receiptOf(m.Receipt)
		}
		return schema.Value{}
	})
}

func listOf[T any](all []T, one func(T) schema.Value) schema.Value {
	values := make([]schema.Value, len(all))
	for i, x := range all {
		values[i] = one(x)
	}
	return schema.List(values)
}

func addressOf(a message.Address) schema.Value {
	return schema.RecordOf(addressType, schema.Text(a.Address), optional(a.Name))
}

// fileName is a file's name, or one that is made for it.
func fileName(a message.Attachment, i int) string {
	if a.Name != "" {
		return a.Name
	}
	return "allegato-" + string(schema.AppendNumber(nil, schema.Int(int64(i+1))))
}

func receiptOf(r *message.Receipt) schema.Value {
	if r == nil {
		return schema.Value{}
	}
	at := schema.Value{}
	if !r.At.IsZero() {
		at = schema.DateTimeOf(r.At)
	}
	return schema.RecordOf(receiptType, schema.Text(r.Kind), schema.Text(r.ID), optional(r.Of), optional(r.Recipient), optional(r.Error),
		optional(r.Detail), optional(r.Provider), at)
}
