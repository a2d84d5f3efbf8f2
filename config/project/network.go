package project

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Network is what a project says of the connections that it makes: to systems, for tokens and keys, and to tell ends.
type Network struct {
	AlsoDeny []netip.Prefix
	Proxy    config.Ref // empty for none
	Direct   []config.Text
}

func (w *Network) spec(o *spec.Object) {
	o.Var("also_deny", networks{"also_deny", &w.AlsoDeny}).
		Doc("Addresses and networks that nothing is connected to, besides those of the own link, of clouds' metadata, of many and of nobody, " +
			"which never are.").Example("[10.9.0.0/16]")
	o.Ref("proxy", &w.Proxy, "env", "secret").Doc("The HTTP proxy by which systems, tokens and keys are reached; none if it is left out, " +
		"whatever HTTP_PROXY says.").Example("http://dime:${secret.proxy}@proxy.city.example:3128")
	o.Var("direct", directHosts{&w.Direct}).Doc("The hosts that are reached without the proxy: names, endings of names that begin with a " +
		"dot, addresses and networks. This machine always is.").Example("[.intranet.city.example, 10.0.0.0/8]")
}

// check reports what can be seen to be wrong before the references are known.
func (w *Network) check(out *diag.List) {
	text := w.Proxy.Text.Value
	if len(w.Direct) > 0 && text == "" {
		w.Direct[0].Report(out, diag.BadValue, "direct: without network.proxy everything is reached directly")
	}
	if text == "" {
		return
	}
	if u, err := url.Parse(text); err == nil && u.User != nil && w.Proxy.IsLiteral() {
		if _, has := u.User.Password(); has {
			w.Proxy.Text.Report(out, diag.LiteralSecret, "network.proxy: a secret is written into the file").
				WithHint("write ${secret.NAME}, and put the value into the secrets folder or FONDACO_SECRET_NAME")
			return
		}
	}
	if w.Proxy.IsLiteral() {
		if _, err := proxyOf(text); err != nil {
			w.Proxy.Text.Report(out, diag.BadValue, "network.proxy: %s", err.Error())
		}
	}
}

// ProxyAddress returns the proxy, nil for none, with its references resolved by lookup. The error holds nothing of it.
func (w *Network) ProxyAddress(lookup func(space, name string) (value string, secret, ok bool)) (*url.URL, error) {
	if w.Proxy.IsZero() {
		return nil, nil //nolint:nilnil // there is none
	}
	// What a reference stands for may have any characters: in the user and the password they are data.
	text := w.Proxy.Text.Value
	inLogin := strings.Count(text[:strings.LastIndex(text, "@")+1], "${")
	n := 0
	resolved, _, err := w.Proxy.Resolve(func(space, name string) (string, bool, bool) {
		value, secret, ok := lookup(space, name)
		if n++; n <= inLogin {
			value = url.PathEscape(value)
			value = strings.NewReplacer(":", "%3A", "@", "%40").Replace(value)
		}
		return value, secret, ok
	})
	if err != nil {
		return nil, err
	}
	if resolved == "" {
		return nil, nil //nolint:nilnil // the environment says that there is none
	}
	return proxyOf(resolved)
}

var errProxy = errors.New("the address of the proxy is not understood; expected http://[user:password@]host:port, or https://")

func proxyOf(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" ||
		u.Fragment != "" {
		return nil, errProxy
	}
	return u, nil
}

// networks are addresses or networks.
type networks struct {
	name string
	to   *[]netip.Prefix
}

// Decode reads one or several.
func (p networks) Decode(n *config.Node, out *diag.List) {
	for _, t := range texts(p.name, n, out) {
		prefix, err := netip.ParsePrefix(t.Value)
		if address, err2 := netip.ParseAddr(t.Value); err2 == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			t.Report(out, diag.BadValue, "%s: found %q, expected an address or network as 10.0.0.0/8", p.name, t.Value)
			continue
		}
		*p.to = append(*p.to, prefix.Masked())
	}
}

// Schema is that of texts.
func (p networks) Schema() spec.Schema { return textsSchema() }

// directHosts are names, endings of names, addresses and networks.
type directHosts struct{ to *[]config.Text }

// Decode reads one or several.
func (h directHosts) Decode(n *config.Node, out *diag.List) {
	for _, t := range texts("direct", n, out) {
		_, noAddress := netip.ParseAddr(t.Value)
		_, noNetwork := netip.ParsePrefix(t.Value)
		if noAddress != nil && noNetwork != nil && !hostName.MatchString(strings.TrimPrefix(t.Value, ".")) {
			t.Report(out, diag.BadValue, "direct: found %q, expected a name, an ending as .intranet.city.example, an address or a network", t.Value)
			continue
		}
		*h.to = append(*h.to, t)
	}
}

// Schema is that of texts.
func (h directHosts) Schema() spec.Schema { return textsSchema() }
