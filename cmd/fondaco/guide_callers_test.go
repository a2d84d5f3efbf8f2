package main

import (
	"maps"
	"strings"
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
	files["callers/partners.yaml"] = "callers:\n  mira: { key: sha256:" + strings.Repeat("0c", 32) + " }\n"
	files["callers/offices.yaml"] = "callers:\n  protocollo: { password: $2a$10$" + strings.Repeat("x", 53) + " }\n"
	for _, text := range guideBlocks(t, "callers", "auth") {
		files["fondaco.yaml"] = head + text
		if code, out, problems := command(t, written(t, files), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
	for i, scheme := range []string{"partners", "offices"} {
		files["fondaco.yaml"] = head + guideBlocks(t, "callers", "keyed")[i]
		files["routes/dues.yaml"] = "routes:\n  who:\n    http: GET /who\n    auth: { scheme: " + scheme +
			" }\n    steps: []\n    respond: { body: { who: \"${user.subject}\" } }\n"
		if code, out, problems := command(t, written(t, files), "check", "."); code != exitOK {
			t.Errorf("%s: %d %s%s", scheme, code, out, problems)
		}
	}
}
