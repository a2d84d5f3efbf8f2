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
	return startDemoIn(t, ".", t.TempDir(), "--no-watch", exampleCity)
}

// startDemoIn is startDemo in a folder, with other arguments.
func startDemoIn(t *testing.T, dir, temporary string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], append([]string{"demo", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0"}, args...)...)}
	p.cmd.Dir, p.cmd.Env = dir, append(os.Environ(), "FONDACO_TEST_COMMAND=1", "TMPDIR="+temporary)
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
	for range 3 {
		sendInvoice(p, 111)
	}
	sendInvoice(p, 112)
	eventuallyMetrics(p, `fondaco_messages_total{outcome="done",route="protocolla-da-sdi"} 2`,
		`fondaco_messages_total{outcome="repeated",route="protocolla-da-sdi"} 2`)
}

// sendInvoice hands the city an invoice as the exchange system does.
func sendInvoice(p *process, number int) {
	p.t.Helper()
	file := base64.StdEncoding.EncodeToString([]byte("<a/>"))
	body := fmt.Sprintf(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><t:fileSdIConMetadati xmlns:t="http://www.fatturapa.gov.it/sdi/ws/ricezione/v1.0/types"><IdentificativoSdI>%d</IdentificativoSdI><NomeFile>IT01234567890_FPA01.xml</NomeFile><File>%s</File><NomeFileMetadati>IT01234567890_FPA01_MT_001.xml</NomeFileMetadati><Metadati>%s</Metadati></t:fileSdIConMetadati></s:Body></s:Envelope>`, number, file, file)
	status, answer, _ := p.ask(http.MethodPost, "/soap/fatture", body, "Content-Type", "text/xml; charset=utf-8", "SOAPAction",
		`"http://www.fatturapa.it/RicezioneFatture/RiceviFattureSdI"`)
	if status != http.StatusOK || !strings.Contains(answer, "ER01") {
		p.t.Errorf("%d %s", status, answer)
	}
}

// eventuallyMetrics waits until the metrics of a process have these lines.
func eventuallyMetrics(p *process, lines ...string) {
	p.t.Helper()
	eventually(p.t, func() string {
		_, metrics, _ := p.ask(http.MethodGet, p.console+"/metrics", "")
		for _, want := range lines {
			if !strings.Contains(metrics, want+"\n") {
				return "the metrics do not say " + want + ":\n" + strings.Join(regexp.MustCompile(`(?m)^fondaco_messages_total.*$`).
					FindAllString(metrics, -1), "\n")
			}
		}
		return ""
	})
}
