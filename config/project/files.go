package project

import (
	"io/fs"

	"fondaco/config"
	"fondaco/config/diag"
)

// Listing is the project's files by what they are for, each list sorted.
type Listing struct{ Routes, Mappings, Schemas, Tests []string }

// Files lists the YAML files under routes/, mappings/, schemas/ and tests/.
func Files(fsys fs.FS, out *diag.List) Listing {
	in := func(folder string) []string { return config.Files(fsys, folder, out, ".yaml", ".yml") }
	return Listing{Routes: in("routes"), Mappings: in("mappings"), Schemas: in("schemas"), Tests: in("tests")}
}
