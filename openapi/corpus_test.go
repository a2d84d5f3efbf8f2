package openapi

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"fondaco/config/diag"
)

var looksLikeOpenAPI = regexp.MustCompile(`(?m)^[ \t{]*"?(openapi|swagger)"?\s*:\s*["']?[23]\.`)

// mustRead are documents that the reference project's connectors are made of.
var mustRead = []string{"pagopa/openapi/*.json", "appio/index.yaml"}

// TestReadPublished reads every OpenAPI document that the published specifications hold, and says which it cannot.
func TestReadPublished(t *testing.T) {
	const specs = "../../shared/specs"
	if _, err := os.Stat(specs); err != nil {
		t.Skip("the published specifications are not here: ", specs)
	}
	must := map[string]bool{}
	for _, pattern := range mustRead {
		files, err := filepath.Glob(filepath.Join(specs, pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, " finds nothing ", err)
		}
		for _, f := range files {
			must[f] = true
		}
	}
	read, all, operations := 0, 0, 0
	err := filepath.WalkDir(specs, func(file string, d fs.DirEntry, err error) error {
		ext := filepath.Ext(file)
		if err != nil || d.IsDir() || ext != ".json" && ext != ".yaml" && ext != ".yml" {
			return err
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if !must[file] && !looksLikeOpenAPI.Match(src[:min(len(src), 4000)]) || bytes.Contains(src[:min(len(src), 4000)], []byte("overlay:")) {
			return nil
		}
		all++
		name, _ := filepath.Rel(specs, file)
		var out diag.List
		doc := Read(src, name, &out, diag.Pos{})
		if doc != nil && !out.Failed() {
			read++
			operations += len(doc.Operations)
			return nil
		}
		told := 0
		for _, p := range out.Sorted() {
			if !p.Warning && told < 3 {
				t.Logf("%s: %s", p.Pos, p.Message)
				told++
			}
		}
		if must[file] {
			t.Errorf("%s must be read", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d documents read without a problem, %d operations", read, all, operations)
	if read*10 < all*8 {
		t.Errorf("only %d of %d documents were read", read, all)
	}
}
