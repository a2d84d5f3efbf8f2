package rest

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/openapi"
)

// choose takes, of bodies for which the document has several media types, the one that the connector says under word, with its schema; a
// body that has one alone stays as it is beside them. Where all have one alone, the connector's stands in its place, over the same schema.
func (p *op) choose(operation *connectors.Operation, word string, media config.Text, bodies []*bodyShape, out *diag.List) {
	var has []string
	found := false
	for _, b := range bodies {
		for _, o := range b.offers {
			if !slices.Contains(has, o.Media) {
				has = append(has, o.Media)
			}
		}
		if o := openapi.Offered(b.offers, media.Value); o != nil {
			*b, found = shapeOf(o.Read()), true
			b.media = media.Value
		}
	}
	switch {
	case len(has) == 0:
		for _, b := range bodies {
			b.media = media.Value
		}
	case !found:
		instead := map[string]string{"content": "body", "answer_content": "answer"}[word]
		problem := media.Report(out, diag.BadConnector, "%s: found %s %s, and the document has %s", operation.Name, word, media.Value,
			strings.Join(has, ", ")).WithHint("choose one of them, or write the schema beside it, under %s, if the document is wrong", instead)
		problem.WithNearest(media.Value, has)
	}
}
