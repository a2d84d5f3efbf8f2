package message

import (
	"fmt"
	"strings"
	"testing"
)

// TestBroken: messages as strangers send them are read as far as they go.
func TestBroken(t *testing.T) {
	for _, c := range []struct{ what, raw, want string }{
		{"line feeds alone", "Subject: a\nMessage-ID: <m@x>\n\nciao\n", "<m@x> a|ciao\n|"},
		{"a line that is no field", "Subject: a\r\nthis is none\r\nFrom x\r\nMessage-ID: <m@x>\r\n\r\nciao", "<m@x> a|ciao|"},
		{"a folded field", "Message-ID:\r\n <m@x>\r\nSubject: a\r\n\tb\r\n\r\n", "<m@x> a b||"},
		{"an id of no form", "Message-ID: <a b>\r\nSubject: a\r\n\r\nx", "<7d2ea2a2e5d5f0e28f6ee0fbdb5ed2ea4c1d5b3a@without-id.invalid> a|x|"},
		{"words cut within a character", "Message-ID: <m@x>\nSubject: =?utf-8?B?cGVyY2jD?= =?utf-8?B?qQ==?=\n\n", "<m@x> perché||"},
		{"words of two charsets", "Message-ID: <m@x>\nSubject: =?utf-8?q?=C3=A8?= =?iso-8859-1?q?_=E9?= b\n\n", "<m@x> è é b||"},
		{"a word with a line break in it", "Message-ID: <m@x>\nSubject: =?utf-8?q?a=0D=0ABcc:_b?=\n\n", "<m@x> a  Bcc: b||"},
		{"latin-1 that says it is UTF-8", "Message-ID: <m@x>\nContent-Type: text/plain; charset=utf-8\n\nperch\xe9", "<m@x> |perché|"},
		{"a charset of nobody", "Message-ID: <m@x>\nContent-Type: text/plain; charset=klingon\n\nperch\xe9", "<m@x> |perché|"},
		{"NUL", "Message-ID: <m@x>\n\na\x00b", "<m@x> |ab|"},
		{"base64 that is cut", "Message-ID: <m@x>\nContent-Transfer-Encoding: base64\n\nY2lhbyBh!", "<m@x> |ciao a|"},
		{"an unknown encoding", "Message-ID: <m@x>\nContent-Transfer-Encoding: x-uuencode\n\nbegin", "<m@x> |begin|"},
		{"no boundary", "Message-ID: <m@x>\nContent-Type: multipart/mixed\n\nciao", "<m@x> |ciao|"},
		{
			"a boundary that begins as another", "Message-ID: <m@x>\nContent-Type: multipart/mixed; boundary=A\n\n--A\n\nuno\n--AB\ndue\n--A\n" +
				"Content-Type: multipart/mixed; boundary=AB\n\n--AB\n\ntre\n--AB--\n--A--\n", "<m@x> |uno\n--AB\ndue\ntre|",
		},
		{
			"a part that is cut off", "Message-ID: <m@x>\nContent-Type: multipart/mixed; boundary=A\n\n--A\n" +
				"Content-Type: a/b; name=\"=?utf-8?q?=C3=A8.pdf?=\"\n\nx",
			"<m@x> ||è.pdf a/b x",
		},
		{
			"a file's name in RFC 2231", "Message-ID: <m@x>\nContent-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: a/b\n" +
				"Content-Disposition: attachment; filename*=utf-8''..%2F%C3%A8.pdf\n\nx\n--A--", "<m@x> ||è.pdf a/b x",
		},
		{"nothing", "", "<da39a3ee5e6b4b0d3255bfef95601890afd80709@without-id.invalid> ||"},
	} {
		m, err := Parse([]byte(c.raw))
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		got := m.ID + " " + m.Subject + "|" + m.Text + "|"
		for _, a := range m.Attachments {
			got += fmt.Sprintf("%s %s %s", a.Name, a.Type, a.Content)
		}
		if id, rest, _ := strings.Cut(got, " "); strings.HasSuffix(id, "@without-id.invalid>") && len(id) == 61 {
			_, want, _ := strings.Cut(c.want, " ")
			got, c.want = rest, want
		}
		if got != c.want {
			t.Errorf("%s: found %q, expected %q", c.what, got, c.want)
		}
	}
}

// TestBounds: what would cost too much is refused.
func TestBounds(t *testing.T) {
	var nested strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	for what, raw := range map[string]string{
		"nested":      nested.String(),
		"many parts":  "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 2000),
		"many fields": strings.Repeat("A: b\n", 5000) + "\n",
		"long header": "A: " + strings.Repeat("x", 2<<20) + "\n\n",
		"long folded": "A: b\n" + strings.Repeat(" x\n", 1<<20) + "\n\n",
		"loop":        strings.Repeat("Received: x\n", 101) + "\n",
	} {
		if _, err := Parse([]byte(raw)); err == nil {
			t.Errorf("%s: it is read", what)
		}
	}
}

// TestAutomatic: who is not to be answered by a program.
func TestAutomatic(t *testing.T) {
	for header, want := range map[string]bool{
		"Auto-Submitted: no": false, "Auto-Submitted: auto-replied (vacation)": true, "Auto-Submitted: auto-generated; a=b": true,
		"Precedence: Bulk": true, "Precedence: first-class": false, "List-Id: <a.b>": true, "Return-Path: <>": true,
		"Return-Path: <a@b>": false, "Content-Type: multipart/report; boundary=a": true, "Subject: Re: Re: Re:": false,
	} {
		m, err := Parse([]byte(header + "\n\nx"))
		if err != nil || m.Automatic != want {
			t.Errorf("%s: found %v %v", header, m, err)
		}
	}
}

// FuzzParse: nothing panics, and what is read has no NUL and is one line where it has to be.
func FuzzParse(f *testing.F) {
	f.Add([]byte(envelope("posta-certificata", "X-Trasporto: posta-certificata\r\n", "")))
	f.Add([]byte("Subject: =?utf-8?q?=?=\nContent-Type: multipart/mixed; boundary=\"\"\n\n--\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw)
		if err != nil {
			return
		}
		_ = m.Certify()
		for _, s := range []string{m.ID, m.Subject, m.From.Address, m.From.Name} {
			if strings.ContainsAny(s, "\x00\r\n") {
				t.Errorf("%q", s)
			}
		}
		if strings.Contains(m.Text+m.HTML, "\x00") {
			t.Errorf("%q", m.Text)
		}
	})
}
