package routes_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
)

// TestIdentityOutlivesNames: what is published again, and the numbers that are drawn again, after routes, sub-routes and
// topics got other names are those of before.
func TestIdentityOutlivesNames(t *testing.T) {
	state := stateAt(t, filepath.Join(t.TempDir(), "state.db"))
	defer state.Close()
	published := func(project, text string) (bodies []string) {
		t.Helper()
		p := compiled(t, map[string]string{"fondaco.yaml": project, "routes/r.yaml": text})
		to := &recorded{}
		now := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
		if err := p.Start(t.Context(), routes.Deps{Topics: to, Sequences: state.Sequences(), Now: func() time.Time { return now }}); err != nil {
			t.Fatal(err)
		}
		defer p.Close(context.Background())
		m := messaging.Message{ID: "m1", Type: "nuove", Source: "/altri", Time: now, Attempt: 1, Body: []byte(`{"righe":["r1","r2"]}`)}
		if err := p.Consumers[0].Handle(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		for id, list := range to.ids {
			bodies = append(bodies, fmt.Sprint(id, " ", list))
		}
		slices.Sort(bodies)
		return bodies
	}
	text := fmt.Sprintf(identityRoutes, "", "")
	first := published(identityProject, text)
	again := published(
		strings.NewReplacer("  nuove: {", "  recenti: { renamed_from: [nuove],", "  esiti: {", "  risultati: { renamed_from: [esiti],").
			Replace(identityProject),
		strings.NewReplacer("  lavora:\n", "  elabora:\n    renamed_from: [lavora]\n", "  dentro:\n", "  interno:\n    renamed_from: [dentro]\n",
			"route: dentro", "route: interno", "publish: esiti", "publish: risultati", "topic: nuove", "topic: recenti").Replace(text),
	)
	if !slices.Equal(first, again) {
		t.Errorf("under other names:\n%s\nfirst:\n%s", strings.Join(again, "\n"), strings.Join(first, "\n"))
	}
}
