package main

import (
	"fondaco/engine"
	"fondaco/openapi"
	"fondaco/routes"

	"github.com/spf13/cobra"
)

func openapiCommand(w *engine.World) *cobra.Command {
	version, format := "3.0.3", "json"
	c := &cobra.Command{
		Use:   "openapi [DIR]",
		Short: "Print the project's unified OpenAPI document",
		Args:  atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			defer engine.SpareMemory(w)()
			return checked(w, folder(args), func(p *engine.Folder, t *routes.Typed) error {
				doc, err := openapi.Write(t.Info(engine.ServersOf(t, p.Source, "127.0.0.1:8080", false)), t.Operations(), version)
				if err != nil {
					return err
				}
				return printDocument(w, doc, format)
			})
		},
	}
	c.Flags().StringVar(&version, "version", version, "3.0.3 or 3.1.0")
	c.Flags().StringVar(&format, "format", format, "json or yaml")
	return c
}
