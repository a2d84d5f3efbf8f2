package main

import "testing"

// TestGuidePatterns: what docs/guide/patterns.md shows checks clean.
func TestGuidePatterns(t *testing.T) {
	t.Parallel()
	topics := guideBlocks(t, "topics", "topics")[0]
	for _, text := range guideBlocks(t, "patterns", "collect") {
		if code, out, problems := command(t, written(t, guided(topics, text)), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}

// TestGuideRepeat: the loop that docs/guide/patterns.md shows checks clean over an archive that has pages.
func TestGuideRepeat(t *testing.T) {
	t.Parallel()
	const list = `  list:
    get: /files
    effect: read
    query: { page: { type: integer } }
    answer:
      type: object
      required: [files, more]
      properties: { files: { type: array, items: { type: string } }, more: { type: boolean } }
`
	for _, text := range guideBlocks(t, "patterns", "repeat") {
		files := guided("", text)
		files["connectors/archive/connector.yaml"] = guidedArchive("", list)
		if code, out, problems := command(t, written(t, files), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}
