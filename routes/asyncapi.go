package routes

import (
	"slices"

	"fondaco/openapi/asyncapi"
)

// Events describes the project's topics and what its routes do on them for an AsyncAPI document: the topics as
// fondaco.yaml lists them, the routes by file and place, each once for a topic, those that publish before those that
// read. The engine's own topics are not among them.
func (t *Typed) Events() ([]asyncapi.Channel, []asyncapi.Operation) {
	var channels []asyncapi.Channel
	for _, topic := range t.Model.Topics {
		channels = append(channels, asyncapi.Channel{
			Topic: topic.Name.Value, Title: topic.Title, Event: topic.Event.Value, Data: topic.Type,
			Plain: topic.format == formatJSON,
		})
	}
	var sent, received []asyncapi.Operation
	for _, r := range t.all {
		d := r.Model
		op := asyncapi.Operation{Route: d.ID.Value, Summary: d.Summary, Description: d.Description, Tag: d.Tag, Deprecated: d.Deprecated}
		for i, topic := range r.publishes {
			if slices.Contains(r.publishes[:i], topic) {
				continue
			}
			op := op
			op.Action, op.Topic, op.Source = asyncapi.Send, topic, sourceOf(t.Model, d.Kept())
			sent = append(sent, op)
		}
		if d.Topic.Value != "" {
			op.Action, op.Topic, op.Group = asyncapi.Receive, d.Topic.Value, d.work.group.Value
			if op.Group == "" {
				op.Group = d.Kept()
			}
			received = append(received, op)
		}
	}
	return channels, append(sent, received...)
}
