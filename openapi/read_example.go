package openapi

import (
	"fondaco/config"
	"fondaco/schema"
)

// examples are the bodies that a media type shows: its own, by name or without, then that of its schema.
func (r *reader) examples(media *config.Node) (all []Example) {
	add := func(name string, n *config.Node) {
		if n != nil {
			all = append(all, Example{name, plainOf(n)})
		}
	}
	add("", media.Get("example"))
	for _, e := range entries(media.Get("examples")) {
		if one, _ := r.follow(e.Value); one != nil {
			add(e.Key.Value, one.Get("value"))
		}
	}
	if len(all) == 0 {
		r.ofSchema(media.Get("schema"), add)
	}
	return all
}

// ofSchema adds the example of a schema, or the first of several.
func (r *reader) ofSchema(n *config.Node, add func(string, *config.Node)) {
	s, _ := r.follow(n)
	if s == nil {
		return
	}
	if several := items(s.Get("examples")); len(several) > 0 {
		add("", several[0])
		return
	}
	add("", s.Get("example"))
}

// oldExamples are those of an answer of Swagger 2, which names them by their media type.
func (r *reader) oldExamples(answer *config.Node, media string) (all []Example) {
	for _, e := range entries(answer.Get("examples")) {
		if plain(e.Key.Value) == plain(media) {
			all = append(all, Example{"", plainOf(e.Value)})
		}
	}
	if len(all) == 0 {
		r.ofSchema(answer.Get("schema"), func(name string, n *config.Node) {
			if n != nil {
				all = append(all, Example{name, plainOf(n)})
			}
		})
	}
	return all
}

// plainOf returns what a document shows as a value of no type: maps keep the order in which they are written, numbers every digit.
func plainOf(n *config.Node) schema.Value {
	switch n.Kind {
	case config.NodeMap:
		m := &schema.Map{}
		for _, e := range n.Entries {
			m.Keys, m.Values = append(m.Keys, e.Key.Value), append(m.Values, plainOf(e.Value))
		}
		return schema.MapOf(m)
	case config.NodeList:
		list := make([]schema.Value, 0, len(n.Items))
		for _, item := range n.Items {
			list = append(list, plainOf(item))
		}
		return schema.List(list)
	case config.NodeNull:
		return schema.Null
	}
	if v := scalar(n, schema.KindAny); !v.IsAbsent() {
		return v
	}
	if v, err := schema.ParseDecimal(n.Text.Value); err == nil {
		return v
	}
	return schema.Text(n.Text.Value)
}
