package all

import (
	"fondaco/connectors/rest"
	"fondaco/connectors/scaffold"
	"fondaco/connectors/soap"
)

// Importers are the descriptions that connectors can be made of.
var Importers = []*scaffold.Importer{
	soap.Importer,
	rest.Importer,
}
