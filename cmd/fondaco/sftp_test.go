package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/connectors/files/sftp/sftptest"
)

// TestServedOverSFTP: a file on a server of SFTP is served as a stream and a body is written there as one, also after the connection was
// cut; a caller gets no half of a file as a whole one; a server that has another key gets nothing, and what to do stands in the log alone.
func TestServedOverSFTP(t *testing.T) {
	server := sftptest.OpenSSH(t)
	proxy := sftptest.Before(t, server.Host)
	folder := t.TempDir()
	whole := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MiB
	if err := os.WriteFile(filepath.Join(folder, "1.pdf"), whole, 0o644); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"keys/ours": string(server.Key),
		"fondaco.yaml": fmt.Sprintf(`project: bolle
title: Bolle
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  bolle:
    connector: ./connectors/bolle
    params: { endpoint: "sftp://%s%s", user: %q, host_key: "${env.HOST_KEY}" }
`, proxy.Host, filepath.ToSlash(folder), server.User),
		"connectors/bolle/connector.yaml": `connector: bolle
version: 1.0.0
params: { endpoint: { type: string }, user: { type: string }, host_key: { type: string } }
files: { address: "${param.endpoint}", user: "${param.user}", private_key: keys/ours, host_key: "${param.host_key}" }
operations:
  bolla: { read: "{numero}.pdf", content: bytes, media_type: application/pdf }
  deposita: { write: "{numero}.pdf", content: bytes, media_type: application/pdf, effect: idempotent }
`,
		"routes/bolle.yaml": `routes:
  bolla:
    http: GET /bolle/{numero}
    auth: none
    steps:
      - call: bolle.bolla
        with: { numero: "${path.numero}" }
        as: bolla
    respond: { stream: bolla }
  deposita:
    http: PUT /bolle/{numero}
    auth: none
    idempotency: off
    upload: application/pdf
    limits: { body: 20MiB }
    steps:
      - call: bolle.deposita
        upload: true
        with: { numero: "${path.numero}" }
    respond: { status: 204 }
`,
	}
	p := startProcess(t, written(t, files), "HOST_KEY="+server.Pins[0])
	ask := func(p *process, method, path string, body []byte) (int, []byte, error) {
		request, err := http.NewRequestWithContext(t.Context(), method, p.api+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body != nil {
			request.Header.Set("Content-Type", "application/pdf")
		}
		res, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, nil, err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return res.StatusCode, b, err
	}
	served := func(what string) {
		t.Helper()
		if status, b, err := ask(p, http.MethodGet, "/bolle/1", nil); status != http.StatusOK || err != nil || !bytes.Equal(b, whole) {
			t.Errorf("%s: found %d, %d octets, %v", what, status, len(b), err)
		}
	}
	served("at first")
	proxy.CutAfter(4 << 20)
	if status, b, err := ask(p, http.MethodGet, "/bolle/1", nil); err == nil || len(b) == len(whole) {
		t.Errorf("cut: found %d and %d octets without an error", status, len(b))
	}
	proxy.CutAfter(0)
	served("after it was cut")
	if status, b, err := ask(p, http.MethodPut, "/bolle/2", whole); status != http.StatusNoContent || err != nil {
		t.Errorf("found %d %s %v", status, b, err)
	}
	if b, err := os.ReadFile(filepath.Join(folder, "2.pdf")); err != nil || !bytes.Equal(b, whole) {
		t.Errorf("found %d octets, %v", len(b), err)
	}
	if status, _, err := ask(p, http.MethodGet, "/bolle/3", nil); status != http.StatusNotFound || err != nil {
		t.Errorf("found %d, %v", status, err)
	}

	another := maps.Clone(files)
	p = startProcess(t, written(t, another), "HOST_KEY=SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8")
	status, b, err := ask(p, http.MethodGet, "/bolle/1", nil)
	if status != http.StatusServiceUnavailable || err != nil || strings.Contains(string(b), "SHA256") {
		t.Errorf("another key: found %d %s %v", status, b, err)
	}
	if !p.log.tells("shows another key than the known one") || !p.log.tells(server.Pins[0]) {
		t.Errorf("the log does not say which key was found: %s", p.log.String())
	}
}
