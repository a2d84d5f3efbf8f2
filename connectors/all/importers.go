package all

import (
	"fondaco/connectors/scaffold"
	"fondaco/connectors/soap"
)

// Importers are the descriptions that connectors can be made of.
var Importers = []*scaffold.Importer{
	soap.Importer,
}
