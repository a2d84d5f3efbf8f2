package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// work is one job, done by Fondaco and by its baseline.
type work struct {
	name     string
	baseline string // the mode of the baseline program
	path     string
	target   float64 // CPU of Fondaco over CPU of the baseline, at most; 0 is none
	about    string
}

// works are the jobs, in the order they are printed.
var works = []work{
	{"W1", "proxy", "/w1", 1.15, "GET, 1 KB of JSON passed through; beside httputil.ReverseProxy"},
	{"W2", "hand", "/w2", 0.60, "GET, 10 KB of JSON reshaped to 7 KB; beside net/http and encoding/json structs"},
	{"W4", "hand", "/w4", 1.00, "three GETs of 1 KB in parallel, merged; beside net/http and encoding/json structs"},
	{"W4slow", "hand", "/w4slow", 0, "the same, one of the three takes 20 ms"},
}

// origin is the system behind all works: fixed answers on fixed paths.
func origin() http.Handler {
	small, large := smallDocument(), largeDocument()
	answer := func(body []byte, after time.Duration) http.HandlerFunc {
		length := fmt.Sprint(len(body))
		return func(w http.ResponseWriter, r *http.Request) {
			if after > 0 {
				select {
				case <-time.After(after):
				case <-r.Context().Done():
					return
				}
			}
			w.Header()["Content-Type"] = jsonType
			w.Header()["Content-Length"] = []string{length}
			_, _ = w.Write(body)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /small", answer(small, 0))
	mux.Handle("GET /w1", answer(small, 0))
	mux.Handle("GET /large", answer(large, 0))
	mux.Handle("GET /slow", answer(small, 20*time.Millisecond))
	return mux
}

var jsonType = []string{"application/json"}

// smallDocument is 1,024 bytes of JSON.
func smallDocument() []byte {
	head := `{"id":4711,"nome":"Punta della Salute","attivo":true,"quota":12.50,"aggiornato":"2026-01-15T09:00:00+01:00","note":"`
	tail := `"}`
	return []byte(head + strings.Repeat("acqua alta ", 100)[:1024-len(head)-len(tail)] + tail)
}

// largeDocument is some 10 KB of JSON: ten fields and 93 items.
func largeDocument() []byte {
	var b bytes.Buffer
	b.WriteString(`{"codice":"C-2026-000123","titolo":"Elenco delle posizioni","ente":"Comune di Venezia","ufficio":"Tributi",` +
		`"emesso":"2026-01-15","scade":"2026-03-31","stato":"aperto","versione":7,"totale":48211.35,"note":"",` +
		`"voci":[`)
	for i := range 93 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"codice":"V-%05d","descrizione":"Voce numero %d","quantita":%d,"importo":%d.%02d,"attivo":%t}`,
			1000+i, i*7, i, i%9+1, i*11%900+1, i*37%100, i%5 != 0)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}
