package engine

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"fondaco/config"
	"fondaco/messaging"
	"fondaco/openapi/asyncapi"
	"fondaco/openapi/ui"
	"fondaco/routes"
	"fondaco/server"
)

// AsyncAPIPath is where the server serves the document of the topics.
const AsyncAPIPath = "/asyncapi.json"

// EventsOf returns the AsyncAPI document of a project, as JSON.
func EventsOf(t *routes.Typed, src config.Source) ([]byte, error) {
	d := asyncapi.Document{Info: t.Info(nil), Brokers: BrokersOf(t, src)}
	d.Channels, d.Operations = t.Events()
	if d.Brokers != nil { // they are shared: names there are the cluster's
		names := messaging.Names{Project: t.Model.Project.Name.Value}
		for i, c := range d.Channels {
			d.Channels[i].Topic = names.Topic(t.Model.Topic(c.Topic).Kept())
		}
		for i, o := range d.Operations {
			kept := t.Model.Topic(o.Topic).Kept()
			d.Operations[i].Topic = names.Topic(kept)
			if o.Group != "" {
				d.Operations[i].Group = names.Group(kept, o.Group)
			}
		}
	}
	doc, err := asyncapi.Write(d)
	if err != nil {
		return nil, fmt.Errorf("the AsyncAPI document: %w", err)
	}
	return doc, nil
}

// BrokersOf returns where a project's topics are reached, nil where they are in a file of its own or that is not known. What a
// secret holds is never looked at: an address that is a secret as a whole is not told.
func BrokersOf(t *routes.Typed, src config.Source) []asyncapi.Broker {
	hidden := func(space, name string) (string, bool, bool) {
		if space == "secret" {
			return "hidden", true, true
		}
		return src.Lookup(space, name)
	}
	text, _, err := t.Model.Project.Storage.Topics.Resolve(hidden)
	if err != nil {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "kafka" || u.Host == "" {
		return nil
	}
	var all []asyncapi.Broker
	for host := range strings.SplitSeq(u.Host, ",") {
		all = append(all, asyncapi.Broker{Host: host, Password: u.User != nil})
	}
	return all
}

// eventPages adds the document of the topics to those of the API, if there are topics, and returns how the page that lists
// them names it.
func eventPages(t *routes.Typed, src config.Source, all map[string]http.Handler) ([]ui.Document, error) {
	if len(t.Model.Topics) == 0 {
		return nil, nil
	}
	doc, err := EventsOf(t, src)
	if err != nil {
		return nil, err
	}
	all[AsyncAPIPath] = jsonPage(func() ([]byte, error) { return doc, nil })
	return []ui.Document{{Name: "AsyncAPI " + asyncapi.Version, URL: ".." + AsyncAPIPath}}, nil
}

// jsonPage serves a document that is written once, for the first who asks for it.
func jsonPage(write func() ([]byte, error)) http.Handler {
	return server.Document("application/json", write)
}
