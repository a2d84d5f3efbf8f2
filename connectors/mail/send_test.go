package mail

import (
	"io"
	"net"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/transform/codec"
)

// TestSend: a message as it goes over the wire.
func TestSend(t *testing.T) {
	p := newPeer(t, nil)
	ctx := connectors.WithEffectID(t.Context(), "e1")
	got, f := send(ctx, t, p.address, `{"a":["Anna Bianchi <anna@example.org>","bruno@münchen.example"],"copia":"archivio@comune.example",`+
		`"oggetto":"è <rotta>","nome":"<b>Anna & \"c\"</b>","link":"javascript:alert(1)","risposta_a":"<m1@example.org>",`+
		`"file":[{"name":"perché.pdf","type":"application/pdf","content":"JVBERg=="}]}`)
	if f != nil {
		t.Fatal(f)
	}
	lines, message := p.told()
	want := []string{
		"MAIL FROM:<urp@comune.example> BODY=8BITMIME", "RCPT TO:<anna@example.org>", "RCPT TO:<bruno@xn--mnchen-3ya.example>",
		"RCPT TO:<archivio@comune.example>", "DATA",
	}
	if strings.Join(lines[1:6], "\n") != strings.Join(want, "\n") {
		t.Errorf("found\n%s", strings.Join(lines, "\n"))
	}
	for _, has := range []string{
		"From: \"Comune\" <urp@comune.example>", "\nTo: \"Anna Bianchi\" <anna@example.org>", "bruno@xn--mnchen-3ya.example",
		"Subject: =?UTF-8?q?Comune:_=C3=A8_<rotta>?=",
		"In-Reply-To: <m1@example.org>", "References: <m1@example.org>", "Auto-Submitted: auto-replied", "Date: Mon, 30 Nov 2026 10:00:00 +0000",
		"Gentile <b>Anna & \"c\"</b>,\n.\nciao", "&lt;b&gt;Anna &amp; &#34;c&#34;&lt;/b&gt;", "#ZgotmplZ", "JVBERg==", "application/pdf",
	} {
		if !strings.Contains(strings.ReplaceAll(message, "=3D", "="), has) {
			t.Errorf("the message has no %q:\n%s", has, message)
		}
	}
	if strings.Contains(message, "archivio") {
		t.Error("the message shows who has a blind copy")
	}
	again, f := send(ctx, t, p.address, plain)
	if f != nil || again != got {
		t.Errorf("of the same effect: found %s %v, expected %s", again, f, got)
	}
	if other, _ := send(connectors.WithEffectID(t.Context(), "e2"), t, p.address, plain); other == got {
		t.Errorf("of another effect: found %s too", other)
	}
	if !strings.Contains(got, `@comune.example>","refused":[]`) {
		t.Errorf("found %s", got)
	}
}

// TestHeadersCannotBeInjected: nothing that a value holds becomes a header, an address or a command, and nothing is dialled.
func TestHeadersCannotBeInjected(t *testing.T) {
	p := newPeer(t, nil)
	for what, input := range map[string]string{
		"subject":     `{"a":["anna@example.org"],"oggetto":"x\r\nBcc: evil@example.com","nome":"A"}`,
		"line feed":   `{"a":["anna@example.org"],"oggetto":"x\nX: y","nome":"A"}`,
		"control":     `{"a":["anna@example.org"],"oggetto":"x\u0001","nome":"A"}`,
		"address":     `{"a":["anna@example.org\r\nRCPT TO:<evil@example.com>"],"oggetto":"x","nome":"A"}`,
		"two at once": `{"a":["anna@example.org, evil@example.com"],"oggetto":"x","nome":"A"}`,
		"name":        `{"a":["\"x\r\nBcc: e@example.com\" <anna@example.org>"],"oggetto":"x","nome":"A"}`,
		"word":        `{"a":["=?utf-8?q?x=0D=0ABcc:_e@example.com?= <anna@example.org>"],"oggetto":"x","nome":"A"}`,
		"none":        `{"a":[],"oggetto":"x","nome":"A"}`,
		"no address":  `{"a":["Anna"],"oggetto":"x","nome":"A"}`,
		"host":        `{"a":["anna@exa mple.org"],"oggetto":"x","nome":"A"}`,
		"too many":    `{"a":["a@example.org","b@example.org","c@example.org","d@example.org"],"oggetto":"x","nome":"A"}`,
		"reply":       `{"a":["anna@example.org"],"oggetto":"x","nome":"A","risposta_a":"<a@b>\r\nX: y"}`,
		"file's name": `{"a":["anna@example.org"],"oggetto":"x","nome":"A","file":[{"name":"a\"\r\nX: y","content":""}]}`,
		"a path":      `{"a":["anna@example.org"],"oggetto":"x","nome":"A","file":[{"name":"../a","content":""}]}`,
		"file's type": `{"a":["anna@example.org"],"oggetto":"x","nome":"A","file":[{"name":"a","type":"text/plain\r\nX: y","content":""}]}`,
		"size":        `{"a":["anna@example.org"],"oggetto":"x","nome":"` + strings.Repeat("x", 11<<10) + `"}`,
	} {
		got, f := send(t.Context(), t, p.address, input)
		if f == nil || f.Kind != connectors.Invalid || f.Sent {
			t.Errorf("%s: found %s %v, expected invalid", what, got, f)
		}
		if f != nil && strings.Contains(f.Error(), "evil") {
			t.Errorf("%s: the fault quotes the value: %v", what, f)
		}
	}
	if lines, _ := p.told(); len(lines) > 0 {
		t.Errorf("the server was told %q", lines)
	}
}

