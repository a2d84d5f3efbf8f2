package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// work is one job, done by Fondaco and by its baseline.
type work struct {
	name     string
	baseline string // the mode of the baseline program, or plain
	path     string
	target   float64 // CPU of Fondaco over CPU of the baseline, at most; 0 is none
	about    string
	body     string // of a POST; "" is a GET
	project  string // of Fondaco; bench/project if ""
	sealed   bool   // with storage.encryption
	shared   bool   // the state is on PostgreSQL
	kafka    bool   // topics are on Kafka
	later    bool   // work goes on after the answers: its CPU counts too
}

// plain has Fondaco itself for a baseline, without encryption.
const plain = "plain"

// works are the jobs, in the order they are printed.
var works = []work{
	{name: "W1", baseline: "proxy", path: "/w1", target: 1.15, about: "GET, 1 KB of JSON passed through; beside httputil.ReverseProxy"},
	{
		name: "W2", baseline: "hand", path: "/w2", target: 0.60,
		about: "GET, 10 KB of JSON reshaped to 7 KB; beside net/http and encoding/json structs",
	},
	{
		name: "W3", baseline: "hand", path: "/w3", target: 0.50,
		about: "POST of JSON, SOAP call with an answer of 4 KB and 20 records, JSON list; beside net/http and encoding/xml structs",
		body:  `{"fiscal_code":"RSSMRA80A01L736U","from":2024}`,
	},
	{
		name: "W4", baseline: "hand", path: "/w4", target: 1.00,
		about: "three GETs of 1 KB in parallel, merged; beside net/http and encoding/json structs",
	},
	{
		name: "W5", baseline: "durable", path: "/w5", target: 1.50,
		about: "POST of 1 KB, 202 when it is durable, done after that; beside net/http, encoding/json and SQLite with group commit",
		body:  string(smallDocument()), project: "bench/topics", later: true,
	},
	{
		name: "W5postgres", baseline: "pgx", path: "/w5", target: 1.50,
		about: "the same with the state on PostgreSQL, and topics embedded; beside net/http, encoding/json and pgx with group commit",
		body:  string(smallDocument()), project: "bench/topics", later: true, shared: true,
	},
	{
		name: "W5kafka", baseline: "kafka", path: "/w5", target: 1.50,
		about: "the same with topics on Kafka and the state on PostgreSQL; beside net/http, encoding/json, Sarama and pgx with group commit",
		body:  string(smallDocument()), project: "bench/topics", later: true, shared: true, kafka: true,
	},
	{
		name: "W5sealedkafka", baseline: plain, path: "/w5", about: "the same with storage.encryption; beside Fondaco without",
		body: string(smallDocument()), project: "bench/topics", sealed: true, later: true, shared: true, kafka: true,
	},
	{
		name: "W5sealed", baseline: "durable", path: "/w5", about: "the same with storage.encryption; beside the same, which encrypts nothing",
		body: string(smallDocument()), project: "bench/topics", sealed: true, later: true,
	},
	{
		name: "W5publish", baseline: "durable", path: "/w5publish", target: 1.50,
		about: "POST of 1 KB, 202 when it is durable on a topic; beside the same", body: string(smallDocument()), project: "bench/topics",
	},
	{name: "W4slow", baseline: "hand", path: "/w4slow", about: "the same, one of the three takes 20 ms"},
}

// origin is the system behind all works: fixed answers on fixed paths.
func origin() http.Handler {
	small, large, fines := smallDocument(), largeDocument(), finesMessage()
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
	mux.HandleFunc("PUT /sink", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = jsonType
		_, _ = io.WriteString(w, "{}")
		sunk.Add(1)
	})
	mux.HandleFunc("POST /soap", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = xmlType
		_, _ = w.Write(fines)
	})
	return mux
}

// sunk counts what the system was given.
var sunk atomic.Int64

var (
	jsonType = []string{"application/json"}
	xmlType  = []string{"text/xml; charset=utf-8"}
)

// finesMessage is a SOAP answer of some 4 KB with 20 records.
func finesMessage() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>` +
		`<ns1:ElencoResponse xmlns:ns1="http://multe.example/"><ns1:esito>0</ns1:esito>`)
	for i := range 20 {
		fmt.Fprintf(&b, `<ns1:verbale><ns1:numero>V%06d</ns1:numero><ns1:data>2025-%02d-%02d</ns1:data><ns1:articolo>7/%d</ns1:articolo><ns1:importo>%d.%02d</ns1:importo><ns1:stato>%s</ns1:stato></ns1:verbale>`,
			i*977, i%12+1, i%28+1, i, 40+i, i*7%100, []string{"aperto", "pagato"}[i%2])
	}
	b.WriteString(`</ns1:ElencoResponse></soapenv:Body></soapenv:Envelope>`)
	return b.Bytes()
}

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
