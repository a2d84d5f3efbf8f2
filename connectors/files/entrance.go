package files

import (
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/ftp"
	"fondaco/connectors/files/s3"
	"fondaco/connectors/files/sftp"
)

// entrance is what a connector says of how a server is entered, and known.
type entrance struct {
	user, password, key, passphrase config.Ref
	knownHosts, hostKey, ca         config.Ref
	access, secret                  config.Ref // of a store of S3
	endpoint, region                config.Ref
	most                            int
	idle                            time.Duration
}

// What holds when nothing is said.
const (
	defaultConnections = 4
	defaultIdle        = 30 * time.Second
)

func newEntrance() entrance { return entrance{most: defaultConnections, idle: defaultIdle} }

func (e *entrance) spec(o *spec.Object) {
	o.Ref("user", &e.user, connectors.Spaces...).Doc("Of a server: the user.").Example("${param.user}")
	o.Ref("password", &e.password, connectors.Spaces...).Doc("The user's password.").Example("${param.password}")
	o.Ref("private_key", &e.key, connectors.Spaces...).
		Doc("The user's private key in PEM or in OpenSSH's form: a file of the project, or ${secret.x} with the key itself.").
		Example("${param.key}")
	o.Ref("passphrase", &e.passphrase, connectors.Spaces...).Doc("What the private key is encrypted with.").Example("${param.passphrase}")
	o.Ref("known_hosts", &e.knownHosts, connectors.Spaces...).
		Doc("The keys by which the server is known, in the form of OpenSSH's known_hosts: a file of the project, or the lines themselves. A " +
			"server has this or host_key: nothing is sent to one that is not known.").Example("keys/known_hosts")
	o.Ref("host_key", &e.hostKey, connectors.Spaces...).
		Doc("The fingerprint of the server's key, or several with blanks between them, as while it changes.").
		Example("SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8")
	o.Ref("ca", &e.ca, connectors.Spaces...).
		Doc("Of ftps and s3: the certificates by which the server is known, in PEM: a file of the project, or the certificates themselves.").
		Default("those that this machine trusts").Example("keys/agenzia.pem")
	o.Ref("access_key", &e.access, connectors.Spaces...).Doc("Of s3: the key that says who we are.").Example("${param.access_key}")
	o.Ref("secret_key", &e.secret, connectors.Spaces...).Doc("Of s3: the key that proves it.").Example("${param.secret_key}")
	o.Ref("endpoint", &e.endpoint, connectors.Spaces...).Doc("Of s3: where the store is.").Default("that of Amazon in region:").
		Example("https://minio.example:9000")
	o.Ref("region", &e.region, connectors.Spaces...).Doc("Of s3: the region.").
		Default("that of an endpoint of Amazon, us-east-1 otherwise").Example("eu-south-1")
	o.Int("connections", &e.most).Range(1, 100).
		Doc("How many connections to the server there are at once at most. A call has one while it lasts, a stream until it ends; watches have " +
			"two of their own.").Default("4")
	o.Duration("idle_timeout", &e.idle).Doc("How long the server may be silent while it is asked something. A file may take longer as " +
		"long as something of it comes.").Default("30s")
}

// field is one that is said.
type field struct {
	name string
	ref  config.Ref
}

// said lists the fields that are said.
func (e *entrance) said() []field {
	return slices.DeleteFunc([]field{
		{"user", e.user},
		{"password", e.password},
		{"private_key", e.key},
		{"passphrase", e.passphrase},
		{"known_hosts", e.knownHosts},
		{"host_key", e.hostKey},
		{"ca", e.ca},
		{"access_key", e.access},
		{"secret_key", e.secret},
		{"endpoint", e.endpoint},
		{"region", e.region},
	}, func(p field) bool { return p.ref.IsZero() })
}

// takes are the fields that each scheme takes.
var takes = map[string][]string{
	"file": nil,
	"sftp": {"user", "password", "private_key", "passphrase", "known_hosts", "host_key"},
	"ftp":  {"user", "password"},
	"ftps": {"user", "password", "ca"},
	"s3":   {"access_key", "secret_key", "endpoint", "region", "ca"},
}

// owner returns the scheme whose servers take a field, the first of several.
func owner(field string) string {
	for _, scheme := range []string{"sftp", "ftps", "s3"} {
		if slices.Contains(takes[scheme], field) {
			return scheme
		}
	}
	return ""
}

// describe reports what a server needs and is not said, and what cannot be right.
func (e *entrance) describe(c *connectors.Connector, address config.Ref, out *diag.List) {
	c.CheckRefs(out, e.user, e.password, e.key, e.passphrase, e.knownHosts, e.hostKey, e.ca, e.access, e.secret, e.endpoint, e.region)
	scheme := schemeOf(c, address)
	said := e.said()
	taken, known := takes[scheme]
	if known && !e.fits(scheme, taken, said, out) || c.Unread || c.Partly {
		return
	}
	for _, p := range said { // systems say the address, and what is said here is of one kind of servers
		if own := owner(p.name); scheme == "" && p.name != "user" && p.name != "password" || scheme == "ftps" && own == "s3" {
			scheme = owner(p.name)
		}
	}
	if scheme == "" && len(said) > 0 {
		scheme = "ftp" // which asks for the least
	}
	e.needs(scheme, address.Text, out)
	e.checkLiterals(c, out)
}

