package routes_test

import (
	"net/http"
	"os"
	"testing"

	"fondaco/connectors/all"
)

// The simulated registry allots a number each time that it is asked, as a real one does: what is registered twice has
// two numbers, and is seen.
func TestCityRegistryNumbersAnew(t *testing.T) {
	city, out, err := Open(t.Context(), Options{FS: os.DirFS("../examples/dime"), Registry: all.Protocols})
	if err != nil || city == nil {
		t.Fatal(err, out.Sorted())
	}
	defer city.Close()
	const body = `{"nome":"Maria","cognome":"Rossi","indirizzo":{"via":"Calle dei Fabbri","civico":"1021"},"componenti":[],"documento":{"nome":"d.pdf","contenuto":"JVBERi0xLjQK"}}`
	for _, want := range []string{"51234", "51235", "51236"} {
		a := city.Do(t.Context(), Request{Method: http.MethodPost, Path: "/residenza/cambi", User: MadeUp(), Body: body})
		if a.Status != http.StatusCreated || a.Body != `{"protocollo":`+want+`,"anno":2026,"componenti":1,"stato":"ricevuta"}` {
			t.Errorf("%d %s, expected the number %s", a.Status, a.Body, want)
		}
	}
}
