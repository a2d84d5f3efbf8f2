package files

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// A folder has no wire of its own. So a simulated system uses a small one with its simulator, wherever the real files are: a
// connection for each call, on which a request is sent, and a reply with the content of the file comes back. Names, contents and bounds
// are checked by the same code as those of real files.

// asking is a request to a simulator.
type asking struct {
	Operation string          `json:"operation"`
	Input     json.RawMessage `json:"input"`
}

// reply is the head of its reply, before the content.
type reply struct {
	Fault string `json:"fault,omitempty"` // a word of driver.Kind
	Text  string `json:"text,omitempty"`
}

// maxFrame is how large a request and the head of a reply may be.
const maxFrame = 64 << 20

func writeFrame(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(b)))
	_, err = w.Write(append(frame, b...))
	return err
}

var errFrame = errors.New("found no frame of a simulator of files")

func readFrame(r io.Reader, to any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return errFrame
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}

// player is the client of a simulator.
type player struct {
	system *connectors.System
	place  connectors.Place
}

// simulatorScheme begins the address of a simulator that another process serves, as fondaco simulate prints it.
const simulatorScheme = "files"

// played returns the client of the simulator that stands for a system; nil for a real one.
func (w *wire) played(s *connectors.System) (*player, error) {
	if place, placed := s.Place(); placed {
		return &player{s, place}, nil
	}
	text, _, err := s.Resolve(w.address)
	if err != nil {
		return nil, err
	}
	host, is := strings.CutPrefix(text, simulatorScheme+"://")
	if !is {
		return nil, nil //nolint:nilnil // as it says
	}
	if _, _, err := net.SplitHostPort(host); err != nil {
		return nil, fmt.Errorf("system %s: found no port, expected the address of a simulator as fondaco simulate prints it", s.Name)
	}
	return &player{s, connectors.Place{Network: "tcp", Address: host}}, nil
}

// ask sends a request, and returns the connection, from which the content is read until its end.
func (p *player) ask(ctx context.Context, operation string, in []byte) (net.Conn, error) {
	network := p.place.Network
	if network == "" {
		network = "tcp"
	}
	conn, err := p.system.Dial(ctx, network, p.place.Address)
	if err != nil {
		var late net.Error
		if end, bounded := ctx.Deadline(); bounded && errors.As(err, &late) && late.Timeout() && time.Until(end) < time.Second {
			<-ctx.Done() // the net has the deadline of ctx, and may have seen it a moment before
		}
		return nil, driver.Broken(ctx, err, false)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	err = writeFrame(conn, asking{operation, in})
	var r reply
	if err == nil {
		err = readFrame(conn, &r)
	}
	stop()
	switch {
	case err != nil:
		err = driver.Broken(ctx, err, true)
	case ctx.Err() != nil:
		err = driver.Broken(ctx, ctx.Err(), true)
	case r.Fault != "":
		kind := driver.KindOf(r.Fault)
		if kind == 0 {
			kind = driver.Other
		}
		err = &driver.Error{Kind: kind, Sent: kind == driver.Lost || kind == driver.Other, Err: errors.New(r.Text)}
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// play makes a call to a simulator.
func (x *prepared) play(ctx context.Context, r *request) (schema.Value, error) {
	in := r.in
	if u := connectors.UploadOf(ctx, x.operation.Name); u != nil {
		octets, err := io.ReadAll(u)
		if err != nil {
			return schema.Value{}, err
		}
		slots := schema.Slots(x.input)
		for i, f := range x.input.Fields {
			if slots[i+1] = in.Get(f.Name); f.Name == bodyField {
				slots[i+1] = schema.Bytes(octets)
			}
		}
		in = schema.Record(x.input, slots)
	} else if writes(x.op.kind) {
		if _, err := x.content(ctx, in); err != nil { // as large as it may be
			return schema.Value{}, err
		}
	}
	conn, err := x.player.ask(ctx, x.operation.Name, codec.AppendJSON(nil, in))
	if err != nil {
		return schema.Value{}, err
	}
	h := connectors.HandoverOf(ctx, x.operation.Name)
	if h == nil {
		defer func() { _ = conn.Close() }()
		defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	}
	switch {
	case h != nil && x.op.kind == doRead:
		h.Body, h.Length = conn, -1
		x.describeBody(h, r.path)
		return schema.Null, nil
	case x.op.kind == doRead:
		return x.decoded(ctx, conn)
	}
	b, err := io.ReadAll(io.LimitReader(conn, maxFrame))
	if err != nil {
		return schema.Value{}, driver.Broken(ctx, err, true)
	}
	v, err := codec.CompileJSON(x.want, codec.JSONOptions{}).Decode(bytes.TrimSpace(b))
	if err != nil {
		return v, x.invalid("", err)
	}
	return v, nil
}
