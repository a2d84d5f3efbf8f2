package main

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// consoleAddress returns the root of the console's URLs, without a slash at its end, for what a person writes after --console: an http or
// https URL, or HOST:PORT or :PORT as in fondaco.yaml (a host that is absent is 127.0.0.1). Anything else is an error that says so.
func consoleAddress(text string) (string, error) {
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + text
	}
	u, err := url.Parse(full)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("--console %q: expected HOST:PORT or http://HOST:PORT", text)
	}
	if u.Hostname() == "" {
		u.Host = net.JoinHostPort("127.0.0.1", u.Port())
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.Path, "/"), nil
}
