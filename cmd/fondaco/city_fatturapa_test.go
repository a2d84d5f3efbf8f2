package main

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// invoiceSupplier is what encoding/xml reads of an invoice: who supplied what it bills.
type invoiceSupplier struct {
	Country string `xml:"FatturaElettronicaHeader>CedentePrestatore>DatiAnagrafici>IdFiscaleIVA>IdPaese"`
	Code    string `xml:"FatturaElettronicaHeader>CedentePrestatore>DatiAnagrafici>IdFiscaleIVA>IdCodice"`
	Name    string `xml:"FatturaElettronicaHeader>CedentePrestatore>DatiAnagrafici>Anagrafica>Denominazione"`
}

// TestCityTakesPublishedInvoices: the invoices and notifications of the public test suite of the exchange system are taken,
// and registered as of whom another reader of XML finds to be their supplier; one without a supplier as of an unknown one.
func TestCityTakesPublishedInvoices(t *testing.T) {
	t.Parallel()
	const samples = "../../../shared/specs/fatturapa/tests/samples"
	invoices, _ := filepath.Glob(samples + "/invoices/*.xml")
	if len(invoices) == 0 {
		t.Skip("../shared/specs/fatturapa is not there")
	}
	city := filepath.Join(t.TempDir(), "dime")
	if err := os.CopyFS(city, os.DirFS(exampleCity)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(city, "tests")); err != nil {
		t.Fatal(err)
	}
	var tests []any
	unknown := 0
	for i, file := range invoices {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var of invoiceSupplier
		if err := xml.Unmarshal(src, &of); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		sender, subject := of.Code, fmt.Sprintf("Fattura elettronica %d", 1000+i)
		switch {
		case of.Code == "":
			sender = "sconosciuto"
			unknown++
		case of.Country != "IT":
			sender = of.Country + of.Code
		}
		if of.Name != "" {
			subject += " di " + strings.Join(strings.Fields(of.Name), " ")
		}
		tests = append(tests, sdiTest("RiceviFatture", 1000+i, file, src, map[string]any{"Esito": "ER01"}, "fattura", subject, sender))
	}
	if unknown == 0 || unknown == len(invoices) {
		t.Errorf("%d of %d invoices have no supplier; expected some", unknown, len(invoices))
	}
	expiries, _ := filepath.Glob(samples + "/notifications/*_DT_*.xml")
	for i, file := range expiries {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		number := 2000 + i
		tests = append(tests, sdiTest("NotificaDecorrenzaTermini", number, file, src, nil, "decorrenza",
			fmt.Sprintf("Decorrenza dei termini della fattura %d", number), "06363391001"))
	}
	text, err := json.Marshal(map[string]any{"tests": tests})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(city, "tests"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(city, "tests", "published.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, problems := command(t, city, "test")
	if code != exitOK || !strings.Contains(out, fmt.Sprintf("%d passed, 0 failed", len(tests))) {
		t.Errorf("%d %s%s", code, out, problems)
	}
}

// sdiTest is a test of the project that sends a file of the exchange system, and expects how it is registered.
func sdiTest(operation string, number int, file string, src []byte, answer any, kind, subject, sender string) map[string]any {
	name := filepath.Base(file)
	body := map[string]any{"IdentificativoSdI": number, "NomeFile": name, "File": base64.StdEncoding.EncodeToString(src)}
	if operation == "RiceviFatture" {
		body["NomeFileMetadati"], body["Metadati"] = "IT01234567890_FPA01_MT_001.xml", base64.StdEncoding.EncodeToString([]byte("<a/>"))
	}
	return map[string]any{
		"test":    name,
		"request": map[string]any{"soap": "sdi." + operation, "body": body},
		"answer": map[string]any{"body": answer, "published": []any{map[string]any{
			"topic": "sdi.documento", "id": fmt.Sprintf("%s/%d", kind, number), "key": fmt.Sprint(number),
			"event": map[string]any{"identificativo": number, "oggetto": subject, "mittente": sender, "documento": 48213},
		}}},
	}
}