// fits reports fields that do not belong to an address.
func (e *entrance) fits(scheme string, taken []string, said []field, out *diag.List) bool {
	for _, p := range said {
		switch {
		case slices.Contains(taken, p.name):
			continue
		case scheme == "file":
			p.ref.Text.Report(out, diag.BadConnector, "%s belongs to a server, and the address is a folder of this machine", p.name)
		default:
			p.ref.Text.Report(out, diag.BadConnector, "%s belongs to servers of %s:, and the address begins with %s:", p.name, owner(p.name), scheme)
		}
		return false
	}
	return true
}

// needs reports what servers of a scheme need and is not said.
func (e *entrance) needs(scheme string, at config.Text, out *diag.List) {
	if at.Value == "" || len(takes[scheme]) == 0 {
		return
	}
	if scheme == "s3" {
		if e.access.IsZero() || e.secret.IsZero() {
			at.Report(out, diag.BadConnector, "the connector does not say both keys for the store").
				WithHint("write access_key: ${param.access_key} and secret_key: ${param.secret_key}")
		}
		return
	}
	ssh := scheme == "sftp"
	if ssh && e.knownHosts.IsZero() && e.hostKey.IsZero() {
		at.Report(out, diag.BadConnector, "the connector does not say by what key the server is known: nothing is sent to one that is not").
			WithHint("write host_key: SHA256:… with the fingerprint that the server's owner tells you, or known_hosts: and a file with its lines")
	}
	if e.user.IsZero() {
		at.Report(out, diag.BadConnector, "the connector says no user for the server").WithHint("write user: ${param.user}")
	}
	switch {
	case !e.password.IsZero():
	case !ssh:
		at.Report(out, diag.BadConnector, "the connector says no password for the server").WithHint("write password: ${param.password}")
	case e.key.IsZero():
		at.Report(out, diag.BadConnector, "the connector says neither password nor private key for the server").
			WithHint("write private_key: ${param.key}, or password: ${param.password}")
	}
}

// checkLiterals reads what stands in the connector itself.
func (e *entrance) checkLiterals(c *connectors.Connector, out *diag.List) {
	if e.endpoint.IsLiteral() && !e.endpoint.IsZero() {
		if _, err := s3.Endpoint(e.endpoint.Text.Value); err != nil {
			e.endpoint.Text.Report(out, diag.BadValue, "endpoint: %v", err)
		}
	}
	if text := e.ca.Text.Value; e.ca.IsLiteral() && text != "" {
		err, content := error(nil), []byte(text)
		if !strings.Contains(text, "-----BEGIN") {
			content, err = config.ReadPlain(c.FS, text, mostKnownHosts)
		}
		if err == nil {
			_, err = ftp.Authorities(content)
		}
		if err != nil {
			e.ca.Text.Report(out, diag.BadValue, "ca: %v", err)
		}
	}
	if e.hostKey.IsLiteral() && !e.hostKey.IsZero() {
		if err := sftp.Check(nil, e.hostKey.Text.Value); err != nil {
			e.hostKey.Text.Report(out, diag.BadValue, "%v", err)
		}
	}
	if !e.knownHosts.IsLiteral() || e.knownHosts.IsZero() {
		return
	}
	text := e.knownHosts.Text.Value
	lines := []byte(text)
	if !isKnownHosts(text) {
		var err error
		if lines, err = config.ReadPlain(c.FS, text, mostKnownHosts); err != nil {
			e.knownHosts.Text.Report(out, diag.BadValue, "known_hosts: %v", err)
			return
		}
	}
	if err := sftp.Check(lines, ""); err != nil {
		e.knownHosts.Text.Report(out, diag.BadValue, "%v", err)
	}
}

// mostKnownHosts is how large a file of known_hosts may be.
const mostKnownHosts = 1 << 20

// isKnownHosts reports whether a text is lines of known_hosts rather than the name of a file.
func isKnownHosts(text string) bool {
	return strings.Contains(text, " ssh-") || strings.Contains(text, " ecdsa-") || strings.Contains(text, "\n")
}

// schemeOf returns the scheme of an address as far as the connector says it, "" if systems do.
func schemeOf(c *connectors.Connector, address config.Ref) string {
	text := address.Text.Value
	if names := address.Names(); len(names) == 1 && text == "${param."+names[0].Name+"}" {
		if text = ""; c.Param(names[0].Name) != nil {
			text = c.Param(names[0].Name).Default
		}
	}
	scheme, _, _ := strings.Cut(text, ":")
	return scheme
}

// resolve fills in what a system says of its server.
func (e *entrance) resolve(s *connectors.System, o *driver.Options) (err error) {
	o.Most, o.Idle = e.most, e.idle
	if n := s.Concurrency(); n > 0 {
		o.Most = n
	}
	user, password := e.user, e.password
	if o.Scheme == "s3" {
		user, password = e.access, e.secret
	}
	for _, one := range []struct {
		from config.Ref
		to   *string
	}{
		{user, &o.Entry.User},
		{password, &o.Entry.Password},
		{e.endpoint, &o.Entry.Endpoint},
		{e.region, &o.Entry.Region},
		{e.passphrase, &o.Entry.Passphrase},
		{e.hostKey, &o.Entry.HostKeys},
	} {
		if *one.to, _, err = s.Resolve(one.from); err != nil {
			return err
		}
	}
	if o.Entry.Key, err = s.File(e.key); err != nil {
		return err
	}
	if o.Entry.CA, err = s.File(e.ca); err != nil {
		return err
	}
	o.Entry.KnownHosts, err = s.FileUnless(e.knownHosts, isKnownHosts)
	return err
}
