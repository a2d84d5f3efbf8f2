package main

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var collectorProject = map[string]string{
	"fondaco.yaml": `project: collector
title: Who collects
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
services:
  bank:
    connector: ./connectors/bank
    path: /soap/bank
    auth: none
    params: { password: "${secret.bank}" }
`,
	"connectors/bank/connector.yaml": `connector: bank
version: 1.0.0
params: { password: { type: string, secret: true } }
soap:
  wsdl: bank.wsdl
  endpoint: http://127.0.0.1/
  username_token: { username: bank, password: "${param.password}", digest: true }
operations:
  paid: { effect: once }
`,
	"connectors/bank/bank.wsdl": `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:bank" targetNamespace="urn:bank">
<types><x:schema targetNamespace="urn:bank">
<x:element name="paid"><x:complexType><x:sequence><x:element name="amount" type="x:decimal"/></x:sequence></x:complexType></x:element>
<x:element name="noted"><x:complexType><x:sequence><x:element name="amount" type="x:decimal"/></x:sequence></x:complexType></x:element>
</x:schema></types>
<message name="paid"><part name="p" element="t:paid"/></message><message name="noted"><part name="p" element="t:noted"/></message>
<portType name="p"><operation name="paid"><input message="t:paid"/><output message="t:noted"/></operation></portType>
<binding name="b" type="t:p"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="paid"><soap:operation soapAction="urn:paid"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
<service name="s"><port name="p" binding="t:b"><soap:address location="http://127.0.0.1/"/></port></service>
</definitions>
`,
	"routes/bank.yaml": `routes:
  paid:
    soap: bank.paid
    steps: []
    respond: { body: { amount: "${body.amount}" } }
`,
}

const bankPassword = "s3cret-of-the-bank"

// paid is a message of the bank's. Of a captured one only the amount and how the nonce is written can be changed.
func paid(amount, nonce, created, digest string) string {
	const wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	const wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	const profile = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
	return `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><w:Security xmlns:w="` + wsse + `" xmlns:u="` + wsu +
		`"><w:UsernameToken>` +
		`<w:Username>bank</w:Username><w:Password Type="` + profile + `">` + digest + `</w:Password><w:Nonce>` + nonce + `</w:Nonce><u:Created>` +
		created + `</u:Created>` +
		`</w:UsernameToken></w:Security></e:Header><e:Body><t:paid xmlns:t="urn:bank"><amount>` + amount +
		`</amount></t:paid></e:Body></e:Envelope>`
}

// captured is a token of the bank's, with what makes messages of it.
func captured(t *testing.T) func(amount string, nonce func(string) string) string {
	t.Helper()
	octets := make([]byte, 16)
	_, _ = rand.Read(octets)
	created := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	sum := sha1.Sum([]byte(string(octets) + created + bankPassword))
	text, digest := base64.StdEncoding.EncodeToString(octets), base64.StdEncoding.EncodeToString(sum[:])
	return func(amount string, nonce func(string) string) string {
		return paid(amount, nonce(text), created, digest)
	}
}

func (p *process) pays(message string) (int, string) {
	p.t.Helper()
	code, body, _ := p.ask(http.MethodPost, "/soap/bank", message, "Content-Type", "text/xml; charset=utf-8")
	return code, body
}

var otherwise = map[string]func(string) string{
	"as it was":   func(s string) string { return s },
	"a newline":   func(s string) string { return s[:4] + "\n" + s[4:] },
	"a return":    func(s string) string { return s[:4] + "&#13;" + s[4:] },
	"other bits":  func(s string) string { return s[:21] + string(s[21]+1) + s[22:] },
	"white space": func(s string) string { return " " + s + "\t" },
}

func refused(t *testing.T, what string, p *process, message func(string, func(string) string) string) {
	t.Helper()
	for name, nonce := range otherwise {
		if code, body := p.pays(message("9999.00", nonce)); code != 500 || !strings.Contains(body, "FailedAuthentication") {
			t.Errorf("%s, %s: found %d %s", what, name, code, body)
		}
	}
}

// TestTokenOnce: a captured token is taken once, whatever is changed in the message: after a reload, after a restart, and
// after the process was killed.
func TestTokenOnce(t *testing.T) {
	t.Parallel()
	dir := written(t, collectorProject)
	env := "FONDACO_SECRET_BANK=" + bankPassword
	p := startProcess(t, dir, env)
	message := captured(t)
	if code, body := p.pays(message("10.00", otherwise["as it was"])); code != 200 || !strings.Contains(body, "<amount>10.00</amount>") {
		t.Fatal(code, body)
	}
	refused(t, "at once", p, message)
	p.end()
	p = startProcess(t, dir, env)
	refused(t, "after a restart", p, message)
	second := captured(t)
	if code, body := p.pays(second("11.00", otherwise["a newline"])); code != 200 {
		t.Errorf("white space in a new nonce: %d %s", code, body)
	}
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	_ = p.cmd.Wait()
	p = startProcess(t, dir, env)
	refused(t, "the first, after a kill", p, message)
	refused(t, "the second, after a kill", p, second)
}

// TestTokenOnceReload: a reload forgets no token.
func TestTokenOnceReload(t *testing.T) {
	t.Parallel()
	dir := written(t, collectorProject)
	p := startWatching(t, dir, "FONDACO_SECRET_BANK="+bankPassword)
	message := captured(t)
	if code, body := p.pays(message("10.00", otherwise["as it was"])); code != 200 {
		t.Fatal(code, body)
	}
	changed := strings.Replace(collectorProject["routes/bank.yaml"], "steps: []", "summary: changed\n    steps: []", 1)
	if err := os.WriteFile(filepath.Join(dir, "routes/bank.yaml"), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		if !p.log.tells(`"msg":"reloaded"`) {
			return "the change is not taken up: " + p.out.String() + p.log.String()
		}
		return ""
	})
	refused(t, "after a reload", p, message)
}

// TestTokenOnceProcesses: what one process has taken another does not take, where they share a Redis server; while it
// cannot be asked nothing is taken, and the sender is asked to come again.
func TestTokenOnceProcesses(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	files := maps.Clone(collectorProject)
	files["fondaco.yaml"] += "storage: { cache: \"${env.CACHE}\" }\n"
	env := []string{"FONDACO_SECRET_BANK=" + bankPassword, "CACHE=" + r.patient()}
	one, two := startProcess(t, written(t, files), env...), startProcess(t, written(t, files), env...)
	for i := range 5 {
		message := captured(t)
		if code, body := one.pays(message(fmt.Sprint(i), otherwise["as it was"])); code != 200 {
			t.Fatal(code, body)
		}
		refused(t, "another process", two, message)
		refused(t, "the same process", one, message)
	}
	r.kill()
	message := captured(t)
	if code, body := one.pays(message("1.00", otherwise["as it was"])); code != 500 || !strings.Contains(body, "soap:Server") ||
		!strings.Contains(body, "send it again") {
		t.Errorf("without Redis: %d %s", code, body)
	}
	r.run()
	eventually(t, func() string {
		if code, body := one.pays(message("1.00", otherwise["as it was"])); code != 200 {
			return fmt.Sprint("the same message, when Redis is back: ", code, body)
		}
		return ""
	})
	refused(t, "when Redis is back", two, message)
}
