package main

import "testing"

// TestGuidePrivacy: what docs/guide/privacy.md shows checks clean.
func TestGuidePrivacy(t *testing.T) {
	t.Parallel()
	const project = "project: office\ntitle: Office\ntopics:\n  avvisi: { schema: { $ref: schemas/avviso.yaml } }\n"
	for _, text := range guideBlocks(t, "privacy", "schema") {
		if code, out, problems := command(t, written(t, map[string]string{"fondaco.yaml": project, "schemas/avviso.yaml": text}), "check",
			"."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
	for _, text := range guideBlocks(t, "privacy", "retention") {
		if code, out, problems := command(t, written(t, map[string]string{"fondaco.yaml": "project: office\ntitle: Office\n" + text}), "check",
			"."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}
