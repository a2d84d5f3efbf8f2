package spec

import (
	"fmt"
	"strings"
)

// Markdown returns the reference of what declare declares: a line a field, nested ones under it.
func Markdown(declare func(*Object)) string {
	var b strings.Builder
	var o Object
	declare(&o)
	o.markdown(&b, "")
	return b.String()
}

func (o *Object) markdown(b *strings.Builder, indent string) {
	for _, f := range o.fields {
		if f.hidden {
			continue
		}
		fmt.Fprintf(b, "%s- `%s` (%s", indent, f.Name, f.choice.words)
		if f.required {
			b.WriteString(", required")
			if len(f.unless) > 0 {
				fmt.Fprintf(b, " unless `%s` is there", strings.Join(f.unless, "` or `"))
			}
		}
		if f.def != "" {
			fmt.Fprintf(b, ", default `%s`", f.def)
		}
		b.WriteString(")")
		if f.doc != "" {
			b.WriteString(": " + f.doc)
		}
		for _, example := range f.examples {
			fmt.Fprintf(b, " Example: `%s`.", example)
		}
		b.WriteByte('\n')
		declare := f.choice.child
		if declare == nil && f.choice.rows != nil {
			declare = f.choice.rows()
		}
		if declare != nil {
			var child Object
			declare(&child)
			child.markdown(b, indent+"  ")
		}
	}
}
