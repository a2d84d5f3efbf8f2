package mail

import (
	"context"
	"log/slog"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// sending is a connector whose one operation has all that a message can have.
const sending = `connector: posta
version: 1.0.0
params: { endpoint: { type: string } }
mail:
  smtp: "${param.endpoint}"
  from: Comune <urp@comune.example>
operations:
  scrivi:
    parameters:
      a: { type: array, items: { type: string } }
      copia: { type: string, required: false, nullable: true }
      oggetto: { type: string }
      nome: { type: string }
      link: { type: string, required: false }
      risposta_a: { type: string, required: false, nullable: true }
      file:
        type: array
        required: false
        items:
          type: object
          required: [name, content]
          properties: { name: { type: string }, type: { type: string }, content: { type: string, format: binary } }
    send:
      to: ${input.a}
      bcc: ${input.copia}
      subject: "Comune: ${input.oggetto}"
      text: |
        Gentile ${input.nome},
        .
        ciao
      html: '<a href="${input.link ?? ""}">Gentile ${input.nome}</a>'
      in_reply_to: ${input.risposta_a}
      attachments: ${input.file}
    max_size: 10KiB
    max_recipients: 3
    effect: once
    fails:
      - when: fault.code == "554" && fault.subcode == "5.7.1"
        as: conflict
        detail: "Il server lo considera indesiderato."
`

// peer is a server of SMTP that replies as a test says.
type peer struct {
	address string
	replies map[string]string // by the beginning of a line; "" breaks the connection off
	mu      sync.Mutex
	lines   []string // what it was told
	message string   // the last one
}

func newPeer(t *testing.T, replies map[string]string) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{address: "smtp://" + l.Addr().String(), replies: replies}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				p.serve(textproto.NewConn(conn))
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		running.Wait()
	})
	return p
}

// reply is what a line is answered with.
func (p *peer) reply(line, otherwise string) string {
	for start, reply := range p.replies {
		if strings.HasPrefix(line, start) {
			return reply
		}
	}
	return otherwise
}

func (p *peer) serve(c *textproto.Conn) {
	say := func(line string) bool { return line != "" && c.PrintfLine("%s", line) == nil }
	if !say(p.reply("CONNECT", "220 prova")) {
		return
	}
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.lines = append(p.lines, line)
		p.mu.Unlock()
		switch {
		case strings.HasPrefix(line, "QUIT"):
			return
		case strings.HasPrefix(line, "EHLO"):
			if !say(p.reply("EHLO", "250-prova\r\n250 8BITMIME")) {
				return
			}
		case strings.HasPrefix(line, "DATA"):
			if !say(p.reply("DATA", "354 go on")) {
				return
			}
			b, err := c.ReadDotBytes()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.message = string(b)
			p.mu.Unlock()
			if !say(p.reply(".", "250 2.0.0 queued as 7")) {
				return
			}
		default:
			if !say(p.reply(line, "250 2.0.0 Ok")) {
				return
			}
		}
	}
}

// told is what the peer was told, without the greeting.
func (p *peer) told() (lines []string, message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...), p.message
}

// load reads a connector.
func load(t testing.TB, text string) *connectors.Connector {
	t.Helper()
	var out diag.List
	c := connectors.Load(fstest.MapFS{"connector.yaml": {Data: []byte(text)}}, ".", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	for _, x := range out.Sorted() {
		t.Errorf("%s: %s %s %s", x.Pos, x.Code, x.Message, x.Hint)
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	return c
}

// send calls scrivi at an address, and returns the answer as JSON.
func send(ctx context.Context, t *testing.T, address, input string) (string, *connectors.Fault) {
	t.Helper()
	c := load(t, sending)
	s := &connectors.System{Name: "posta", Connector: c, Params: map[string]config.Ref{}}
	s.Override("endpoint", address)
	caller, err := Protocol.Open(ctx, s, connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: func() time.Time {
		return time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close()
	op := c.Operation("scrivi")
	call, err := caller.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	in, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(input))
	if err != nil {
		t.Fatal(err)
	}
	v, err := call(ctx, in)
	if err != nil {
		f := connectors.AsFault(err)
		if f == nil {
			t.Fatalf("the error is no fault: %v", err)
		}
		return "", f
	}
	return string(codec.AppendJSON(nil, v)), nil
}

const plain = `{"a":["anna@example.org"],"oggetto":"buca","nome":"Anna"}`
