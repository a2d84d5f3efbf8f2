package routes

import "fondaco/schema"

// reads returns where it is noted which constants of the project the route reads.
func (r *TypedRoute) reads() *schema.Use {
	if r.constants == nil {
		r.constants = &schema.Use{}
	}
	return r.constants
}

// Constants returns the type of the project's constants with those alone that the route's own expressions read; nil if they read none.
func (t *Typed) Constants(r *TypedRoute) *schema.Type {
	if r.constants == nil {
		return nil
	}
	return schema.Prune(t.Model.constants.Type, r.constants)
}
