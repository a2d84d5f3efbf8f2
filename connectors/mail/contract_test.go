package mail

import (
	"os"
	"testing"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/connectortest"
	"fondaco/schema"
)

// answering is the protocol with the answers of the contract: a server of mail says little, but its simulator carries any answer as JSON.
func answering() *connectors.Protocol {
	p := *Protocol
	p.Describe = func(c *connectors.Connector, out *diag.List) {
		describe(c, out)
		if op := c.Operation("leggi"); op != nil {
			op.Effect = connectors.Read
			op.Output = schema.RecordType(
				schema.Field{Name: "codice", Type: schema.TypeText, Required: true},
				schema.Field{Name: "importo", Type: schema.TypeDecimal, Required: true},
				schema.Field{Name: "nota", Type: schema.TypeText.OrNull()},
				schema.Field{Name: "quando", Type: schema.TypeDateTime},
				schema.Field{Name: "voci", Required: true, Type: schema.ListOf(schema.RecordType(
					schema.Field{Name: "nome", Type: schema.TypeText, Required: true},
					schema.Field{Name: "prezzo", Type: schema.TypeDecimal},
				))},
				schema.Field{Name: "intestatario", Type: schema.TypeText},
			)
		}
		if op := c.Operation("scrivi"); op != nil {
			op.Output = schema.RecordType(schema.Field{Name: "message_id", Type: schema.TypeText, Required: true})
		}
	}
	return &p
}

func TestContract(t *testing.T) {
	connectortest.Run(t, answering(), os.DirFS("testdata/contract"), connectortest.Wire{
		Address:  func(hostPort string) string { return "smtp://" + hostPort },
		Confirms: "message_id",
	})
}
