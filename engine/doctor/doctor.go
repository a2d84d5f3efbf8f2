// Package doctor looks at where a project is to run: what its files cannot say. It calls no system: at most a TLS handshake is made.
package doctor

import (
	"context"
	"slices"
	"sync"
	"time"

	"fondaco/routes"
)

// The words of Finding.Status.
const (
	OK   = "ok"
	Warn = "warn"
	Fail = "fail"
)

// Finding is what one look found. No field holds a secret.
type Finding struct {
	Check   string `json:"check"`
	Subject string `json:"subject"`
	Status  string `json:"status"`
	Found   string `json:"found"`
	Do      string `json:"do,omitempty"` // what to do; "" where all is well
}

// Patient is what is looked at.
type Patient struct {
	Typed   *routes.Typed
	Secrets string // the folder of secrets on this machine, "" for none
	Now     func() time.Time
}

// checks are all that is looked at, in the order in which it is told.
var checks = []func(ctx context.Context, p *Patient) []Finding{ports, secretFiles, systems}

// Examine makes all checks side by side, and returns what each found in their order. It takes no longer than the slowest system is given.
func Examine(ctx context.Context, p *Patient) []Finding {
	return together(len(checks), func(i int) []Finding { return checks[i](ctx, p) })
}

// together calls f for each of n at the same time, and returns what they found in their order.
func together(n int, f func(i int) []Finding) []Finding {
	found := make([][]Finding, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { found[i] = f(i) })
	}
	all.Wait()
	return slices.Concat(found...)
}
