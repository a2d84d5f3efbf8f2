package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
)

// question is what W3 is asked.
type question struct {
	FiscalCode string `json:"fiscal_code"`
	From       int    `json:"from"`
}

type requestEnvelope struct {
	XMLName xml.Name    `xml:"http://schemas.xmlsoap.org/soap/envelope/ Envelope"`
	Body    requestBody `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
}

type requestBody struct {
	Elenco elenco `xml:"http://multe.example/ Elenco"`
}

type elenco struct {
	CodiceFiscale string `xml:"http://multe.example/ codiceFiscale"`
	Dal           int    `xml:"http://multe.example/ dal"`
}

type answerEnvelope struct {
	Body struct {
		Fault    *struct{} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Fault"`
		Response struct {
			Esito   int    `xml:"http://multe.example/ esito"`
			Verbali []fine `xml:"http://multe.example/ verbale"`
		} `xml:"http://multe.example/ ElencoResponse"`
	} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
}

type fine struct {
	Numero   string  `xml:"http://multe.example/ numero" json:"number"`
	Data     string  `xml:"http://multe.example/ data" json:"date"`
	Articolo string  `xml:"http://multe.example/ articolo" json:"article"`
	Importo  float64 `xml:"http://multe.example/ importo" json:"amount"`
	Stato    string  `xml:"http://multe.example/ stato" json:"state"`
}

// fines is W3 by hand.
func fines(origin string, client *http.Client) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q question
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var b bytes.Buffer
		b.WriteString(xml.Header)
		if err := xml.NewEncoder(&b).Encode(requestEnvelope{Body: requestBody{elenco{q.FiscalCode, q.From}}}); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, origin+"/soap", &b)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		req.Header.Set("Content-Type", "text/xml; charset=utf-8")
		req.Header.Set("SOAPAction", `"http://multe.example/Elenco"`)
		res, err := client.Do(req)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer func() { _ = res.Body.Close() }()
		data, err := io.ReadAll(res.Body)
		var answer answerEnvelope
		if err == nil {
			err = xml.Unmarshal(data, &answer)
		}
		if err != nil || answer.Body.Fault != nil {
			http.Error(w, "bad answer", http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer.Body.Response.Verbali)
	}
}
