package transport

import (
	"net/http"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
)

// Access is how a system is reached over HTTP, as a connector declares it: the address, what says who we are, the
// certificates, the headers of every request. The zero Access declares nothing.
type Access struct {
	endpoint config.Ref

	user, password, bearer         config.Ref
	digestUser, digestPassword     config.Ref
	keyHeader, keyQuery, keyCookie string
	key                            config.Ref

	tokenURL, clientID, clientSecret config.Ref
	scopes                           []config.Text

	caller                                                                      config.Text // "token" where the caller's is sent on
	exchangeURL, exchangeID, exchangeSecret, exchangeAudience, exchangeResource config.Ref
	exchangeScopes                                                              []config.Text
	exchangeType                                                                string

	awsKey, awsSecret, awsSession, awsRegion, awsService config.Ref
	sign                                                 recipe

	certificate, tlsKey, ca config.Ref

	headers   []accessHeader
	maxAnswer int64
}

type accessHeader struct {
	key   config.Text
	value config.Ref
}

// Spec declares the fields; endpoint is said by the protocol in its own words.
func (a *Access) Spec(o *spec.Object, endpoint string) {
	o.Ref("endpoint", &a.endpoint, connectors.Spaces...).Required().Doc(endpoint).Example("${param.endpoint}")
	o.Object("auth", func(o *spec.Object) {
		o.Object("basic", func(o *spec.Object) {
			o.Ref("username", &a.user, connectors.Spaces...).Required().Doc("The user.")
			o.Ref("password", &a.password, connectors.Spaces...).Required().Doc("The password.")
		}).Doc("HTTP basic authentication.")
		o.Object("digest", func(o *spec.Object) {
			o.Ref("username", &a.digestUser, connectors.Spaces...).Required().Doc("The user.")
			o.Ref("password", &a.digestPassword, connectors.Spaces...).Required().Doc("The password, which is never sent.")
		}).Doc("HTTP digest authentication (RFC 7616), with SHA-256 or MD5 as the system asks.")
		o.Ref("bearer", &a.bearer, connectors.Spaces...).Doc("A bearer token.")
		o.Object("api_key", func(o *spec.Object) {
			o.String("header", &a.keyHeader).Doc("The header that carries the key.")
			o.String("query", &a.keyQuery).Doc("Or the query parameter.")
			o.String("cookie", &a.keyCookie).Doc("Or the cookie.")
			o.Ref("value", &a.key, connectors.Spaces...).Required().Doc("The key.")
		}).Doc("An API key.")
		o.Object("oauth2", func(o *spec.Object) {
			o.Ref("token_url", &a.tokenURL, connectors.Spaces...).Required().Doc("Where tokens are given.")
			o.Ref("client_id", &a.clientID, connectors.Spaces...).Required().Doc("The client.")
			o.Ref("client_secret", &a.clientSecret, connectors.Spaces...).Required().Doc("Its secret.")
			o.Texts("scopes", &a.scopes).Doc("What is asked for.")
		}).Doc("OAuth 2 client credentials (RFC 6749 §4.4).")
		o.Object("aws", func(o *spec.Object) {
			o.Ref("access_key", &a.awsKey, connectors.Spaces...).Required().Doc("The id of the access key.")
			o.Ref("secret_key", &a.awsSecret, connectors.Spaces...).Required().Doc("The secret access key, which is never sent.")
			o.Ref("session_token", &a.awsSession, connectors.Spaces...).Doc("The session token of temporary credentials.")
			o.Ref("region", &a.awsRegion, connectors.Spaces...).Required().Doc("The region.").Example("eu-south-1")
			o.Ref("service", &a.awsService, connectors.Spaces...).Required().Doc("The service's signing name.").Example("s3")
		}).Doc("Requests are signed by AWS Signature Version 4, as S3, API Gateway and what is compatible with them ask for.")
		o.Text("caller", &a.caller).Doc("token: the caller's own access token is sent on as it came, to the system's own host alone. Routes " +
			"that call the system answer at once, to callers who have a token (an auth scheme): it is never stored.").Example("token")
		o.Object("exchange", a.exchangeSpec).Doc("The caller's access token is exchanged for one that the system takes (RFC 8693), which is " +
			"kept in memory for that caller until it expires. Routes that call the system answer at once, as with caller.")
	}).Doc("How the system knows us.")
	o.Object("sign", a.sign.spec).Doc("How requests are signed, computed each time that one is sent, after auth. Expressions read param, " +
		"secrets included, method, host, path and query as they are sent, headers by their names in small letters, body in octets, nonce " +
		"(random text), now() as the moment of sending, and the values above them.")
	o.Object("tls", func(o *spec.Object) {
		o.Ref("certificate", &a.certificate, connectors.Spaces...).Doc("Our certificate in PEM: a file of the project.")
		o.Ref("key", &a.tlsKey, connectors.Spaces...).Doc("Its key in PEM: a file of the project, or ${secret.x} with the key itself.")
		o.Ref("ca", &a.ca, connectors.Spaces...).Doc("The authorities that are trusted instead of the machine's.")
	}).Doc("Mutual TLS.")
	o.Entries("headers", spec.Schema{"type": "string"}, func(key config.Text, value *config.Node, out *diag.List) {
		a.headers = append(a.headers, accessHeader{key, config.ParseRefs(value.Text, connectors.Spaces, out)})
	}).AnyKeys().Doc("HTTP headers of every request.")
	o.Size("max_answer", &a.maxAnswer).Doc("How large an answer may be.").Default("10MiB")
}

