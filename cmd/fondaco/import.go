package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/connectors/scaffold"
	"fondaco/engine"
	"fondaco/schema"

	"github.com/spf13/cobra"
)

// maxUp is how many folders above a description its imports are looked for.
const maxUp = 4

// importFlags are what an import is told.
type importFlags struct {
	scaffold.Options
	name, project, to string
	replace           bool
}

func importCommand(w *engine.World) *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Make a connector out of what a vendor publishes",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, x := range all.Importers {
		c.AddCommand(importerCommand(w, x))
	}
	return c
}

func importerCommand(w *engine.World, x *scaffold.Importer) *cobra.Command {
	f := importFlags{project: "."}
	c := &cobra.Command{
		Use:   x.Name + " FILE",
		Short: "Make a connector out of " + x.Title,
		Long: "Make a connector out of " + x.Title + `.

The file and all that it imports are copied, in their places to each other; nothing is fetched from an address. The
connector has every operation, with a guess of its effect that a person has to look at, its schemas as JSON, and a
sample, so that "fondaco check" is clean and "fondaco demo" answers at once. Nothing is overwritten; with --replace an
import is made again, and what a person has changed since is kept.`,
		Example: "  fondaco import " + x.Name + " " + example(x) + " --name tributi",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("found %d files, expected one", len(args))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return importFile(w, x, args[0], f) },
	}
	c.Flags().StringVar(&f.name, "name", "", "the connector's name, instead of one made from the service's")
	if x.Ports {
		c.Flags().StringVar(&f.Service, "service", "", "the service, instead of the first")
		c.Flags().StringVar(&f.Port, "port", "", "its port, instead of the first that is supported")
	} else {
		c.Flags().StringSliceVar(&f.Operations, "operations", nil, "the operations, by id or as \"GET /path\", instead of all")
	}
	c.Flags().StringVar(&f.project, "project", f.project, "the project's folder")
	c.Flags().StringVar(&f.to, "to", "", "the connector's folder in the project, instead of connectors/NAME")
	c.Flags().BoolVar(&f.replace, "replace", false, "import into a folder that has an earlier import, and keep what was changed by hand")
	return c
}

// example is a file that could be imported.
func example(x *scaffold.Importer) string {
	if x.Ports {
		return "~/vendor/service." + x.Name
	}
	return "~/vendor/api.json --operations getMulta,payMulta"
}

// importFile carries the command out.
func importFile(w *engine.World, importer *scaffold.Importer, file string, f importFlags) error {
	defer engine.SpareMemory(w)()
	source, x, out, err := readImport(w, importer, file, f)
	if err != nil {
		return err
	}
	defer source.Close()
	if x == nil {
		source.Show(w, out)
		return errFailed
	}
	if len(x.Operations) == 0 {
		source.Show(w, out)
		return fmt.Errorf("%s has no operation that can be called", file)
	}
	if f.name == "" {
		f.name = connectorName(x.Service)
	}
	if !projectName.MatchString(f.name) {
		return usageError{fmt.Errorf("--name: found %q, expected small letters, digits and hyphens", f.name)}
	}
	if f.to == "" {
		f.to = path.Join("connectors", f.name)
	}
	if f.to = path.Clean(filepath.ToSlash(f.to)); !fs.ValidPath(f.to) || f.to == "." {
		return usageError{fmt.Errorf("--to: found %q, expected a folder inside of the project", f.to)}
	}
	target := filepath.Join(w.Path(f.project), filepath.FromSlash(f.to))
	if entries, err := os.ReadDir(target); err == nil && len(entries) > 0 && !f.replace {
		return usageError{fmt.Errorf("%s is there already, with %s: nothing is overwritten. Say --replace to import it again and keep what "+
			"was changed by hand, or --name or --to", f.to, someNames(entries))}
	}
	files := x.Files(f.name)
	for _, s := range x.Sources {
		if files[s.To], err = fs.ReadFile(source.Source.FS, s.From); err != nil {
			return err
		}
	}
	schemas := filepath.Join(w.Path(f.project), schemaFolder, "connector.schema.json")
	if _, err := os.Stat(schemas); err == nil {
		up := strings.Repeat("../", strings.Count(f.to, "/")+1)
		files[connectors.File] = append([]byte("# yaml-language-server: $schema="+up+schemaFolder+"/connector.schema.json\n"),
			files[connectors.File]...)
	}
	kept, err := replaceImported(target, files)
	if err != nil {
		return err
	}
	source.Show(w, out)
	sayImported(w, x, f)
	for _, name := range kept {
		fmt.Fprintf(w.Stdout, "\nKept, for it was changed by hand: %s/%s. What it would be now is in %s%s beside it.\n", f.to, name,
			path.Base(name), beside)
	}
	if out.Failed() {
		return errFailed
	}
	return nil
}

