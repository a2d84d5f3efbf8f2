package main

import (
	"fmt"

	"fondaco/config"
	"fondaco/engine"
	"fondaco/routes"

	"github.com/spf13/cobra"
)

func asyncapiCommand(w *engine.World) *cobra.Command {
	format := "json"
	c := &cobra.Command{
		Use:   "asyncapi [DIR]",
		Short: "Print the AsyncAPI document of the project's topics: their events, and the routes that publish and read them",
		Args:  atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			return checked(w, folder(args), func(p *engine.Folder, t *routes.Typed) error {
				doc, err := engine.EventsOf(t, p.Source)
				if err != nil {
					return err
				}
				return printDocument(w, doc, format)
			})
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
func printDocument(w *engine.World, doc []byte, format string) error {
	if format == "yaml" {
		var err error
		if doc, err = config.YAML(doc); err != nil {
			return err
		}
	}
	_, err := w.Stdout.Write(doc)
	return err
}
