package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"fondaco/config"
	"fondaco/engine"
	"fondaco/engine/storage"
	"fondaco/messaging"
	"fondaco/routes"
)

// showNames prints what the topics and groups of a project are called on its Kafka cluster; nothing if it has none.
func showNames(to io.Writer, t *routes.Typed, src config.Source) error {
	if engine.BrokersOf(t, src) == nil {
		return nil
	}
	names := messaging.Names{Project: t.Model.Project.Name.Value}
	groups := map[string][]*routes.Consumer{}
	consumers := routes.Compile(t).Consumers
	for _, c := range consumers {
		groups[c.Topic] = append(groups[c.Topic], c)
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "topic on Kafka\tgroup\troute")
	for _, k := range storage.KeptBy(t, consumers) {
		for _, c := range groups[k.Topic] {
			fmt.Fprintf(w, "%s\t%s\t%s\n", names.Topic(k.Topic), names.Group(k.Topic, c.Group), c.ID)
		}
		if len(groups[k.Topic]) == 0 {
			fmt.Fprintf(w, "%s\t-\t-\n", names.Topic(k.Topic))
		}
	}
	return w.Flush()
}
