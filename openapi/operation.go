package openapi

import (
	"fondaco/config/diag"
	"fondaco/schema"
)

// Operation is one method on one path, as callers see it.
type Operation struct {
	ID           string // unique in a document
	Method       string // GET, POST, ...
	Path         string // with parameters in braces: /multe/{numero}
	Summary      string // one line
	Description  string // CommonMark
	Tag          string // the group it is shown in; "" is none
	Deprecated   bool
	Parameters   []Parameter
	Body         *schema.Type // nil if there is none
	BodyType     string       // its media type; "" is application/json
	BodyDoc      string
	BodyBinary   bool                // its schema is of octets as they are: format: binary
	BodyEncoding map[string]Encoding // of the fields of a form, by their name
	BodyXML      *XML                // how it stands in XML, if its media type is that; nil of one that is to be written
	BodyOffers   []Offer             // where the document has several media types, each of them; of ReadClient alone
	BodyRequired bool
	Responses    []Response    // in the order of their status
	Security     []Requirement // alternatives: one must hold; none at all means that everybody may call
	RateLimited  bool          // answers tell the caller's quota, and may be 429
	Callbacks    []Callback    // requests that it makes to its caller later; Read passes over them
	Extensions   []Extension   // x-... fields of the operation, written in this order
	Pos          diag.Pos      // where it was declared; the zero Pos if that is unknown
}

// Callback is a request that an operation makes to an address of its caller, by POST.
type Callback struct {
	Name        string // in the document
	Expression  string // where the address comes from, as {$request.header.X-ReplyTo}
	Summary     string
	Description string
	Parameters  []Parameter
	Body        *schema.Type // nil if there is none, or only a problem
	BodyType    string       // its media type; "" is application/json
	// BodyEncoding says of the fields of a body of several parts, by their names, what stands in their parts; nil for another body.
	BodyEncoding map[string]Encoding
	Problem      bool         // a problem may come in its place
	Members      *schema.Type // as of a Response, of that problem
	Others       []Content    // further media types that may come in their place
	Responses    []Response   // that the receiver sends; those of failures are not declared
}

// Parameter is a value that a request carries outside its body.
type Parameter struct {
	Name     string
	In       string // path, query, header or cookie
	Type     *schema.Type
	Required bool // path parameters always are
	Doc      string
	// Style and Explode say how a list or a record is written, as OpenAPI names it. "" is the place's own style: form
	// for query and cookie, simple for path and header. Of a Parameter to be written Explode counts only with a Style.
	Style   string
	Explode bool
	// AllowReserved says that reserved characters stay as they are. ContentType is the media type of a value that the
	// document describes under content; "" if it has a schema and a style.
	AllowReserved bool
	ContentType   string
}

// Encoding says how a field of a form is written, where the document says more than its schema does.
type Encoding struct {
	ContentType            string // of the value; "" if it is not said
	Styled                 bool   // style, explode or allowReserved is said: ContentType counts for nothing then
	Style                  string // as of a query's parameter
	Explode, AllowReserved bool
	Binary                 bool     // its schema is of octets as they are, or of a list of such
	Headers                []string // that a part of a multipart body must have besides
}

// Response is one answer of an operation.
type Response struct {
	Status int // an HTTP status; 0 is every status that the others do not name, 2, 4 and 5 are 2XX, 4XX and 5XX
	Doc    string
	Body   *schema.Type // nil if the answer has none
	// Members are what a problem may hold beside its own members (RFC 9457 §3.2), a record; nil if nothing. It is for writing alone.
	Members *schema.Type
	// Kinds are named problems that it may be, records of all their members. They are for writing alone.
	Kinds []*schema.Type
	// Others are further media types that the answer may be of. They are for writing alone.
	Others []Content
	// ContentType is the body's media type; "" is application/json, for a status from 400 application/problem+json.
	ContentType string
	Binary      bool                // the body's schema is of octets as they are: format: binary
	Encoding    map[string]Encoding // of the fields of a form or of a body of several parts, by their names; nil for another body
	XML         *XML                // how it stands in XML, if its media type is that
	Offers      []Offer             // as BodyOffers of an Operation
	Headers     []Header
	Examples    []Example // that the document shows of the body; Read alone fills them
}

// Example is a body that a document shows.
type Example struct {
	Name  string // "" of one without
	Value schema.Value
}

// Content is what a message is in one media type.
type Content struct {
	Type string
	Body *schema.Type
}

// Header is a field of an answer's head.
type Header struct {
	Name     string
	Type     *schema.Type // nil is text
	Required bool
	Doc      string
}

// Requirement is a set of security schemes that must all hold together.
type Requirement []SchemeUse

// SchemeUse names a security scheme of the document with the scopes or roles that a caller needs.
type SchemeUse struct {
	Scheme string
	Scopes []string
}

// Extension is a field whose name begins with x-. Value is JSON.
type Extension struct {
	Name  string
	Value string
}
