package main

import (
	"maps"
	"testing"
)

// TestGuideCallers: what docs/guide/callers.md shows checks clean.
func TestGuideCallers(t *testing.T) {
	t.Parallel()
	files := maps.Clone(duesProject)
	files["jwks.json"] = newLoginService(t).jwks()
	const head = "project: port\ntitle: A port\n"
	files["routes/dues.yaml"] = guideBlocks(t, "callers", "routes")[0]
	delete(files, "connectors/dues/connector.yaml")
	for _, text := range guideBlocks(t, "callers", "auth") {
		files["fondaco.yaml"] = head + text
		if code, out, problems := command(t, written(t, files), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}
