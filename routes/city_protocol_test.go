package routes_test

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"fondaco/connectors/all"
	"fondaco/messaging"
)

// The simulated registry allots a number each time that it is asked, as a real one does: what is registered twice has
// two numbers, and is seen.
func TestCityRegistryNumbersAnew(t *testing.T) {
	var declared cityEvents
	city, out, err := Open(t.Context(), Options{FS: os.DirFS("../examples/dime"), Registry: all.Protocols, Topics: &declared})
	if err != nil || city == nil {
		t.Fatal(err, out.Sorted())
	}
	defer city.Close()
	const body = `{"nome":"Maria","cognome":"Rossi","indirizzo":{"via":"Calle dei Fabbri","civico":"1021"},"componenti":[],"documento":{"nome":"d.pdf","contenuto":"JVBERi0xLjQK"}}`
	for _, want := range []string{"51234", "51235", "51236"} {
		a := city.Do(t.Context(), Request{Method: http.MethodPost, Path: "/residenza/cambi", User: MadeUp(), Body: body})
		if a.Status != http.StatusCreated || !strings.HasPrefix(a.Body, `{"protocollo":`+want+`,"anno":2026,"componenti":1,"stato":"ricevuta",`) {
			t.Errorf("%d %s, expected the number %s", a.Status, a.Body, want)
		}
	}
	declared = slices.DeleteFunc(declared, func(id string) bool { return !strings.HasPrefix(id, "residenza/") }) // the timeline is told too
	if got := strings.Join(declared, " "); got != "residenza/2026/51234 residenza/2026/51235 residenza/2026/51236" {
		t.Errorf("the registry of residents is told of %s", got)
	}
}

// cityEvents keeps the ids of what is published, in its order. For requests that come one after the other.
type cityEvents []string

func (e *cityEvents) Publish(_ context.Context, _ string, m messaging.Message) error {
	*e = append(*e, m.ID)
	return nil
}

// unheard are topics that nobody listens to.
type unheard struct{}

func (unheard) Publish(context.Context, string, messaging.Message) error { return nil }
