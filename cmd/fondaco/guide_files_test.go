package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestGuideFiles: the connector that docs/guide/files.md shows checks clean, and its route is started by a record. So does the connector of a
// server, which cannot do without the key by which the server is known.
func TestGuideFiles(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{
		"fondaco.yaml": `project: office
systems:
  riscossione: { connector: ./connectors/riscossione, params: { endpoint: "file:scambio" } }
topics:
  versamenti:
    schema:
      type: object
      required: [codice_fiscale, importo]
      properties: { codice_fiscale: { type: string }, importo: { type: number } }
`,
		"connectors/riscossione/connector.yaml":          strings.Join(guideBlocks(t, "files", "connector"), "") + "samples: samples/\n",
		"connectors/riscossione/samples/versamenti.yaml": strings.Join(guideBlocks(t, "files", "sample"), ""),
		"routes/versamento.yaml":                         strings.Join(guideBlocks(t, "files", "route"), ""),
		"tests/versamento.yaml": `tests:
  - test: a record
    request: { files: riscossione.versamenti }
    answer:
      published:
        - { topic: versamenti, key: RSSMRA80A01L736U, event: { codice_fiscale: RSSMRA80A01L736U, importo: 10.50 } }
`,
	})
	for _, name := range []string{"check", "test"} {
		if code, out, problems := command(t, dir, name, "."); code != exitOK {
			t.Errorf("%s: %d %s%s", name, code, out, problems)
		}
	}
	files := map[string]string{
		"fondaco.yaml": "project: office\n" + strings.Join(guideBlocks(t, "files", "sftp_project"), ""),
		"connectors/veritas-scambio/connector.yaml": strings.Join(guideBlocks(t, "files", "sftp"), ""),
	}
	if code, out, problems := command(t, written(t, files), "check", "."); code != exitOK {
		t.Errorf("%d %s%s", code, out, problems)
	}
	other := map[string]string{
		"fondaco.yaml": "project: office\nsystems: { catasto: { connector: ./connectors/catasto-scambio, params: { endpoint: \"ftps://ftp.catasto.example/x\", " +
			"password: \"${secret.catasto}\" } } }\n",
		"connectors/catasto-scambio/connector.yaml": strings.Join(guideBlocks(t, "files", "ftp"), ""),
	}
	if code, out, problems := command(t, written(t, other), "check", "."); code != exitOK {
		t.Errorf("%d %s%s", code, out, problems)
	}
	bucket := map[string]string{
		"fondaco.yaml": "project: office\nsystems: { archivio: { connector: ./connectors/archivio, params: { endpoint: \"s3://documenti/x\", " +
			"access: comune, secret: \"${secret.archivio}\" } } }\n",
		"connectors/archivio/connector.yaml": strings.Join(guideBlocks(t, "files", "s3"), ""),
	}
	if code, out, problems := command(t, written(t, bucket), "check", "."); code != exitOK {
		t.Errorf("%d %s%s", code, out, problems)
	}
	connector := "connectors/veritas-scambio/connector.yaml"
	files[connector] = regexp.MustCompile("(?m)^  host_key: .*\n").ReplaceAllString(files[connector], "")
	if code, _, problems := command(t, written(t, files), "check", "."); code == exitOK || !strings.Contains(problems, "by what key the server is known") {
		t.Errorf("without host_key: %d %s", code, problems)
	}
}
