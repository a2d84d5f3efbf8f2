package mqtt

import (
	"bufio"
	"context"
	"io"
	"net"
	"sync"

	"fondaco/connectors/queue/driver"

	"github.com/eclipse/paho.golang/packets"
)

// Server is the broker's side of MQTT 5 for simulated systems. It hands nothing on from one client to another: what is published is
// answered, and subscriptions get the samples. The zero value is not ready: both functions are needed. Safe for concurrent use.
type Server struct {
	// Published returns what becomes of a message, and the reply if it is a request; nil for no answer at all. It honours ctx.
	Published func(ctx context.Context, m *driver.Message) *Answer
	// Subscribed returns the messages for a subscription by its label.
	Subscribed func(label string) []*driver.Message
	// Down reports whether every call is to be broken off.
	Down func() bool

	mu    sync.Mutex
	taken map[string]map[string]bool // of each client: the ids of the messages that it has acknowledged
}

// Answer is what becomes of a message.
type Answer struct {
	Error driver.Kind // 0 for none
	ID    string      // by which the broker knows it, "" for the one that it has
	Reply []byte      // to a request
}

var reasons = map[driver.Kind]byte{
	driver.Unroutable: packets.PubackNoMatchingSubscribers, driver.Denied: packets.PubackNotAuthorized,
	driver.Full: packets.PubackQuotaExceeded, driver.Unfit: packets.PubackTopicNameInvalid,
}

// serving is one connection.
type serving struct {
	*Server
	conn    net.Conn
	client  string
	writing sync.Mutex
	sent    map[uint16]string // the ids of messages that are not acknowledged yet
	next    uint16
}

// Serve answers a connection until it or ctx ends. It closes it, and returns when nothing runs any more.
func (s *Server) Serve(ctx context.Context, conn net.Conn, largest int) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	x := &serving{Server: s, conn: conn, sent: map[uint16]string{}}
	r := bufio.NewReader(conn)
	for {
		frame, err := readFrame(r, largest)
		if err != nil || s.Down() {
			return
		}
		p, err := current{}.decode(frame)
		if err != nil {
			return
		}
		switch p := p.(type) {
		case *packets.Connect:
			x.client = p.ClientID
			most := uint16(1000)
			x.write(&packets.Connack{Properties: &packets.Properties{ReceiveMaximum: &most}})
		case *packets.Publish:
			running.Go(func() { x.published(ctx, p) })
		case *packets.Subscribe:
			x.subscribed(p)
		case *packets.Puback:
			x.acknowledged(p.PacketID)
		case *packets.Pingreq:
			x.write(&packets.Pingresp{})
		case *packets.Disconnect:
			return
		}
	}
}

func (x *serving) write(p io.WriterTo) {
	b, err := current{}.append(nil, p)
	x.writing.Lock()
	defer x.writing.Unlock()
	if err == nil {
		_, err = x.conn.Write(b)
	}
	if err != nil {
		_ = x.conn.Close()
	}
}

// published answers a message.
func (x *serving) published(ctx context.Context, p *packets.Publish) {
	a := x.Published(ctx, message(p))
	if a == nil || ctx.Err() != nil || x.Down() {
		_ = x.conn.Close()
		return
	}
	ack := &packets.Puback{PacketID: p.PacketID, Properties: &packets.Properties{}}
	if a.Error != 0 {
		ack.ReasonCode = packets.PubackUnspecifiedError
		if code, known := reasons[a.Error]; known {
			ack.ReasonCode = code
		}
	}
	if a.ID != "" {
		ack.Properties.User = []packets.User{{Key: MessageID, Value: a.ID}}
	}
	if p.QoS > 0 {
		x.write(ack)
	}
	if a.Error == 0 && p.Properties.ResponseTopic != "" {
		x.write(&packets.Publish{
			Topic: p.Properties.ResponseTopic, Payload: a.Reply, Properties: &packets.Properties{CorrelationData: p.Properties.CorrelationData},
		})
	}
}

// subscribed grants a subscription behind what it has not taken yet, as MQTT permits: whoever has the answer has all of it.
func (x *serving) subscribed(p *packets.Subscribe) {
	granted := make([]byte, len(p.Subscriptions))
	for i, of := range p.Subscriptions {
		granted[i] = min(of.QoS, 1)
	}
	defer x.write(&packets.Suback{PacketID: p.PacketID, Reasons: granted, Properties: &packets.Properties{}})
	label := ""
	for _, u := range p.Properties.User {
		if u.Key == "watch" {
			label = u.Value
		}
	}
	if label == "" {
		return
	}
	for _, m := range x.Subscribed(label) {
		if x.has(m.ID) {
			continue
		}
		x.next++
		x.mu.Lock()
		x.sent[x.next] = m.ID
		x.mu.Unlock()
		out := &packets.Publish{Topic: m.Topic, Payload: m.Body, QoS: 1, PacketID: x.next, Retain: m.Retained, Properties: &packets.Properties{}}
		out.Properties.User = []packets.User{{Key: MessageID, Value: m.ID}}
		for _, h := range m.Headers {
			out.Properties.User = append(out.Properties.User, packets.User{Key: h[0], Value: h[1]})
		}
		x.write(out)
	}
}

func (x *serving) has(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.taken[x.client][id]
}

func (x *serving) acknowledged(packet uint16) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.taken == nil {
		x.taken = map[string]map[string]bool{}
	}
	if x.taken[x.client] == nil {
		x.taken[x.client] = map[string]bool{}
	}
	if id, sent := x.sent[packet]; sent {
		x.taken[x.client][id] = true
		delete(x.sent, packet)
	}
}
