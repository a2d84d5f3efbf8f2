package simulate_test

import (
	"strings"

	"fondaco/config/diag"
)

// good is the connector of the tests.
const good = `connector: prova
version: 1.0.0
params:
  endpoint: { type: string, format: uri }
rest:
  endpoint: ${param.endpoint}
operations:
  leggi:
    get: /cose/{id}
    effect: read
    answer:
      type: object
      required: [esito]
      properties:
        esito: { type: object, required: [codice], properties: { codice: { type: string }, descrizione: { type: string } } }
        persone: { type: array, items: { type: object, properties: { codiceFiscale: { type: string } } } }
`

func problems(out *diag.List) string {
	var b strings.Builder
	for _, p := range out.Sorted() {
		b.WriteString(p.Pos.String() + ": " + string(p.Code) + " " + p.Message)
		if p.Hint != "" {
			b.WriteString(" = " + p.Hint)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