// TestFaults: what each reply of a server makes of a call.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		what    string
		replies map[string]string
		kind    connectors.FaultKind // 0 for an answer
		sent    bool
		away    string // Fault.Away
		answer  string
	}{
		{what: "greeting", replies: map[string]string{"CONNECT": "554 no"}, kind: connectors.Refused},
		{what: "no greeting", replies: map[string]string{"CONNECT": ""}, kind: connectors.Unavailable, away: "posta"},
		{what: "shutting down", replies: map[string]string{"CONNECT": "421 4.3.2 later"}, kind: connectors.Unavailable, away: "posta"},
		{what: "sender", replies: map[string]string{"MAIL": "553 5.1.8 no"}, kind: connectors.Invalid},
		{what: "greylisted", replies: map[string]string{"RCPT TO:<anna": "450 4.2.0 anna@example.org later"}, kind: connectors.Unavailable},
		{what: "one greylisted", replies: map[string]string{"RCPT TO:<bruno": "451 later"}, kind: connectors.Unavailable},
		{what: "unknown", replies: map[string]string{"RCPT": "550 5.1.1 anna@example.org unknown"}, kind: connectors.Refused},
		{
			what: "one unknown", replies: map[string]string{"RCPT TO:<bruno": "550 5.1.1 unknown"},
			answer: `"refused":[{"address":"bruno@example.org","code":550,"status":"5.1.1","text":"unknown"}]`,
		},
		{what: "no data", replies: map[string]string{"DATA": "452 4.3.1 full"}, kind: connectors.Unavailable},
		{what: "too large", replies: map[string]string{"EHLO": "250-prova\r\n250 SIZE 10"}, kind: connectors.Invalid},
		{what: "not now", replies: map[string]string{".": "451 4.7.1 later"}, kind: connectors.Unavailable},
		{what: "content", replies: map[string]string{".": "550 5.7.1 no"}, kind: connectors.Refused},
		{what: "a rule of the connector", replies: map[string]string{".": "554 5.7.1 spam"}, kind: connectors.Conflict},
		{what: "lost in the data", replies: map[string]string{"DATA": ""}, kind: connectors.Unavailable, away: "posta"},
		{what: "lost after the last dot", replies: map[string]string{".": ""}, kind: connectors.Unknown, sent: true},
		{what: "gibberish after the last dot", replies: map[string]string{".": "hello"}, kind: connectors.Unknown, sent: true},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := newPeer(t, c.replies)
			got, f := send(t.Context(), t, p.address, `{"a":["anna@example.org","bruno@example.org"],"oggetto":"buca","nome":"Anna"}`)
			if c.kind == 0 {
				if f != nil || !strings.Contains(got, c.answer) {
					t.Fatalf("found %s %v, expected %s", got, f, c.answer)
				}
				return
			}
			if f == nil || f.Kind != c.kind || f.Sent != c.sent || f.Away() != c.away {
				t.Fatalf("found %s %+v, expected %s, sent %t, away %q", got, f, c.kind, c.sent, c.away)
			}
			if strings.Contains(f.Error(), "@") {
				t.Errorf("the fault shows an address: %v", f)
			}
		})
	}
}

