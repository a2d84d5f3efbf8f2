package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"fondaco/config/project"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/connectors/policy"
	"fondaco/engine"
	"fondaco/routes"
	"fondaco/routes/routestest"

	"github.com/spf13/cobra"
)

// schemaFolder is where a project keeps the schemas that its files refer to.
const schemaFolder = ".fondaco"

// schemas are the JSON Schemas for editors, one for each kind of file.
func schemas() map[string]spec.Schema {
	routesSchema := spec.JSONSchema("Fondaco: a file of routes", routes.Spec)
	names, declare := routes.StepSpecs()
	var steps []any
	for _, name := range names {
		s := spec.ObjectSchema(declare[name])
		s["required"] = []string{name}
		steps = append(steps, s)
	}
	routesSchema.Define("step", spec.Schema{"anyOf": steps})
	return map[string]spec.Schema{
		"project": spec.JSONSchema("Fondaco: the project", func(o *spec.Object) {
			(&project.Project{}).Spec(o)
		}),
		"callers":   spec.JSONSchema("Fondaco: a file of callers", project.CallersSpec),
		"routes":    routesSchema,
		"connector": spec.JSONSchema("Fondaco: a connector", func(o *spec.Object) { connectors.Spec(o, all.Protocols) }),
		"interface": spec.JSONSchema("Fondaco: an interface", connectors.InterfaceSpec),
		"system":    spec.JSONSchema("Fondaco: a system", func(o *spec.Object) { connectors.SystemSpec(o, (&policy.Set{}).Spec) }),
		"tests":     spec.JSONSchema("Fondaco: a file of tests", routestest.Spec),
	}
}

func schemaCommand(w *engine.World) *cobra.Command {
	dir := ""
	c := &cobra.Command{
		Use:   "schema [project | callers | routes | connector | interface | system | tests]",
		Short: "Print the JSON Schema of a kind of file, for editors; routes if none is named",
		Args:  atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			if dir != "" {
				return writeSchemas(w.Path(dir))
			}
			kind := "routes"
			if len(args) > 0 {
				kind = args[0]
			}
			s, ok := schemas()[kind]
			if !ok {
				return usageError{fmt.Errorf("there is no schema %q", kind)}
			}
			b, err := schemaBytes(s)
			if err != nil {
				return err
			}
			_, err = w.Stdout.Write(b)
			return err
		},
	}
	c.Flags().StringVar(&dir, "write", "", "write all of them into a folder")
	return c
}

func schemaBytes(s spec.Schema) ([]byte, error) {
	b, err := json.MarshalIndent(s, "", "  ")
	return append(b, '\n'), err
}

// writeSchemas writes all schemas into a folder.
func writeSchemas(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	all := schemas()
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b, err := schemaBytes(all[name])
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name+".schema.json"), b, 0o644); err != nil {
			return err
		}
	}
	return nil
}