// exchangeSpec declares the fields of exchange.
func (a *Access) exchangeSpec(o *spec.Object) {
	o.Ref("token_url", &a.exchangeURL, connectors.Spaces...).Required().Doc("Where tokens are exchanged.")
	o.Ref("client_id", &a.exchangeID, connectors.Spaces...).Required().Doc("The client that we are there.")
	o.Ref("client_secret", &a.exchangeSecret, connectors.Spaces...).Required().Doc("Its secret.")
	o.Ref("audience", &a.exchangeAudience, connectors.Spaces...).Doc("The name of the system for which the token is asked.")
	o.Ref("resource", &a.exchangeResource, connectors.Spaces...).Doc("Its address, where the server of tokens knows it by that.")
	o.Texts("scopes", &a.exchangeScopes).Doc("What is asked for.")
	o.String("requested_token_type", &a.exchangeType).Doc("The type of token that is asked for.").Default("the server's own choice").
		Example("urn:ietf:params:oauth:token-type:access_token")
}

// Check reports what contradicts itself, references to nothing, and secrets that lie open. own are headers that the
// protocol sets itself.
func (a *Access) Check(c *connectors.Connector, out *diag.List, own ...string) {
	c.CheckRefs(out, a.endpoint, a.user, a.password, a.digestUser, a.digestPassword, a.bearer, a.key, a.tokenURL, a.clientID, a.clientSecret,
		a.certificate, a.tlsKey, a.ca,
		a.awsKey, a.awsSecret, a.awsSession, a.awsRegion, a.awsService,
		a.exchangeURL, a.exchangeID, a.exchangeSecret, a.exchangeAudience, a.exchangeResource)
	c.CheckSecret(out, "password", a.password)
	c.CheckSecret(out, "password", a.digestPassword)
	c.CheckSecret(out, "bearer", a.bearer)
	c.CheckSecret(out, "value", a.key)
	c.CheckSecret(out, "client_secret", a.clientSecret)
	c.CheckSecret(out, "secret_key", a.awsSecret)
	c.CheckSecret(out, "session_token", a.awsSession)
	c.CheckSecret(out, "client_secret", a.exchangeSecret)
	for _, h := range a.headers {
		c.CheckRefs(out, h.value)
		CheckHeader(h.key, out, own...)
	}
	first := a.oneForm(out)
	if !a.sign.isZero() {
		a.sign.check(c, out)
		a.checkSign(first, out)
	}
	a.checkKey(out)
	a.checkCaller(c, out)
	if a.certificate.IsZero() != a.tlsKey.IsZero() {
		given := a.certificate
		if given.IsZero() {
			given = a.tlsKey
		}
		given.Text.Report(out, diag.BadConnector, "tls needs both certificate and key, or neither")
	}
}

