package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"fondaco/engine"
)

// consoleVariable is the environment's word on where the console is.
const consoleVariable = "FONDACO_CONSOLE"

// usualConsole is where the console is taken to be if nothing says it.
const usualConsole = "127.0.0.1:8081"

// consoleRoot returns the root of the console's URLs, and who said it: a person after --console, else the environment's
// FONDACO_CONSOLE, else the project in the folder where the command is given, else the usual address.
func consoleRoot(w *engine.World, said string) (root, source string, err error) {
	if said != "" {
		root, err = consoleAddress(said)
		return root, "--console", named("--console", said, err)
	}
	if text, ok := w.Env(consoleVariable); ok && text != "" {
		root, err = consoleAddress(text)
		return root, consoleVariable, named(consoleVariable, text, err)
	}
	if p, err := engine.OpenFolder(w, ".", ""); err == nil {
		defer p.Close()
		if text := p.Console(); text != "" {
			root, err := consoleAddress(text)
			return root, "server.console of fondaco.yaml", named("server.console", text, err)
		}
	}
	root, err = consoleAddress(usualConsole)
	return root, "nothing else: give --console, or set " + consoleVariable, err
}

// named adds to an error who said what could not be read.
func named(source, text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %q: %w", source, text, err)
}

var errNoConsole = errors.New("expected HOST:PORT or http://HOST:PORT")

// consoleAddress returns the root of the console's URLs, without a slash at its end, for what a person writes: an http or https URL, or
// HOST:PORT or :PORT as in fondaco.yaml (a host that is absent is 127.0.0.1). Anything else is an error that says what is expected.
func consoleAddress(text string) (string, error) {
	full := text
	if !strings.Contains(text, "://") {
		full = "http://" + text
	}
	u, err := url.Parse(full)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errNoConsole
	}
	if u.Hostname() == "" {
		u.Host = net.JoinHostPort("127.0.0.1", u.Port())
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.Path, "/"), nil
}
