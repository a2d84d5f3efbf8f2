package mail

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/textproto"
	"strings"

	"fondaco/connectors/mail/smtp"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// A server of mail answers little, and samples are found by the input of an operation, which the message does not show. So a simulated
// system tells its simulator, after the greeting, which operation is called and with what, by a command of its own; the message follows as
// to any server, and the reply to it holds the answer.

// commandInput begins a line with an operation and its input, JSON in base64. commandWatch asks what the samples of a watch tell.
const (
	commandInput = "XINPUT"
	commandWatch = "XWATCH"
)

// encoded writes JSON as it stands in a line.
func encoded(v schema.Value) string {
	return base64.StdEncoding.EncodeToString(codec.AppendJSON(nil, v))
}

// decoded reads the lines of a reply as JSON.
func decoded(text string) ([]byte, error) {
	_, text = replyOf(text)
	return base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
}

// replyOf takes the enhanced code from a reply.
func replyOf(text string) (status, rest string) {
	status, rest, found := strings.Cut(text, "\n")
	if !found {
		return text, ""
	}
	return status, rest
}

// play sends a message to a simulator.
func (x *prepared) play(ctx context.Context, in schema.Value, l *smtp.Letter, raw []byte) (schema.Value, error) {
	receipt, err := x.server.Send(ctx, l, raw, func(conn *textproto.Conn) error {
		id, err := conn.Cmd("%s %s %s", commandInput, x.operation.Name, encoded(in))
		if err != nil {
			return err
		}
		conn.StartResponse(id)
		defer conn.EndResponse(id)
		_, _, err = conn.ReadResponse(250)
		return err
	})
	if err != nil {
		return schema.Value{}, err
	}
	b, err := decoded(receipt.Reply)
	if err != nil {
		return schema.Value{}, fmt.Errorf("the simulator's reply is not understood: %w", err)
	}
	if len(b) == 0 { // the sample leaves the answer to us
		return x.answer(l, receipt), nil
	}
	return codec.CompileJSON(x.want, codec.JSONOptions{}).Decode(b)
}
