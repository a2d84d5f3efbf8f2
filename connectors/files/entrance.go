package files

import (
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/sftp"
)

// entrance is what a connector says of how a server is entered, and known.
type entrance struct {
	user, password, key, passphrase config.Ref
	knownHosts, hostKey             config.Ref
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
	o.Int("connections", &e.most).Range(1, 100).
		Doc("How many connections to the server there are at once at most. A call has one while it lasts, a stream until it ends; watches have " +
			"two of their own.").Default("4")
	o.Duration("idle_timeout", &e.idle).Doc("How long the server may be silent while it is asked something. A file may take longer as " +
		"long as something of it comes.").Default("30s")
}

// said lists what is said, by the names of the fields.
func (e *entrance) said() (names []string, first config.Text) {
	for _, f := range []struct {
		name string
		ref  config.Ref
	}{
		{"user", e.user},
		{"password", e.password},
		{"private_key", e.key},
		{"passphrase", e.passphrase},
		{"known_hosts", e.knownHosts},
		{"host_key", e.hostKey},
	} {
		if f.ref.IsZero() {
			continue
		}
		if names = append(names, f.name); len(names) == 1 {
			first = f.ref.Text
		}
	}
	return names, first
}

// describe reports what a server needs and is not said, and what cannot be right.
func (e *entrance) describe(c *connectors.Connector, address config.Ref, out *diag.List) {
	c.CheckRefs(out, e.user, e.password, e.key, e.passphrase, e.knownHosts, e.hostKey)
	scheme := schemeOf(c, address)
	said, first := e.said()
	switch {
	case scheme == "file" && len(said) > 0:
		first.Report(out, diag.BadConnector, "%s belongs to a server, and the address is a folder of this machine", said[0])
		return
	case len(said) == 0 && scheme != "sftp", c.Unread:
		return
	}
	at := address.Text
	if at.Value == "" {
		return
	}
	if e.knownHosts.IsZero() && e.hostKey.IsZero() {
		at.Report(out, diag.BadConnector, "the connector does not say by what key the server is known: nothing is sent to one that is not").
			WithHint("write host_key: SHA256:… with the fingerprint that the server's owner tells you, or known_hosts: and a file with its lines")
	}
	if e.user.IsZero() {
		at.Report(out, diag.BadConnector, "the connector says no user for the server").WithHint("write user: ${param.user}")
	}
	if e.password.IsZero() && e.key.IsZero() {
		at.Report(out, diag.BadConnector, "the connector says neither password nor private key for the server").
			WithHint("write private_key: ${param.key}, or password: ${param.password}")
	}
	e.checkLiterals(c, out)
}

// checkLiterals reads what stands in the connector itself.
func (e *entrance) checkLiterals(c *connectors.Connector, out *diag.List) {
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
	for _, one := range []struct {
		from config.Ref
		to   *string
	}{{e.user, &o.Entry.User}, {e.password, &o.Entry.Password}, {e.passphrase, &o.Entry.Passphrase}, {e.hostKey, &o.Entry.HostKeys}} {
		if *one.to, _, err = s.Resolve(one.from); err != nil {
			return err
		}
	}
	if o.Entry.Key, err = s.File(e.key); err != nil {
		return err
	}
	o.Entry.KnownHosts, err = s.FileUnless(e.knownHosts, isKnownHosts)
	return err
}
