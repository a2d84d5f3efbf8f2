package message

import (
	"strings"
	"testing"
	"time"
)

// envelope is a message of a provider, made as the technical rules say (DM 2 November 2005, annex, §6 and §7).
func envelope(kind, header, dati string) string {
	return "Message-ID: <opec.1@pec.example>\r\nFrom: \"Per conto di: anna@pec.example\" <posta-certificata@pec.example>\r\n" +
		"To: protocollo@pec.comune.example\r\nSubject: POSTA CERTIFICATA: Istanza\r\n" + header +
		"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha256; boundary=S\r\n\r\n" +
		"--S\r\nContent-Type: multipart/mixed; boundary=M\r\n\r\n" +
		"--M\r\nContent-Type: multipart/alternative; boundary=A\r\n\r\n" +
		"--A\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nMessaggio di posta certificata\r\n" +
		"--A\r\nContent-Type: text/html\r\n\r\n<p>Messaggio</p>\r\n--A--\r\n" +
		"--M\r\nContent-Type: application/xml; name=daticert.xml\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64Of(daticert(kind, dati)) + "\r\n" +
		"--M\r\nContent-Type: message/rfc822; name=postacert.eml\r\n\r\n" +
		"Message-ID: <anna.1@example.org>\r\nFrom: Anna <anna@pec.example>\r\nSubject: Istanza\r\n\r\nChiedo.\r\n" +
		"--M--\r\n--S\r\n" +
		"Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAG\r\n--S--\r\n"
}

func daticert(kind, dati string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><postacert tipo="` + kind + `" errore="nessuno"><intestazione>` +
		`<mittente>protocollo@pec.comune.example` +
		`</mittente><destinatari tipo="certificato">anna@pec.example</destinatari><risposte>protocollo@pec.comune.example</risposte>` +
		`<oggetto>Atto</oggetto></intestazione><dati><gestore-emittente>Gestore SpA</gestore-emittente>` +
		`<data zona="+0100"><giorno>30/11/2026</giorno>` +
		`<ora>09:30:05</ora></data><identificativo>opec.1@pec.example</identificativo>` +
		`<msgid>&lt;m7@comune.example&gt;</msgid>` + dati + `</dati></postacert>`
}

func base64Of(s string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var b strings.Builder
	for i := 0; i < len(s); i += 3 {
		var octets [3]byte
		n := copy(octets[:], s[i:])
		v := uint(octets[0])<<16 | uint(octets[1])<<8 | uint(octets[2])
		for j := range 4 {
			if j > n {
				b.WriteByte('=')
				continue
			}
			b.WriteByte(digits[v>>(18-6*j)&63])
		}
		if i%57 == 54 {
			b.WriteString("\r\n")
		}
	}
	return b.String()
}

// TestEnvelope: of an envelope the citizen's own message is read.
func TestEnvelope(t *testing.T) {
	m, err := Parse([]byte(envelope("posta-certificata", "X-Trasporto: posta-certificata\r\n", "")))
	if err == nil {
		err = m.Certify()
	}
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != "<anna.1@example.org>" || m.Envelope != "<opec.1@pec.example>" || m.From.Address != "anna@pec.example" || m.Text != "Chiedo." ||
		!m.Certified || m.Receipt != nil || len(m.Attachments) != 0 {
		t.Errorf("found %+v", m)
	}
	m, err = Parse([]byte(envelope("errore", "X-Trasporto: errore\r\n", "")))
	if err == nil {
		err = m.Certify()
	}
	if err != nil || m.Certified || m.Text != "Chiedo." { // a message of no provider, in an envelope that says so
		t.Errorf("found %+v %v", m, err)
	}
}

// TestReceipts: each kind of receipt, with the message that it is of.
func TestReceipts(t *testing.T) {
	at := time.Date(2026, 11, 30, 8, 30, 5, 0, time.UTC)
	for _, kind := range Kinds {
		header := "X-Ricevuta: " + kind + "\r\nX-Riferimento-Message-ID: <m7@comune.example>\r\n"
		m, err := Parse([]byte(envelope(kind, header, "<consegna>anna@pec.example</consegna>")))
		if err == nil {
			err = m.Certify()
		}
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		want := Receipt{
			Kind: kind, ID: "opec.1@pec.example", Of: "<m7@comune.example>", Recipient: "anna@pec.example",
			Provider: "Gestore SpA", At: m.Receipt.At,
		}
		if *m.Receipt != want || !m.Receipt.At.Equal(at) {
			t.Errorf("found %+v, expected %+v", *m.Receipt, want)
		}
	}
	bad := strings.Replace(daticert("errore-consegna", "<errore-esteso>5.1.1 - casella inesistente</errore-esteso>"), "nessuno", "no-dest", 1)
	raw := strings.Replace(envelope("errore-consegna", "X-Ricevuta: errore-consegna\r\n", ""), base64Of(daticert("errore-consegna", "")),
		base64Of(bad), 1)
	m, err := Parse([]byte(raw))
	if err == nil {
		err = m.Certify()
	}
	if err != nil || m.Receipt.Error != "no-dest" || m.Receipt.Detail != "5.1.1 - casella inesistente" {
		t.Errorf("found %+v %v", m.Receipt, err)
	}
}

// TestReceiptsThatAreNone: a receipt of another message than its header says, and one that cannot be read, are refused; what only has such
// files is a message like any other.
func TestReceiptsThatAreNone(t *testing.T) {
	accepted := envelope("accettazione", "X-Ricevuta: accettazione\r\n", "")
	for what, raw := range map[string]string{
		"of another": envelope("accettazione", "X-Ricevuta: accettazione\r\nX-Riferimento-Message-ID: <m8@comune.example>\r\n", ""),
		"no XML":     strings.Replace(accepted, base64Of(daticert("accettazione", "")), "AAAA", 1),
		"no file":    strings.Replace(accepted, "daticert.xml", "altro.xml", 1),
		"no message": strings.Replace(envelope("posta-certificata", "X-Trasporto: posta-certificata\r\n", ""), "postacert.eml", "altro.eml", 1),
	} {
		m, err := Parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Certify(); err == nil {
			t.Errorf("%s: found %+v", what, m.Receipt)
		} else if strings.Contains(err.Error(), "@") {
			t.Errorf("%s: the error has personal data: %v", what, err)
		}
	}
	m, err := Parse([]byte(envelope("accettazione", "", "")))
	if err == nil {
		err = m.Certify()
	}
	if err != nil || m.Receipt != nil || len(m.Attachments) != 3 {
		t.Errorf("without a header: found %+v %v", m, err)
	}
}
