// Package openapitest judges what goes over the wire by another's reading of an OpenAPI document: that of kin-openapi,
// which shares no code with package openapi.
package openapitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Judge is a document in JSON. Not for concurrent use.
type Judge struct {
	doc   *openapi3.T
	plain *openapi3.T // a document of version 3.0, for what is only decoded
}

// Read reads a document of OpenAPI 3.x or Swagger 2.0, in JSON.
func Read(src []byte) (*Judge, error) {
	var version struct{ Swagger string }
	if err := json.Unmarshal(src, &version); err != nil {
		return nil, err
	}
	j := &Judge{plain: &openapi3.T{OpenAPI: "3.0.3"}}
	if version.Swagger == "" {
		src, err := whole(src)
		if err != nil {
			return nil, err
		}
		j.doc, err = openapi3.NewLoader().LoadFromData(src)
		return j, err
	}
	var old openapi2.T
	if err := json.Unmarshal(src, &old); err != nil {
		return nil, err
	}
	var err error
	j.doc, err = openapi2conv.ToV3(&old)
	return j, err
}

// whole returns a document without the discriminators that map to other files, which a published document may have left
// behind; kin-openapi refuses it whole.
func whole(src []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return nil, err
	}
	strip(doc)
	return json.Marshal(doc)
}

func strip(v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			strip(item)
		}
	case map[string]any:
		if d, ok := v["discriminator"].(map[string]any); ok {
			mapping, _ := d["mapping"].(map[string]any)
			for _, to := range mapping {
				if file, _, _ := strings.Cut(fmt.Sprint(to), "#"); strings.HasSuffix(file, ".yml") {
					delete(v, "discriminator")
				}
			}
		}
		for _, field := range v {
			strip(field)
		}
	}
}

// find returns the operation on a method and a path as the document writes it.
func (j *Judge) find(method, path string) (*openapi3.PathItem, *openapi3.Operation, error) {
	item := j.doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		return nil, nil, fmt.Errorf("the document has no %s %s", method, path)
	}
	return item, item.GetOperation(method), nil
}

// Request reads a request to an operation, whose path is as the document writes it, with its body. It returns the values
// that came, each under its place and name ("query filter"), the body's under "body"; they are of encoding/json's types.
// The error says what of the request the document does not admit.
func (j *Judge) Request(method, path string, r *http.Request, body []byte) (map[string]any, error) {
	item, operation, err := j.find(method, path)
	if err != nil {
		return nil, err
	}
	read := map[string]any{}
	in := &openapi3filter.RequestValidationInput{
		Request: r, QueryParams: r.URL.Query(),
		Route: &routers.Route{Spec: j.doc, Path: path, PathItem: item, Method: method, Operation: operation},
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true,
			KeepValidatedValue: true,
		},
	}
	if in.PathParams, err = holes(path, r.URL.EscapedPath()); err != nil {
		return nil, err
	}
	for _, p := range parameters(item, operation) {
		v, err := j.parameter(in, p)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", p.In, p.Name, err)
		}
		if v != nil {
			read[p.In+" "+p.Name] = v
		}
	}
	if operation.RequestBody == nil {
		if len(body) > 0 {
			return nil, errors.New("there is a body, and the operation has none")
		}
		return read, nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := openapi3filter.ValidateRequestBody(context.Background(), in, operation.RequestBody.Value); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if kept, ok := r.Body.(interface{ ValidatedValue() any }); ok {
		read["body"] = kept.ValidatedValue()
	}
	return read, nil
}

// parameters are those of an operation and of its path, but for those that other parts of a document describe.
func parameters(item *openapi3.PathItem, operation *openapi3.Operation) (list []*openapi3.Parameter) {
	own := operation.Parameters
	for _, p := range own {
		list = append(list, p.Value)
	}
	for _, p := range item.Parameters {
		if own.GetByInAndName(p.Value.In, p.Value.Name) == nil {
			list = append(list, p.Value)
		}
	}
	kept := list[:0]
	for _, p := range list {
		switch name := http.CanonicalHeaderKey(p.Name); {
		case p.In == "header" && (name == "Accept" || name == "Content-Type" || name == "Authorization"):
		default:
			kept = append(kept, p)
		}
	}
	return kept
}

// impossible is a value that no request holds.
const impossible = "openapitest: no value is this"

// parameter decodes and checks one parameter; nil if it did not come. kin-openapi does not hand out what it decodes but in
// the error of a value that does not fit: it is asked for one that none fits.
func (j *Judge) parameter(in *openapi3filter.RequestValidationInput, p *openapi3.Parameter) (any, error) {
	ctx := context.Background()
	if err := openapi3filter.ValidateParameter(ctx, in, p); err != nil {
		return nil, err
	}
	none := *p
	if p.Schema != nil {
		none.Schema = nothing(p.Schema)
	}
	if len(p.Content) > 0 {
		none.Content = openapi3.Content{}
		for media, offered := range p.Content {
			one := *offered
			one.Schema = nothing(offered.Schema)
			none.Content[media] = &one
		}
	}
	plain := *in
	route := *in.Route
	route.Spec = j.plain
	plain.Route = &route
	var found *openapi3.SchemaError
	if err := openapi3filter.ValidateParameter(ctx, &plain, &none); errors.As(err, &found) {
		return found.Value, nil
	}
	return nil, nil
}

func nothing(s *openapi3.SchemaRef) *openapi3.SchemaRef {
	if s == nil || s.Value == nil {
		return s
	}
	none := *s.Value
	none.Enum = []any{impossible}
	return &openapi3.SchemaRef{Value: &none}
}

// holes returns what stands in the holes of a path, which may end with a query or a fragment that tells operations apart.
func holes(path, escaped string) (map[string]string, error) {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	values := map[string]string{}
	templates, parts := strings.Split(path, "/"), strings.Split(escaped, "/")
	if len(templates) != len(parts) {
		return nil, fmt.Errorf("the path %s is not %s", escaped, path)
	}
	for i, template := range templates {
		part, err := url.PathUnescape(parts[i])
		if err != nil {
			return nil, err
		}
		var names []string
		pattern := hole.ReplaceAllStringFunc(regexp.QuoteMeta(template), func(found string) string {
			names = append(names, strings.ReplaceAll(found[2:len(found)-2], `\`, ""))
			return "(?s:(.+?))"
		})
		found := regexp.MustCompile("^" + pattern + "$").FindStringSubmatch(part)
		if found == nil {
			return nil, fmt.Errorf("the path %s is not %s", escaped, path)
		}
		for k, name := range names {
			values[name] = found[k+1]
		}
	}
	return values, nil
}

var hole = regexp.MustCompile(`\\\{[^}]*\\\}`)
