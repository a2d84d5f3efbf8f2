package main

import (
	"fmt"
	"net/http"
	"strings"
)

// control is where parts are killed and started: GET / lists them, POST /NAME/VERB does it.
func (c *cluster) handle() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		for _, p := range c.parts {
			fmt.Fprintf(w, "%-10s %-8s %s\n", p.name, p.is(), p.address)
		}
	})
	mux.HandleFunc("POST /{name}/{verb}", func(w http.ResponseWriter, r *http.Request) {
		name, verb := r.PathValue("name"), r.PathValue("verb")
		p := c.part(name)
		if p == nil {
			http.Error(w, fmt.Sprintf("there is no part %q; there are %s", name, strings.Join(c.names(), ", ")), http.StatusNotFound)
			return
		}
		state, err := p.do(c.life, verb)
		if err != nil {
			http.Error(w, fmt.Sprintf("%s: %v", name, err), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "%s is %s\n", name, state)
	})
	return mux
}

func (c *cluster) part(name string) *part {
	for _, p := range c.parts {
		if p.name == name {
			return p
		}
	}
	return nil
}

func (c *cluster) names() (names []string) {
	for _, p := range c.parts {
		names = append(names, p.name)
	}
	return names
}
