package mail

import (
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// watched is what a watch says for itself.
type watched struct {
	folder       string
	done, failed config.Text
	automatic    string
	pec          bool
	size         int64
	batch        int
}

// The words of automatic of a watch.
const (
	automaticSkip = "skip"
	automaticTake = "take"
)

func newWatched() *watched {
	return &watched{folder: "INBOX", automatic: automaticSkip, size: defaultSize, batch: 20}
}

func watchSpec(o *spec.Object, watch *connectors.Watch) {
	w, ok := watch.Wire.(*watched)
	if !ok {
		w = newWatched()
		watch.Wire = w
	}
	o.String("folder", &w.folder).Doc("The folder of the mailbox that is watched.").Default("INBOX")
	o.Text("done", &w.done).Doc("The folder into which messages are moved that were taken; it is made if it is not there.").Example("Fatti")
	o.Text("failed", &w.failed).Doc("The folder into which messages are moved that cannot be taken: they are larger than max_size, have too " +
		"many parts, or go round in a loop. The log says why.").Example("Errori")
	o.Enum("automatic", &w.automatic, automaticSkip, automaticTake).
		Doc("What becomes of messages that a program has written, or that go to many: automatic answers, reports about deliveries, lists. " +
			"skip: they are moved, and start nothing, so that no two programs answer each other. take: they are taken, and automatic is true.").
		Default(automaticSkip)
	o.Bool("pec", &w.pec).Doc("The mailbox is one of Italian certified mail (PEC). Receipts have their fields under receipt, and a message " +
		"in a provider's envelope is taken out of it. Receipts are not skipped.")
	o.Size("max_size", &w.size).Doc("How large a message may be. A larger one is not read.").Default("25MiB")
	o.Int("batch", &w.batch).Range(1, 200).Doc("How many messages a poll takes at most.").Default("20")
}

// personalText is text that is about a person.
var personalText = &schema.Type{Kind: schema.KindText, Personal: true}

func required(name string, t *schema.Type, doc string) schema.Field {
	return schema.Field{Name: name, Type: t, Required: true, Doc: doc}
}

// The types of what is told of a message.
var (
	addressType = schema.RecordType(required("address", personalText, ""), schema.Field{Name: "name", Type: personalText})
	fileType    = schema.RecordType(
		required("name", personalText, ""), required("type", schema.TypeText, ""), required("size", schema.TypeInt, ""),
		schema.Field{
			Name: "content", Type: &schema.Type{Kind: schema.KindBytes, Personal: true},
			Doc: "Absent of a file that is too large for a message of a topic.",
		},
	)
	receiptType = schema.RecordType(
		required("kind", schema.TypeText, "accettazione, avvenuta-consegna, errore-consegna and others"),
		required("id", schema.TypeText, "The provider's own."),
		schema.Field{Name: "of", Type: schema.TypeText, Doc: "The Message-ID of the message that was sent."},
		schema.Field{Name: "recipient", Type: personalText},
		schema.Field{Name: "error", Type: schema.TypeText},
		schema.Field{Name: "detail", Type: personalText},
		schema.Field{Name: "provider", Type: schema.TypeText},
		schema.Field{Name: "at", Type: schema.TypeDateTime},
	)
)

// messageType is what is told of a message.
func messageType(pec bool) *schema.Type {
	fields := []schema.Field{
		required("id", schema.TypeText, "The Message-ID; of a message without one it is made of the message."),
		required("from", addressType, ""),
		required("to", schema.ListOf(addressType), ""),
		required("cc", schema.ListOf(addressType), ""),
		{Name: "reply_to", Type: addressType},
		required("subject", personalText, ""),
		required("date", schema.TypeDateTime, "When it was sent, as it says; otherwise when it came."),
		required("received", schema.TypeDateTime, "When it came."),
		required("text", personalText, "The plain text; empty if there is none."),
		{Name: "html", Type: personalText},
		required("attachments", schema.ListOf(fileType), ""),
		{Name: "in_reply_to", Type: schema.TypeText},
		required("references", schema.ListOf(schema.TypeText), "The messages of the thread, the oldest first."),
		required("automatic", schema.TypeBool, "A program wrote it, or it goes to many."),
		required("cut", schema.TypeBool, "Something is left out, as the message is too large for a topic."),
	}
	if pec {
		fields = append(fields,
			required("certified", schema.TypeBool, "It came in a provider's envelope."),
			schema.Field{Name: "receipt", Type: receiptType})
	}
	return schema.RecordType(fields...)
}

// describe sets the type of what is told.
func (w *watched) describe(watch *connectors.Watch, c *wire, unread bool, out *diag.List) {
	watch.Item = messageType(w.pec)
	ways := []string{"messages of the folder " + w.folder + ", the oldest first"}
	if w.done.Value != "" {
		ways = append(ways, "moved to "+w.done.Value+" once they are taken")
	}
	if w.automatic == automaticSkip {
		ways = append(ways, "automatic ones are passed over")
	}
	watch.Ways = ways
	if unread {
		return
	}
	problem := func(message string) *diag.Problem {
		return out.Report(diag.BadConnector, watch.Pos, "%s: %s", watch.Name, message).WithLen(len(watch.Name))
	}
	if c.imap.IsZero() {
		problem("the connector does not say on which server the mailbox is").WithHint("write imap: under mail:")
	}
	if w.failed.Value == "" {
		problem("the watch does not say where messages go that cannot be taken").WithHint("write for example failed: Errori")
	}
	for name, at := range map[string]config.Text{"done": w.done, "failed": w.failed} {
		if at.Value != "" && strings.EqualFold(at.Value, w.folder) {
			at.Report(out, diag.BadConnector, "%s: %s is the folder that is watched: messages would be found again", watch.Name, name).
				WithHint("write another one, as Fatti")
		}
	}
}