// oneForm returns the form of auth that is said, and reports others beside it.
func (a *Access) oneForm(out *diag.List) (first string) {
	for _, kind := range []struct {
		name string
		ref  config.Ref
	}{
		{"basic", a.user},
		{"digest", a.digestUser},
		{"bearer", a.bearer},
		{"api_key", a.key},
		{"oauth2", a.tokenURL},
		{"aws", a.awsKey},
		{"caller", config.Ref{Text: a.caller}},
		{"exchange", a.exchangeURL},
	} {
		switch {
		case kind.ref.IsZero():
		case first == "":
			first = kind.name
		default:
			kind.ref.Text.Report(out, diag.BadConnector, "auth says both %s and %s, expected one of them", first, kind.name)
		}
	}
	return first
}

// checkSign reports headers that both auth and sign give.
func (a *Access) checkSign(form string, out *diag.List) {
	theirs := "Authorization"
	switch form {
	case "":
		return
	case "api_key":
		theirs = http.CanonicalHeaderKey(a.keyHeader)
	}
	for _, x := range a.sign.headers {
		if name := http.CanonicalHeaderKey(x.name.Value); name == theirs {
			x.name.Report(out, diag.BadConnector, "the header %s is given by auth.%s already", name, form)
		}
	}
}

// checkCaller notes that calls are made with the caller's token, and reports what cannot be had with it.
func (a *Access) checkCaller(c *connectors.Connector, out *diag.List) {
	at := a.exchangeURL.Text
	switch {
	case a.caller.Value != "":
		if at = a.caller; at.Value != "token" {
			at.Report(out, diag.BadValue, "found %q, expected token: the caller's token is sent on", at.Value)
		}
	case a.exchangeURL.IsZero():
		return
	}
	c.ForCaller = true
	if c.Session != nil {
		at.Report(out, diag.BadConnector, "the connector has a session, which all callers share, and sends on each caller's own token: "+
			"expected one of them")
	}
}

// Rereads reports whether a request's body must be known, or sent twice, to prove who we are.
func (a *Access) Rereads() bool {
	over := func(list []ingredient) bool {
		return slices.ContainsFunc(list, func(x ingredient) bool { return x.mapping.Mentions("body") })
	}
	return !a.awsKey.IsZero() || !a.digestUser.IsZero() || over(a.sign.values) || over(a.sign.headers) || over(a.sign.query)
}

// checkKey reports an API key that is to be sent nowhere, in two places, or in a cookie that cannot be.
func (a *Access) checkKey(out *diag.List) {
	places := 0
	for _, place := range []string{a.keyHeader, a.keyQuery, a.keyCookie} {
		if place != "" {
			places++
		}
	}
	if places > 1 || places == 0 && !a.key.IsZero() {
		a.key.Text.Report(out, diag.BadConnector, "api_key needs one of header, query and cookie: where the key is sent")
	}
	for i, r := range a.keyCookie {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) {
			a.key.Text.Report(out, diag.BadValue, "api_key: found %q in the name of the cookie, at character %d", r, i+1)
			break
		}
	}
}

// CheckHeader reports a name that no header may have, or that belongs to the transport or the protocol.
func CheckHeader(name config.Text, out *diag.List, own ...string) {
	for i, r := range name.Value {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) {
			out.Report(diag.BadValue, name.At(i), "found %q in the name of a header", r)
			return
		}
	}
	canonical := http.CanonicalHeaderKey(name.Value)
	switch canonical {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Te", "Trailer", "Upgrade":
		name.Report(out, diag.BadConnector, "the header %s is the transport's own", name.Value)
	}
	for _, h := range own {
		if canonical == http.CanonicalHeaderKey(h) {
			name.Report(out, diag.BadConnector, "the header %s is the protocol's own", name.Value)
		}
	}
}

