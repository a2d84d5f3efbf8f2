package main

import (
	"strings"
	"testing"
)

// TestGuideMail: the connector that docs/guide/mail.md shows checks clean, and its route answers a message.
func TestGuideMail(t *testing.T) {
	dir := written(t, map[string]string{
		"fondaco.yaml": `project: office
systems:
  contatti:
    connector: ./connectors/contatti
    params:
      smtp: smtp://mail.comune.example:587
      imap: imaps://mail.comune.example
      user: urp
      password: ${secret.posta}
`,
		"connectors/contatti/connector.yaml":        strings.Join(guideBlocks(t, "mail", "connector"), "") + "samples: samples/\n",
		"connectors/contatti/samples/rispondi.yaml": strings.Join(guideBlocks(t, "mail", "sample"), ""),
		"routes/posta.yaml":                         strings.Join(guideBlocks(t, "mail", "route"), ""),
		"tests/posta.yaml": `tests:
  - test: a message is answered in its thread
    request:
      mail: contatti.posta
      body:
        { id: "<m0@example.org>", from: { address: anna@example.org }, to: [], cc: [], subject: Buca, date: "2026-11-30T09:30:00+01:00",
          received: "2026-11-30T09:30:01+01:00", text: ciao, attachments: [], references: [], automatic: false, cut: false }
    answer: { published: [] }
    calls: { contatti.rispondi: [{ a: anna@example.org, messaggio: "<m0@example.org>", oggetto: Buca, testo: Abbiamo ricevuto il Suo messaggio. }] }
`,
	})
	for _, name := range []string{"check", "test"} {
		if code, out, problems := command(t, dir, name, "."); code != exitOK {
			t.Errorf("%s: %d %s%s", name, code, out, problems)
		}
	}
}
