package mail

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// dialogue is one connection of a simulator: SMTP (RFC 5321), as far as clients need it to send messages, and the commands of player.go.
type dialogue struct {
	*simulator
	conn      net.Conn
	text      *textproto.Conn
	operation *connectors.Operation
	input     schema.Value
	sender    bool
	to        int
}

// mostReceived is how large a message is that a simulator takes.
const mostReceived = 64 << 20

func newDialogue(s *simulator, conn net.Conn) *dialogue {
	return &dialogue{simulator: s, conn: conn, text: textproto.NewConn(conn)}
}

// say replies.
func (d *dialogue) say(line string) bool { return d.text.PrintfLine("%s", line) == nil }

// run serves the connection until it ends.
func (d *dialogue) run(ctx context.Context) {
	d.say("220 simulato.invalid ESMTP")
	for {
		line, err := d.text.ReadLine()
		if err != nil {
			return
		}
		word, rest, _ := strings.Cut(line, " ")
		switch word = strings.ToUpper(word); word {
		case "EHLO":
			err = d.text.PrintfLine("250-simulato.invalid\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-SIZE %d\r\n250 ENHANCEDSTATUSCODES", mostReceived)
		case "HELO":
			d.say("250 simulato.invalid")
		case commandInput:
			d.take(rest)
		case commandWatch:
			if !d.told(ctx, rest) {
				return
			}
		case "MAIL":
			d.sender, d.to = true, 0
			d.say("250 2.1.0 Ok")
		case "RCPT":
			if !d.sender {
				d.say("503 5.5.1 MAIL first")
				continue
			}
			d.to++
			d.say("250 2.1.5 Ok")
		case "DATA":
			if !d.data(ctx) {
				return
			}
		case "RSET":
			d.sender, d.to = false, 0
			d.say("250 2.0.0 Ok")
		case "NOOP":
			d.say("250 2.0.0 Ok")
		case "QUIT":
			d.say("221 2.0.0 Bye")
			return
		default:
			d.say("502 5.5.2 unknown command")
		}
		if err != nil {
			return
		}
	}
}

// take reads which operation is called, and with what.
func (d *dialogue) take(rest string) {
	name, text, _ := strings.Cut(rest, " ")
	a := d.answers.Load()
	if d.operation = a.connector.Operation(name); d.operation == nil {
		d.say("554 5.5.4 this is not an operation of the simulated connector")
		return
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		d.input, err = codec.CompileJSON(d.operation.Wired(), codec.JSONOptions{}).Decode(b)
	}
	if err != nil {
		d.operation = nil
		d.say("554 5.5.4 the input is none of the simulated operation")
		return
	}
	d.say("250 2.0.0 Ok")
}

// data takes the message, and answers it by a sample. It reports whether the connection goes on.
func (d *dialogue) data(ctx context.Context) bool {
	if d.to == 0 {
		return d.say("503 5.5.1 RCPT first")
	}
	if !d.say("354 go on") {
		return false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(d.text.DotReader(), mostReceived+1))
	if err != nil {
		return false
	}
	d.sender, d.to = false, 0
	if n > mostReceived {
		d.say("552 5.3.4 the message is too large")
		return false
	}
	if d.operation == nil { // another client, which is not asked what it means
		return d.say("250 2.0.0 Ok")
	}
	a := d.answers.Load()
	sample := a.simulation.Find(d.operation.Name, d.input)
	if sample == nil {
		return d.say("554 5.0.0 no sample of " + d.operation.Name + " fits this input")
	}
	if !d.waits(ctx, sample.Delay) || d.IsDown() {
		return false
	}
	switch {
	case sample.Fault != nil:
		return d.fail(sample.Fault)
	case sample.Raw != "" || sample.Status >= 300:
		return d.say("554 5.0.0 a sample of mail has answer or fault")
	case sample.Answer.IsNil():
		return d.say("250 2.0.0 Ok")
	}
	return d.lines(encoded(sample.Answer))
}

// lines replies with text of base64, after a first line.
func (d *dialogue) lines(text string) bool {
	const most = 400
	if !d.say("250-2.0.0") {
		return false
	}
	for len(text) > most {
		if !d.say("250-" + text[:most]) {
			return false
		}
		text = text[most:]
	}
	return d.say("250 " + text)
}

// faultForm is the code of a sample's fault: the reply's, and perhaps the enhanced one.
var faultForm = regexp.MustCompile(`^[45]\d\d( [45]\.\d{1,3}\.\d{1,3})?$`)

// fail replies with a sample's fault. A code that is none of SMTP breaks the connection off, for those that are gone before they answer.
func (d *dialogue) fail(f *connectors.SampleFault) bool {
	if !faultForm.MatchString(f.Code) {
		return false
	}
	text := strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, f.Text)
	return d.say(strings.TrimSpace(f.Code + " " + text))
}

// waits waits for as long as a sample says, and reports whether the client is still there.
func (d *dialogue) waits(ctx context.Context, delay time.Duration) bool {
	if delay <= 0 {
		return ctx.Err() == nil
	}
	ctx, cancel := context.WithTimeout(ctx, delay)
	defer cancel()
	gone, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		if _, err := d.text.R.Peek(1); err != nil { // the client says nothing before the answer: this ends when it is gone
			close(gone)
		}
	}()
	select {
	case <-gone:
		<-ended
		return false
	case <-ctx.Done():
	}
	_ = d.conn.SetReadDeadline(time.Now()) // which ends the reading above
	<-ended
	_ = d.conn.SetReadDeadline(time.Time{})
	return errors.Is(ctx.Err(), context.DeadlineExceeded)
}
