package schema

// Read reports whether anything of the value is read.
func (u *Use) Read() bool { return u != nil && (u.all || len(u.fields) > 0 || u.elem.Read()) }

// Reads reports whether the field called name is looked at, alone or with the whole.
func (u *Use) Reads(name string) bool { return u != nil && (u.all || u.fields[name] != nil) }