// Resolve makes the options of a client of the system, and the headers of every request, which are the caller's to
// change. The endpoint is an http or https address as it is written, with its query and the slash at its end.
func (a *Access) Resolve(s *connectors.System, clock config.Clock) (Options, http.Header, error) {
	r := resolver{s: s}
	o := Options{System: s.Name, MaxConns: s.Concurrency(), MaxAnswer: a.maxAnswer, Dial: s.Dial, Proxy: s.Proxy, Clock: clock}
	o.Auth = Auth{
		User: r.text(a.user), Password: r.text(a.password), Bearer: r.text(a.bearer),
		KeyHeader: a.keyHeader, KeyQuery: a.keyQuery, KeyCookie: a.keyCookie, Key: r.text(a.key),
		TokenURL: r.address(a.tokenURL), ClientID: r.text(a.clientID), ClientSecret: r.text(a.clientSecret),
	}
	if !a.digestUser.IsZero() {
		o.Auth.Digest, o.Auth.User, o.Auth.Password = true, r.text(a.digestUser), r.text(a.digestPassword)
	}
	if !a.awsKey.IsZero() {
		o.Auth.AWS = &AWS{
			AccessKey: r.text(a.awsKey), SecretKey: r.text(a.awsSecret), SessionToken: r.text(a.awsSession),
			Region: r.text(a.awsRegion), Service: r.text(a.awsService),
		}
	}
	o.Auth.Caller, o.Auth.Simulated = a.caller.Value != "", s.Simulated()
	if !a.exchangeURL.IsZero() {
		o.Auth.Exchange = &Exchange{
			TokenURL: r.address(a.exchangeURL), ClientID: r.text(a.exchangeID), ClientSecret: r.text(a.exchangeSecret),
			Audience: r.text(a.exchangeAudience), Resource: r.text(a.exchangeResource), Requested: a.exchangeType,
		}
		for _, scope := range a.exchangeScopes {
			o.Auth.Exchange.Scopes = append(o.Auth.Exchange.Scopes, scope.Value)
		}
	}
	for _, scope := range a.scopes {
		o.Auth.Scopes = append(o.Auth.Scopes, scope.Value)
	}
	if !s.Simulated() {
		o.TLS = TLS{Certificate: r.file(a.certificate), Key: r.file(a.tlsKey), CA: r.file(a.ca)}
	}
	header := http.Header{}
	for _, h := range a.headers {
		header.Set(h.key.Value, r.text(h.value))
	}
	if r.err != nil {
		return o, nil, r.err
	}
	var err error
	if o.sign, err = a.sign.signer(s, clock.Now); err != nil {
		return o, nil, err
	}
	o.Endpoint, err = Endpoint(s, a.endpoint)
	return o, header, err
}

// Addresses lists what says where a system is.
func (a *Access) Addresses() []config.Ref { return []config.Ref{a.endpoint, a.tokenURL, a.exchangeURL} }

// Tokens returns the server of tokens that simulates the system's, nil if it asks for none.
func (a *Access) Tokens(s *connectors.System) (*Tokens, error) {
	r := resolver{s: s}
	t := &Tokens{Token: "simulated-" + s.Connector.Name}
	switch {
	case !a.tokenURL.IsZero():
		t.ClientID, t.ClientSecret = r.text(a.clientID), r.text(a.clientSecret)
	case !a.exchangeURL.IsZero():
		t.ClientID, t.ClientSecret, t.Exchanges = r.text(a.exchangeID), r.text(a.exchangeSecret), true
	default:
		return nil, nil //nolint:nilnil // it asks for none
	}
	return t, r.err
}

// resolver resolves references and keeps the first failure.
type resolver struct {
	s   *connectors.System
	err error
}

func (r *resolver) text(ref config.Ref) string {
	if ref.IsZero() || r.err != nil {
		return ""
	}
	text, _, err := r.s.Resolve(ref)
	if err != nil {
		r.err = err
	}
	return text
}

// address resolves where else than at the endpoint the system is asked for something.
func (r *resolver) address(ref config.Ref) string {
	if _, placed := r.s.Place(); !placed || ref.IsZero() || r.err != nil {
		return r.text(ref)
	}
	u, err := Endpoint(r.s, ref)
	if err != nil {
		r.err = err
		return ""
	}
	return u.String()
}

// file returns what a reference holds in PEM, or the file of the project that it names.
func (r *resolver) file(ref config.Ref) []byte {
	if r.err != nil {
		return nil
	}
	b, err := r.s.File(ref)
	if err != nil {
		r.err = err
	}
	return b
}
