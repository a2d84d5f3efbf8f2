package routes

import "fondaco/schema"

// Waiting returns what the requests hold that wait for the route, as one record of body, path, query, header and cookie; nil
// for a route that answers at once. A later version of the route must be able to read it.
func (r *TypedRoute) Waiting() *schema.Type {
	if !r.Model.Async {
		return nil
	}
	var fields []schema.Field
	body := r.Model.Body
	if body == nil {
		body = schema.TypeNull
	}
	fields = append(fields, schema.Field{Name: "body", Type: body, Required: true})
	for _, p := range r.params {
		if p != nil {
			fields = append(fields, schema.Field{Name: p.In, Type: p.Record, Required: true})
		}
	}
	return schema.RecordType(fields...)
}
