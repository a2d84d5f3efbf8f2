package main

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

	"github.com/spf13/cobra"
)

// asyncapiPath is where the server gives the document of the topics.
const asyncapiPath = "/asyncapi.json"

func asyncapiCommand(w *World) *cobra.Command {
	format := "json"
	c := &cobra.Command{
		Use:   "asyncapi [DIR]",
		Short: "Print the AsyncAPI document of the project's topics: their events, and the routes that publish and read them",
		Args:  atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			p, err := openFolder(w, folder(args), "")
			if err != nil {
				return err
			}
			defer p.close()
			t, err := p.must(w)
			if err != nil {
				return err
			}
			doc, err := eventsOf(t, p.source)
			if err != nil {
				return err
			}
			return printDocument(w, doc, format)
		},
	}
	c.Flags().StringVar(&format, "format", format, "json or yaml")
	return c
}

func checkFormat(format string) error {
	if format != "json" && format != "yaml" {
		return usageError{fmt.Errorf("found the format %q, expected json or yaml", format)}
	}
	return nil
}

// printDocument prints a document of JSON that ends its last line, in a format that was checked.
func printDocument(w *World, doc []byte, format string) error {
	if format == "yaml" {
		var err error
		if doc, err = config.YAML(doc); err != nil {
			return err
		}
	}
	_, err := w.Stdout.Write(doc)
	return err
}

// eventsOf returns the AsyncAPI document of a project, as JSON.
func eventsOf(t *routes.Typed, src config.Source) ([]byte, error) {
	d := asyncapi.Document{Info: t.Info(nil), Brokers: brokersOf(t, src)}
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

// brokersOf returns where a project's topics are reached, nil where they are in a file of its own or nothing tells. What a
// secret holds is never looked at: an address that is a secret as a whole is not told.
func brokersOf(t *routes.Typed, src config.Source) []asyncapi.Broker {
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

// eventPages adds the document of the topics to those of the API, if there are topics, and gives how the page that shows
// them names it.
func eventPages(t *routes.Typed, src config.Source, all map[string]http.Handler) ([]ui.Document, error) {
	if len(t.Model.Topics) == 0 {
		return nil, nil
	}
	doc, err := eventsOf(t, src)
	if err != nil {
		return nil, err
	}
	all[asyncapiPath] = jsonPage(doc)
	return []ui.Document{{Name: "AsyncAPI " + asyncapi.Version, URL: ".." + asyncapiPath}}, nil
}

// jsonPage serves a document that is made once.
func jsonPage(doc []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = w.Write(doc)
	})
}
