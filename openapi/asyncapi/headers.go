package asyncapi

// headersName is the schema of the headers that every message has.
const headersName = "CloudEventHeaders"

// headers returns CloudEvents 1.0.2's attributes as the headers that they are in the binary mode of its Kafka binding:
// those without which a message is no event, and those that the engine writes where it knows them.
func (w *writer) headers() object {
	text := func(doc string) object { return object{{"type", "string"}, {"minLength", 1}, {"description", doc}} }
	formed := func(format, doc string) object {
		return object{{"type", "string"}, {"format", format}, {"description", doc}}
	}
	d := w.words
	return object{
		{"type", "object"},
		{"description", d.headers},
		{"required", []string{"ce_id", "ce_specversion", "ce_type", "ce_source"}},
		{"properties", object{
			{"ce_id", text(d.id)},
			{"ce_specversion", object{{"type", "string"}, {"const", "1.0"}, {"description", d.version}}},
			{"ce_type", text(d.kind)},
			{"ce_source", object{{"type", "string"}, {"format", "uri-reference"}, {"minLength", 1}, {"description", d.source}}},
			{"ce_time", formed("date-time", d.time)},
			{"ce_subject", text(d.subject)},
			{"ce_partitionkey", text(d.partition)},
			{"ce_traceparent", text(d.trace)},
			{"content-type", object{{"type", "string"}, {"description", d.content}}},
		}},
	}
}
