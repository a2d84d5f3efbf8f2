package spec

// Keys lists the fields of a declaration in their order, the hidden ones left out.
func Keys(declare func(*Object)) []string {
	var o Object
	declare(&o)
	return o.names()
}
