package main

import (
	"slices"

	"fondaco/connectors/compare"
	"fondaco/routes"
)

// records lists how topics read their records otherwise than before: what waits was written for the reading of then. It
// breaks the routes that read the topic where a message that waits cannot be read, or is another one by its id.
func records(before, now *routes.Typed) (list []difference) {
	for _, was := range before.Model.Topics {
		i := slices.IndexFunc(now.Model.Topics, func(is *routes.Topic) bool {
			return is.Name.Value == was.Name.Value || slices.Contains(is.Former(), was.Name.Value)
		})
		if i < 0 {
			continue
		}
		is := now.Model.Topics[i]
		format, id, key := was.Records()
		format2, id2, key2 := is.Records()
		change := func(word, old, new, hint string, breaks bool) {
			if old == new {
				return
			}
			d := difference{Topic: is.Name.Value, Path: "/" + word, Kind: string(compare.Changed), Old: old, New: new, Hint: hint}
			d.change = compare.Change{Operation: d.Topic, Path: d.Path, Kind: compare.Changed, Old: old, New: new, Hint: hint}
			if breaks {
				d.Routes = readers(now, is)
				d.Breaks = len(d.Routes) > 0
			}
			list = append(list, d)
		}
		if format2 == "cloudevents" {
			change("format", format, format2, "plain records that wait would be letters with the reason no-event", true)
			continue
		}
		change("format", format, format2, "events that wait are read as the plain JSON that their values are; those in structured mode would "+
			"be letters", true)
		if format == format2 {
			change("id", id, id2, "a message that was handled under its former id would be handled again if it comes again, and one for which "+
				"the id is absent would be a letter", true)
		}
		change("key", key, key2, "messages that wait on Kafka are put in line by the new key", false)
	}
	return list
}

// readers lists the routes that read a topic.
func readers(t *routes.Typed, topic *routes.Topic) (list []brokenRoute) {
	for _, r := range t.Topics {
		if r.Model.Topic.Value == topic.Name.Value {
			pos := r.Model.ID.Pos
			list = append(list, brokenRoute{Route: r.Model.ID.Value, Starts: starts(r), File: pos.File, Line: pos.Line})
		}
	}
	return list
}
