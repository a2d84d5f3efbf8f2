package openapi

import (
	"net/http"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// reader goes through one document.
type reader struct {
	*types
	doc      *Document
	swagger  bool // 2.0
	produces *config.Node
	consumes *config.Node
	xmls     map[*config.Node]*XML // what was read of schemas that stand in XML
}

func (r *reader) info() {
	in := &r.doc.Info
	info := r.root.Get("info")
	in.Title, in.Version, in.Description = said(info, "title"), said(info, "version"), said(info, "description")
	in.Summary, in.TermsOfService, in.APIID = said(info, "summary"), said(info, "termsOfService"), said(info, "x-api-id")
	if in.Summary == "" {
		in.Summary = said(info, "x-summary")
	}
	contact, license := info.Get("contact"), info.Get("license")
	in.Contact = Contact{Name: said(contact, "name"), URL: said(contact, "url"), Email: said(contact, "email")}
	in.License = License{Name: said(license, "name"), URL: said(license, "url")}
	for _, t := range items(r.root.Get("tags")) {
		in.Tags = append(in.Tags, Tag{Name: said(t, "name"), Description: said(t, "description")})
	}
	if !r.swagger {
		for _, s := range items(r.root.Get("servers")) {
			in.Servers = append(in.Servers, Server{URL: serverURL(s), Description: said(s, "description"), Sandbox: said(s, "x-sandbox") == "true"})
		}
		return
	}
	r.produces, r.consumes = r.root.Get("produces"), r.root.Get("consumes")
	host, base := said(r.root, "host"), said(r.root, "basePath")
	schemes := items(r.root.Get("schemes"))
	switch {
	case host == "" && base == "":
	case host == "":
		in.Servers = []Server{{URL: base}}
	case len(schemes) == 0:
		in.Servers = []Server{{URL: "https://" + host + base}}
	}
	if host != "" {
		for _, s := range schemes {
			in.Servers = append(in.Servers, Server{URL: s.Text.Value + "://" + host + base})
		}
	}
}

// serverURL returns a server's address with the defaults of its variables.
func serverURL(s *config.Node) string {
	address := said(s, "url")
	for _, v := range entries(s.Get("variables")) {
		address = strings.ReplaceAll(address, "{"+v.Key.Value+"}", said(v.Value, "default"))
	}
	return address
}

func (r *reader) schemes() {
	all := r.root.Get("components").Get("securitySchemes")
	if r.swagger {
		all = r.root.Get("securityDefinitions")
	}
	for _, e := range entries(all) {
		n, _ := r.follow(e.Value)
		if n == nil {
			continue
		}
		s := Scheme{
			Name: e.Key.Value, Type: said(n, "type"), Doc: said(n, "description"), HTTP: strings.ToLower(said(n, "scheme")),
			BearerFormat: said(n, "bearerFormat"), In: said(n, "in"), Key: said(n, "name"), URL: said(n, "openIdConnectUrl"),
		}
		if s.Type == "basic" { // Swagger 2
			s.Type, s.HTTP = "http", "basic"
		}
		if kind := said(n, "flow"); kind != "" { // Swagger 2
			kinds := map[string]string{"application": "clientCredentials", "accessCode": "authorizationCode"}
			if k := kinds[kind]; k != "" {
				kind = k
			}
			s.Flows = []Flow{flow(kind, n)}
		}
		for _, f := range entries(n.Get("flows")) {
			s.Flows = append(s.Flows, flow(f.Key.Value, f.Value))
		}
		switch s.Type {
		case "http", "apiKey", "oauth2", "openIdConnect", "mutualTLS":
		default:
			r.report(n, "security scheme %q has type %q, expected http, apiKey, oauth2, openIdConnect or mutualTLS", s.Name, s.Type)
		}
		r.doc.Info.Schemes = append(r.doc.Info.Schemes, s)
	}
}

func flow(kind string, n *config.Node) Flow {
	f := Flow{Kind: kind, AuthorizationURL: said(n, "authorizationUrl"), TokenURL: said(n, "tokenUrl")}
	for _, scope := range entries(n.Get("scopes")) {
		f.Scopes = append(f.Scopes, Tag{Name: scope.Key.Value, Description: scope.Value.Text.Value})
	}
	return f
}

func (r *reader) paths() {
	ids, shapes := map[string]diag.Pos{}, map[string]string{}
	for _, e := range entries(r.root.Get("paths")) {
		if !strings.HasPrefix(e.Key.Value, "/") {
			continue // an extension
		}
		item, _ := r.follow(e.Value)
		if item == nil {
			continue
		}
		path := e.Key.Value
		if other, taken := shapes[shape(path)]; taken && !r.client {
			r.out.Report(diag.BadSchema, e.Key.Pos, "paths %s and %s are one: a request fits both", other, path).WithLen(len(path))
		}
		shapes[shape(path)] = path
		for _, method := range methods {
			n := item.Get(method)
			if n == nil {
				continue
			}
			op := r.operation(n, item, path, method)
			if before, taken := ids[op.ID]; taken && op.ID != "" {
				r.out.Report(diag.BadSchema, op.Pos, "operationId %q is there twice, first at %s", op.ID, before)
			}
			ids[op.ID] = op.Pos
			r.doc.Operations = append(r.doc.Operations, op)
		}
	}
}

// shape returns a path with its holes unnamed: two paths of one shape cannot be told apart.
func shape(path string) string {
	for _, name := range pathHoles(path) {
		path = strings.Replace(path, "{"+name+"}", "{}", 1)
	}
	return path
}

func (r *reader) operation(n, item *config.Node, path, method string) Operation {
	op := Operation{
		ID: said(n, "operationId"), Method: strings.ToUpper(method), Path: path, Summary: said(n, "summary"),
		Description: said(n, "description"), Deprecated: said(n, "deprecated") == "true", Pos: n.Pos(),
	}
	if id := n.Get("operationId"); id != nil {
		op.Pos = id.Pos()
	}
	if tags := items(n.Get("tags")); len(tags) > 0 {
		op.Tag = tags[0].Text.Value
	}
	r.security(&op, n)
	if r.swagger {
		r.swaggerParameters(&op, n, item)
	} else {
		r.parameters(&op, n, item)
		if body, _ := r.follow(n.Get("requestBody")); body != nil {
			op.BodyDoc, op.BodyRequired = said(body, "description"), said(body, "required") == "true"
			content := r.content(body.Get("content"))
			op.Body, op.BodyType, op.BodyBinary, op.BodyEncoding, op.BodyXML = content.t, content.media, content.binary, content.encoding,
				content.xml
			op.BodyOffers = r.offers(body.Get("content"), false)
			if op.Body == nil {
				op.Body = schema.TypeAny
			}
		}
	}
	for _, e := range entries(n.Get("responses")) {
		if answer, _ := r.follow(e.Value); answer != nil {
			if status, ok := statusOf(e.Key.Value); ok {
				op.Responses = append(op.Responses, r.answer(answer, n, status))
			} else if !strings.HasPrefix(e.Key.Value, "x-") {
				r.out.Report(diag.BadSchema, e.Key.Pos, "found response %q, expected a status, a range as 4XX, or default", e.Key.Value).
					WithLen(len(e.Key.Value))
			}
		}
	}
	return op
}

// statusOf reads the key of a response.
func statusOf(key string) (int, bool) {
	if key == "default" {
		return 0, true
	}
	if len(key) == 3 && key[0] >= '1' && key[0] <= '5' && strings.EqualFold(key[1:], "XX") {
		return int(key[0] - '0'), true
	}
	status, ok := wholeNumber(key)
	return status, ok && status >= 100 && status <= 599
}

// security reads who may call. What is not declared is a problem, for it must not mean that everybody may.
func (r *reader) security(op *Operation, n *config.Node) {
	list := n.Get("security")
	if list == nil {
		list = r.root.Get("security")
	}
	for _, item := range items(list) {
		all := Requirement{}
		for _, e := range item.Entries {
			use := SchemeUse{Scheme: e.Key.Value}
			for _, scope := range items(e.Value) {
				use.Scopes = append(use.Scopes, scope.Text.Value)
			}
			known := false
			for _, s := range r.doc.Info.Schemes {
				known = known || s.Name == use.Scheme
			}
			if !known && !r.told[e.Value] {
				r.told[e.Value] = true
				r.out.Report(diag.BadSchema, e.Key.Pos, "security scheme %q is not declared by the document", use.Scheme).WithLen(len(use.Scheme))
			}
			all = append(all, use)
		}
		op.Security = append(op.Security, all)
	}
}

func (r *reader) parameters(op *Operation, n, item *config.Node) {
	for _, p := range r.merged(n, item) {
		q := Parameter{
			Name: said(p, "name"), In: said(p, "in"), Required: said(p, "required") == "true", Doc: said(p, "description"),
			Style: said(p, "style"),
		}
		switch q.In {
		case "path":
			q.Required = true
		case "query", "header", "cookie":
		default:
			r.report(p, "parameter %q is in %q, expected path, query, header or cookie", q.Name, q.In)
			continue
		}
		explode := said(p, "explode")
		q.Explode = explode == "true" || explode == "" && (q.Style == "" || q.Style == "form") && (q.In == "query" || q.In == "cookie")
		q.AllowReserved = said(p, "allowReserved") == "true"
		if q.Type = r.read(p.Get("schema")); q.Type == nil {
			content := r.content(p.Get("content"))
			q.Type, q.ContentType = content.t, content.media
		}
		if q.Type == nil {
			q.Type = schema.TypeText
		}
		op.Parameters = append(op.Parameters, q)
	}
}

// merged returns the parameters of an operation: those of its path, unless it says its own of the same name and place.
func (r *reader) merged(n, item *config.Node) []*config.Node {
	var list []*config.Node
	at := map[string]int{}
	for _, from := range []*config.Node{item, n} {
		for _, p := range items(from.Get("parameters")) {
			p, _ = r.follow(p)
			if p == nil {
				continue
			}
			key := said(p, "in") + " " + said(p, "name")
			if i, there := at[key]; there {
				list[i] = p
				continue
			}
			at[key] = len(list)
			list = append(list, p)
		}
	}
	return list
}

// isJSON reports whether a media type is JSON, or admits it.
func isJSON(media string) bool {
	media = plain(media)
	return media == jsonMedia || media == "*/*" || media == "application/*" || strings.HasSuffix(media, "+json")
}

func (r *reader) answer(n, op *config.Node, status int) Response {
	a := Response{Status: status, Doc: said(n, "description")}
	if r.swagger {
		if s := n.Get("schema"); s != nil {
			a.Body, a.ContentType, a.Binary = r.read(s), r.media(op, "produces", r.produces), r.binary(s)
			if isXML(a.ContentType) {
				a.XML = r.xml(s)
			}
			if a.Binary && isJSON(a.ContentType) {
				a.ContentType = "*/*" // a file is no JSON, whatever the document says of all its operations
			} else if !a.Binary {
				a.Examples = r.oldExamples(n, a.ContentType)
				a.Offers = r.listed(op, "produces", r.produces, s, true)
			}
		}
	} else {
		content := r.content(n.Get("content"))
		a.Body, a.ContentType, a.Binary, a.Encoding, a.XML = content.t, content.media, content.binary, content.encoding, content.xml
		a.Examples = content.examples
		a.Offers = r.offers(n.Get("content"), true)
	}
	for _, e := range entries(n.Get("headers")) {
		h, _ := r.follow(e.Value)
		if h == nil || http.CanonicalHeaderKey(e.Key.Value) == "Content-Type" {
			continue
		}
		header := Header{Name: e.Key.Value, Doc: said(h, "description"), Required: said(h, "required") == "true"}
		switch {
		case r.swagger:
			header.Type = r.read(h)
		case h.Get("schema") != nil:
			header.Type = r.read(h.Get("schema"))
		default:
			header.Type = r.content(h.Get("content")).t
		}
		a.Headers = append(a.Headers, header)
	}
	return a
}

// items returns the items of a list; nothing of anything else.
func items(n *config.Node) []*config.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// entries returns the entries of a map; nothing of anything else.
func entries(n *config.Node) []config.Entry {
	if n == nil {
		return nil
	}
	return n.Entries
}
