package all

import (
	"fondaco/connectors"
	"fondaco/connectors/soap"
)

// Importers are the descriptions that connectors can be made of.
var Importers = []*connectors.Importer{
	soap.Importer,
}
