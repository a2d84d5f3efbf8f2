package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// startDemo serves the example city in a process, with its systems simulated, and waits until it is served.
func startDemo(t *testing.T) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], "demo", "--no-watch", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0",
		exampleCity)}
	p.cmd.Env = append(os.Environ(), "FONDACO_TEST_COMMAND=1", "TMPDIR="+t.TempDir())
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	eventually(t, func() string {
		found := regexp.MustCompile(`(?s)documentation +(http://[^/\s]+)/docs/.*console +(http://[^/\s]+)`).FindStringSubmatch(p.out.String())
		if found == nil {
			return "it does not say where it is served: " + p.out.String() + p.log.String()
		}
		p.api, p.console = found[1], found[2]
		return ""
	})
	return p
}

// The exchange system repeats an invoice: it is answered as the first time, and registered once.
func TestCityRegistersAnInvoiceOnce(t *testing.T) {
	t.Parallel()
	p := startDemo(t)
	send := func(number int) {
		t.Helper()
		file := base64.StdEncoding.EncodeToString([]byte("<a/>"))
		body := fmt.Sprintf(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><t:fileSdIConMetadati xmlns:t="http://www.fatturapa.gov.it/sdi/ws/ricezione/v1.0/types"><IdentificativoSdI>%d</IdentificativoSdI><NomeFile>IT01234567890_FPA01.xml</NomeFile><File>%s</File><NomeFileMetadati>IT01234567890_FPA01_MT_001.xml</NomeFileMetadati><Metadati>%s</Metadati></t:fileSdIConMetadati></s:Body></s:Envelope>`, number, file, file)
		status, answer, _ := p.ask(http.MethodPost, "/soap/fatture", body, "Content-Type", "text/xml; charset=utf-8", "SOAPAction",
			`"http://www.fatturapa.it/RicezioneFatture/RiceviFattureSdI"`)
		if status != http.StatusOK || !strings.Contains(answer, "ER01") {
			t.Errorf("%d %s", status, answer)
		}
	}
	for range 3 {
		send(111)
	}
	send(112)
	eventually(t, func() string {
		_, metrics, _ := p.ask(http.MethodGet, p.console+"/metrics", "")
		for _, want := range []string{
			`fondaco_messages_total{outcome="done",route="protocolla-da-sdi"} 2`,
			`fondaco_messages_total{outcome="repeated",route="protocolla-da-sdi"} 2`,
		} {
			if !strings.Contains(metrics, want+"\n") {
				return "the metrics do not say " + want + ":\n" + strings.Join(regexp.MustCompile(`(?m)^fondaco_messages_total.*$`).
					FindAllString(metrics, -1), "\n")
			}
		}
		return ""
	})
}
