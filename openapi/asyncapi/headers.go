package asyncapi

import "fondaco/openapi/texts"

// headersName is the schema of the headers that every message has.
const headersName = "CloudEventHeaders"

// headers returns CloudEvents 1.0.2's attributes as the headers that they are in the binary mode of its Kafka binding:
// those without which a message is no event, and those that the engine writes where it knows them.
func (w *writer) headers() object {
	text := func(doc texts.Key) object {
		return object{{"type", "string"}, {"minLength", 1}, {"description", w.text(doc)}}
	}
	formed := func(format string, doc texts.Key) object {
		return object{{"type", "string"}, {"format", format}, {"description", w.text(doc)}}
	}
	return object{
		{"type", "object"},
		{"description", w.text(texts.EventHeaders)},
		{"required", []string{"ce_id", "ce_specversion", "ce_type", "ce_source"}},
		{"properties", object{
			{"ce_id", text(texts.EventID)},
			{"ce_specversion", object{{"type", "string"}, {"const", "1.0"}, {"description", w.text(texts.EventVersion)}}},
			{"ce_type", text(texts.EventKind)},
			{"ce_source", object{{"type", "string"}, {"format", "uri-reference"}, {"minLength", 1}, {"description", w.text(texts.EventSource)}}},
			{"ce_time", formed("date-time", texts.EventTime)},
			{"ce_subject", text(texts.EventSubject)},
			{"ce_partitionkey", text(texts.EventPartition)},
			{"ce_traceparent", text(texts.EventTrace)},
			{"content-type", object{{"type", "string"}, {"description", w.text(texts.EventContent)}}},
		}},
	}
}
