package routes

import (
	"cmp"
	"slices"

	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/schema"
)

// joined describes what accepted requests end with: of each status what any of the routes answers with it, in each of its media types.
func joined(async []*TypedRoute, l texts.Language) (all []openapi.Response) {
	for _, r := range async {
		for _, one := range r.responses(l) {
			one.Doc = l.Text(texts.ResultAsDescribed)
			at := slices.IndexFunc(all, func(x openapi.Response) bool { return x.Status == one.Status })
			if at < 0 {
				all = append(all, one)
				continue
			}
			both := &all[at]
			both.Headers = joinHeaders(both.Headers, one.Headers)
			switch {
			case one.Body == nil:
			case both.Body == nil:
				both.Body, both.ContentType, both.Encoding = one.Body, one.ContentType, one.Encoding
			case both.ContentType == one.ContentType:
				both.Body, both.Encoding = oneOf(both.Body, one.Body), joinEncoding(both.Encoding, one.Encoding)
			case both.Encoding == nil && one.Encoding != nil: // which others have not
				both.Others = joinContent(both.Others, openapi.Content{Type: cmp.Or(both.ContentType, "application/json"), Body: both.Body})
				both.Body, both.ContentType, both.Encoding = one.Body, one.ContentType, one.Encoding
			default:
				both.Others = joinContent(both.Others, openapi.Content{Type: cmp.Or(one.ContentType, "application/json"), Body: one.Body})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b openapi.Response) int { return a.Status - b.Status })
	return all
}

// joinContent adds what a message is in a media type to the others.
func joinContent(others []openapi.Content, one openapi.Content) []openapi.Content {
	for i := range others {
		if others[i].Type == one.Type {
			others[i].Body = oneOf(others[i].Body, one.Body)
			return others
		}
	}
	return append(others, one)
}

// oneOf returns the type of values that are of a or of b, each kept as it is.
func oneOf(a, b *schema.Type) *schema.Type {
	u := &schema.Type{Kind: schema.KindUnion}
	for _, t := range []*schema.Type{a, b} {
		variants := []*schema.Type{t}
		if t.Kind == schema.KindUnion && t.Name == "" && t.Tag == "" {
			variants, u.Nullable = t.Variants, u.Nullable || t.Nullable
		}
		for _, v := range variants {
			if !slices.ContainsFunc(u.Variants, func(x *schema.Type) bool { return schema.Same(x, v) }) {
				u.Variants = append(u.Variants, v)
			}
		}
	}
	if len(u.Variants) == 1 && !u.Nullable {
		return u.Variants[0]
	}
	return u.Seal()
}
