package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
)

// document is what the origin returns for W2.
type document struct {
	Codice   string  `json:"codice"`
	Titolo   string  `json:"titolo"`
	Ente     string  `json:"ente"`
	Ufficio  string  `json:"ufficio"`
	Emesso   string  `json:"emesso"`
	Scade    string  `json:"scade"`
	Stato    string  `json:"stato"`
	Versione int64   `json:"versione"`
	Totale   float64 `json:"totale"`
	Note     string  `json:"note"`
	Voci     []item  `json:"voci"`
}

type item struct {
	ID          int64   `json:"id"`
	Codice      string  `json:"codice"`
	Descrizione string  `json:"descrizione"`
	Quantita    int64   `json:"quantita"`
	Importo     float64 `json:"importo"`
	Attivo      bool    `json:"attivo"`
}

// reshaped is what W2 answers.
type reshaped struct {
	Code       string  `json:"code"`
	Title      string  `json:"title"`
	Body       string  `json:"body"`
	Office     string  `json:"office"`
	Issued     string  `json:"issued"`
	Expires    string  `json:"expires"`
	State      string  `json:"state"`
	Version    int64   `json:"version"`
	Total      float64 `json:"total"`
	Notes      string  `json:"notes"`
	Items      []row   `json:"items"`
	Count      int     `json:"count"`
	TotalItems float64 `json:"total_items"`
}

type row struct {
	ID          int64   `json:"number"`
	Code        string  `json:"code"`
	Description string  `json:"description"`
	Quantity    int64   `json:"quantity"`
	Amount      float64 `json:"amount"`
}

// small is the 1 KB document of W4.
type small struct {
	ID         int64   `json:"id"`
	Nome       string  `json:"nome"`
	Attivo     bool    `json:"attivo"`
	Quota      float64 `json:"quota"`
	Aggiornato string  `json:"aggiornato"`
	Note       string  `json:"note"`
}

type merged struct {
	Primo   small `json:"primo"`
	Secondo small `json:"secondo"`
	Terzo   small `json:"terzo"`
}

func byHand(origin string, client *http.Client) http.Handler {
	get := func(ctx context.Context, path string, into any) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+path, nil)
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusOK {
			_, _ = io.Copy(io.Discard, res.Body)
			return http.ErrNotSupported
		}
		return json.NewDecoder(res.Body).Decode(into)
	}
	answer := func(w http.ResponseWriter, v any, err error) {
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	merge := func(third string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			var m merged
			var wg sync.WaitGroup
			errs := make([]error, 3)
			for i, part := range []struct {
				path string
				into *small
			}{{"/small", &m.Primo}, {"/small", &m.Secondo}, {third, &m.Terzo}} {
				wg.Go(func() { errs[i] = get(r.Context(), part.path, part.into) })
			}
			wg.Wait()
			for _, err := range errs {
				if err != nil {
					answer(w, nil, err)
					return
				}
			}
			answer(w, &m, nil)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /w2", func(w http.ResponseWriter, r *http.Request) {
		var d document
		err := get(r.Context(), "/large", &d)
		answer(w, reshape(&d), err)
	})
	mux.HandleFunc("POST /w3", fines(origin, client))
	mux.HandleFunc("GET /w4", merge("/small"))
	mux.HandleFunc("GET /w4slow", merge("/slow"))
	return mux
}

func reshape(d *document) *reshaped {
	out := &reshaped{
		Code: d.Codice, Title: d.Titolo, Body: d.Ente, Office: d.Ufficio, Issued: d.Emesso, Expires: d.Scade,
		State: d.Stato, Version: d.Versione, Total: d.Totale, Notes: d.Note, Items: make([]row, 0, len(d.Voci)),
	}
	for i := range d.Voci {
		v := &d.Voci[i]
		if !v.Attivo {
			continue
		}
		out.Items = append(out.Items, row{v.ID, v.Codice, v.Descrizione, v.Quantita, v.Importo})
		out.TotalItems += v.Importo
	}
	out.Count = len(out.Items)
	return out
}