// readImport reads the description, from the lowest folder that holds all that it imports.
func readImport(w *engine.World, importer *scaffold.Importer, file string, f importFlags) (*engine.Folder, *scaffold.Import, *diag.List,
	error,
) {
	full := w.Path(file)
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, nil, usageError{fmt.Errorf("there is no file %s", file)}
	case err != nil:
		return nil, nil, nil, err
	case info.IsDir():
		return nil, nil, nil, usageError{fmt.Errorf("%s is a folder, expected a file", file)}
	}
	dir, inside := filepath.Dir(full), filepath.Base(full)
	var best *engine.Folder
	var read *scaffold.Import
	var problems *diag.List
	for range maxUp {
		p, err := engine.OpenBare(dir)
		if err != nil {
			break
		}
		out := &diag.List{}
		x := importer.Read(p.Source.FS, filepath.ToSlash(inside), f.Options, out)
		if best == nil || len(out.Sorted()) < len(problems.Sorted()) {
			if best != nil {
				best.Close()
			}
			best, read, problems = p, x, out
		} else {
			p.Close()
		}
		up := filepath.Dir(dir)
		if !problems.Failed() || up == dir {
			break
		}
		inside = filepath.Join(filepath.Base(dir), inside)
		dir = up
	}
	if best == nil {
		return nil, nil, nil, fmt.Errorf("%s cannot be read", file)
	}
	return best, read, problems, nil
}

// connectorName makes a name out of a service's.
func connectorName(service string) string {
	var b strings.Builder
	for i, r := range service {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			if i > 0 && service[i-1] >= 'a' && service[i-1] <= 'z' && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r + 'a' - 'A')
		default:
			if s := b.String(); s != "" && s[len(s)-1] != '-' {
				b.WriteByte('-')
			}
		}
	}
	name := strings.Trim(b.String(), "-")
	for again := true; again; {
		again = false
		for _, end := range []string{"-endpoint", "-port", "-soap", "-impl", "-service", "-server", "-ws"} {
			if short := strings.TrimSuffix(name, end); short != "" && short != name {
				name, again = short, true
			}
		}
	}
	if name == "" || !projectName.MatchString(name) {
		return "imported"
	}
	return name
}

// someNames lists a few entries of a folder.
func someNames(entries []fs.DirEntry) string {
	var names []string
	if len(entries) > 1 && entries[0].Name() == importRecord {
		entries = entries[1:] // which nobody has written
	}
	for _, e := range entries {
		if len(names) == 3 {
			names = append(names, fmt.Sprintf("%d more", len(entries)-3))
			break
		}
		names = append(names, e.Name())
	}
	return strings.Join(names, ", ")
}

// sayImported says what was written and what to do next.
func sayImported(w *engine.World, x *scaffold.Import, f importFlags) {
	out := w.Stdout
	fmt.Fprintf(out, "%s is written:\n", f.to)
	fmt.Fprintf(out, "  connector.yaml  %d operations of %s\n", len(x.Operations), x.Service)
	for _, s := range x.Sources {
		fmt.Fprintf(out, "  %s\n", s.To)
	}
	samples := 0
	for _, op := range x.Operations {
		if op.Silent || !op.Sample.IsAbsent() {
			samples++
		}
	}
	fmt.Fprintf(out, "  schemas/        %d files: what each operation takes and returns\n  samples/        %d files: what its simulator "+
		"answers\n\n", 2*len(x.Operations), samples)
	const most = 20
	for i, op := range x.Operations {
		if i == most {
			fmt.Fprintf(out, "  ... and %d more\n", len(x.Operations)-most)
			break
		}
		fmt.Fprintf(out, "  %-32s %-5s %s\n", op.Name, op.Effect, fields(op.Input))
	}
	fmt.Fprintf(out, "\nReview: effects (read or once) and personal data are guessed from names.\n")
	if len(x.Choices) > 1 {
		fmt.Fprintf(out, "Other ports: --port of %s\n", strings.Join(x.Choices, ", "))
	}
	for _, m := range x.Missing {
		fmt.Fprintf(out, "Missing: %s imports %s, which is never fetched: put its file beside it, as a file that ends in .xsd, and import "+
			"again with --replace, or into %s and name it under catalog:\n", m.In, m.Address, f.to)
	}
	if len(x.Unreadable) > 0 {
		fmt.Fprintf(out, "Left out, since they are not supported or their types cannot be read:\n  %s\n", strings.Join(x.Unreadable, "\n  "))
	}
	fmt.Fprintf(out, "\nNext, in fondaco.yaml:\n\nsystems:\n  %s:\n    connector: ./%s\n    params: { %s }\n", f.name, f.to,
		strings.Join(params(x, f.name), ", "))
	first := x.Operations[0]
	for _, op := range x.Operations {
		if op.Effect == connectors.Read {
			first = op
			break
		}
	}
	project := ""
	if f.project != "." {
		project = " --project " + f.project
	}
	target := f.name + "." + first.Name
	fmt.Fprintf(out, "\nand then:\n\n  fondaco check%s\n  fondaco call%s %s --sample > in.json\n  fondaco call%s %s --with in.json "+
		"--simulated --wire\n", dirOf(f.project), project, target, project, target)
}

func dirOf(project string) string {
	if project == "." {
		return ""
	}
	return " " + project
}

// params are the lines of fondaco.yaml for the parameters that must be given.
func params(x *scaffold.Import, name string) (list []string) {
	variable := strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	for _, p := range x.Params {
		switch {
		case p.Name == "endpoint":
			list = append(list, `endpoint: "${env.`+variable+`_URL}"`)
		case p.Secret:
			list = append(list, p.Name+`: "${secret.`+strings.ReplaceAll(name, "-", "_")+`}"`)
		case p.Default == "":
			list = append(list, p.Name+`: "${env.`+variable+"_"+strings.ToUpper(p.Name)+`}"`)
		}
	}
	return list
}

// fields says in a few words what an operation takes.
func fields(t *schema.Type) string {
	text := t.String()
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:77]) + "..."
	}
	return text
}