// TestStrippedTLS: a server that offers no STARTTLS gets nothing where TLS is asked for, and neither does one with a certificate of nobody.
func TestStrippedTLS(t *testing.T) {
	p := newPeer(t, nil)
	c := load(t, strings.Replace(sending, "mail:\n", "mail:\n  tls: verify\n  user: hub\n  password: ${secret.posta}\n", 1))
	s := &connectors.System{Name: "posta", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", p.address)
	s.Bind(func(string, string) (string, bool, bool) { return "segreta", true, true })
	caller, err := Protocol.Open(t.Context(), s, connectors.Deps{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	op := c.Operation("scrivi")
	call, err := caller.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	in, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	_, err = call(t.Context(), in)
	f := connectors.AsFault(err)
	if f == nil || f.Kind != connectors.Unavailable || f.Sent || !strings.Contains(f.Error(), "STARTTLS") {
		t.Errorf("found %v", err)
	}
	for _, line := range p.lines {
		if !strings.HasPrefix(line, "EHLO") && !strings.HasPrefix(line, "QUIT") {
			t.Errorf("the server was told %q", line)
		}
	}
}

// TestPasswordInTheOpen: a password is not sent without TLS to another machine.
func TestPasswordInTheOpen(t *testing.T) {
	c := load(t, strings.Replace(sending, "mail:\n", "mail:\n  tls: off\n  user: hub\n  password: ${secret.posta}\n", 1))
	s := &connectors.System{Name: "posta", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", "smtp://mail.comune.example:25")
	s.Bind(func(string, string) (string, bool, bool) { return "segreta", true, true })
	if _, err := Protocol.Open(t.Context(), s, connectors.Deps{Now: time.Now}); err == nil || strings.Contains(err.Error(), "segreta") {
		t.Errorf("found %v", err)
	}
}

// TestWideAddresses: letters beyond ASCII before the @ go to servers with SMTPUTF8 alone.
func TestWideAddresses(t *testing.T) {
	const input = `{"a":["niccolò@example.org"],"oggetto":"x","nome":"A"}`
	p := newPeer(t, nil)
	if _, f := send(t.Context(), t, p.address, input); f == nil || f.Kind != connectors.Invalid || !strings.Contains(f.Error(), "SMTPUTF8") {
		t.Errorf("found %v", f)
	}
	p = newPeer(t, map[string]string{"EHLO": "250-prova\r\n250 SMTPUTF8"})
	_, f := send(t.Context(), t, p.address, input)
	if lines, _ := p.told(); f != nil || lines[1] != "MAIL FROM:<urp@comune.example> SMTPUTF8" || lines[2] != "RCPT TO:<niccolò@example.org>" {
		t.Errorf("found %v %q", f, lines)
	}
	if _, f := send(t.Context(), t, p.address, plain); f != nil {
		t.Fatal(f)
	}
	if lines, _ := p.told(); strings.Contains(lines[len(lines)-4], "SMTPUTF8") {
		t.Errorf("SMTPUTF8 is asked for without need: %q", lines)
	}
}

// TestNoBareLineFeeds: a message has no line feed of its own, and a dot that begins a line is doubled, whatever its texts hold: none can
// end it early for a server that reads such things in its own way.
func TestNoBareLineFeeds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	raw := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		c := textproto.NewConn(conn)
		_ = c.PrintfLine("220 x")
		for {
			line, err := c.ReadLine()
			if err != nil {
				return
			}
			if line != "DATA" {
				_ = c.PrintfLine("250 x")
				continue
			}
			_ = c.PrintfLine("354 x")
			var all strings.Builder
			for !strings.HasSuffix(all.String(), "\r\n.\r\n") {
				b, err := c.R.ReadByte()
				if err != nil {
					break
				}
				all.WriteByte(b)
			}
			raw <- all.String()
			_ = c.PrintfLine("250 x")
			_, _ = io.Copy(io.Discard, conn)
			return
		}
	}()
	const input = `{"a":["anna@example.org"],"oggetto":"x","nome":"A\n.\nMAIL FROM:<e@example.com>\r.\r\n.\r\n"}`
	_, f := send(t.Context(), t, "smtp://"+l.Addr().String(), input)
	if f != nil {
		t.Fatal(f)
	}
	text := <-raw
	body := strings.TrimSuffix(text, "\r\n.\r\n")
	for i := range len(body) {
		if body[i] == '\n' && (i == 0 || body[i-1] != '\r') || body[i] == '\r' && (i+1 == len(body) || body[i+1] != '\n') {
			t.Fatalf("a line ends otherwise than by CR LF, at %d:\n%q", i, body)
		}
	}
	if strings.Contains(body, "\r\n.\r\n") {
		t.Errorf("the message would end early:\n%s", body)
	}
}
