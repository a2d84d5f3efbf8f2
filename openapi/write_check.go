package openapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Check returns the error that Write would return of an API, in whatever version. It makes nothing of the document: a project with
// thousands of routes is checked at each load, and its document is written when somebody asks for it.
func Check(info Info, ops []Operation) error {
	if info.Title == "" {
		return fmt.Errorf("an API needs a title")
	}
	if info.Version != "" && !semantic.MatchString(info.Version) {
		return fmt.Errorf("version %q is not a semantic version, as 1.0.0", info.Version)
	}
	ids, places := map[string]bool{}, map[string]bool{}
	for i := range ops {
		op := &ops[i]
		if op.ID == "" || ids[op.ID] {
			return fmt.Errorf("%s %s: the operation's id %q is empty or taken", op.Method, op.Path, op.ID)
		}
		ids[op.ID] = true
		method := strings.ToLower(op.Method)
		if !slices.Contains(methods, method) {
			return fmt.Errorf("operation %s: method %q is not supported by OpenAPI", op.ID, op.Method)
		}
		if err := checkOperation(op, info.Schemes); err != nil {
			return fmt.Errorf("operation %s: %w", op.ID, err)
		}
		place := method + " " + op.Path
		if places[place] {
			return fmt.Errorf("operation %s: %s %s is there twice", op.ID, op.Method, op.Path)
		}
		places[place] = true
	}
	return nil
}

func checkOperation(op *Operation, schemes []Scheme) error {
	for _, r := range op.Security {
		for _, use := range r {
			if !slices.ContainsFunc(schemes, func(s Scheme) bool { return s.Name == use.Scheme }) {
				return fmt.Errorf("there is no security scheme %q", use.Scheme)
			}
		}
	}
	holes := pathHoles(op.Path)
	for _, p := range op.Parameters {
		if p.In != "path" {
			continue
		}
		at := slices.Index(holes, p.Name)
		if at < 0 {
			return fmt.Errorf("path %s has no {%s}", op.Path, p.Name)
		}
		holes = slices.Delete(holes, at, at+1)
	}
	if op.Body != nil && (op.Method == http.MethodGet || op.Method == http.MethodHead) {
		return fmt.Errorf("a %s takes no body", op.Method)
	}
	return nil
}

// hasStatus reports whether an API answers GET /status itself.
func hasStatus(ops []Operation) bool {
	return slices.ContainsFunc(ops, func(op Operation) bool {
		return op.Path == statusPath && strings.EqualFold(op.Method, http.MethodGet)
	})
}
