package main

import (
	"strings"
	"testing"
)

// TestGuideQueue: the connector that docs/guide/queue.md shows checks clean, and its route is started by a message.
func TestGuideQueue(t *testing.T) {
	dir := written(t, map[string]string{
		"fondaco.yaml": `project: office
systems:
  sensori:
    connector: ./connectors/sensori
    params: { endpoint: "mqtts://broker.example", user: "${env.BROKER_USER}", password: "${secret.broker}" }
topics:
  livelli:
    schema:
      type: object
      required: [stazione, cm]
      properties: { stazione: { type: string }, cm: { type: integer } }
`,
		"connectors/sensori/connector.yaml":     strings.Join(guideBlocks(t, "queue", "connector"), "") + "samples: samples/\n",
		"connectors/sensori/samples/maree.yaml": strings.Join(guideBlocks(t, "queue", "sample"), ""),
		"routes/livello.yaml":                   strings.Join(guideBlocks(t, "queue", "route"), ""),
		"tests/livello.yaml": `tests:
  - test: a message
    request: { queue: sensori.maree }
    answer:
      published:
        - { topic: livelli, event: { stazione: punta-salute, cm: 82 } }
`,
	})
	for _, name := range []string{"check", "test"} {
		if code, out, problems := command(t, dir, name, "."); code != exitOK {
			t.Errorf("%s: %d %s%s", name, code, out, problems)
		}
	}
}
