package schema

import "strings"

// sampleNamed are texts for fields that are called so in Italian and English systems, in small letters without _ and -:
// samples that read like what people know. They count only where they fit the type.
var sampleNamed = map[string]string{
	"codicefiscale": "RSSMRA80A01L736U", "codfiscale": "RSSMRA80A01L736U", "cf": "RSSMRA80A01L736U", "fiscalcode": "RSSMRA80A01L736U",
	"partitaiva": "12345678903", "piva": "12345678903",
	"nome": "Mario", "cognome": "Rossi", "firstname": "Mario", "lastname": "Rossi", "denominazione": "Rossi Mario",
	"nominativo": "Rossi Mario",
	"comune":     "Venezia", "citta": "Venezia", "city": "Venezia", "provincia": "VE", "siglaprovincia": "VE", "cap": "30124",
	"nazione":   "Italia",
	"indirizzo": "San Marco 4136", "via": "San Marco", "toponimo": "San Marco", "civico": "4136", "numerocivico": "4136",
	"email": "nome@example.org", "mail": "nome@example.org", "pec": "nome@pec.example.org", "telefono": "0412748111",
	"cellulare": "3330000000",
	"iban":      "IT60X0542811101000000123456", "sesso": "M", "anno": "2026", "mese": "01", "ora": "09:30",
	"url": "https://www.example.org/", "uri": "https://www.example.org/", "link": "https://www.example.org/",
	"data": "2026-01-31", "datanascita": "1980-01-01",
}

// sampleName returns the text of a name, "" if it has none.
func sampleName(name string) string {
	if strings.ContainsAny(name, "_-") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "_", ""), "-", "")
	}
	return sampleNamed[strings.ToLower(name)]
}
