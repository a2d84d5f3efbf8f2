package mqtt

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/eclipse/paho.golang/packets"
	old "github.com/eclipse/paho.mqtt.golang/packets"
)

// codec writes and reads the packets of a version of MQTT, in the form that those of MQTT 5 have.
type codec interface {
	append(dst []byte, p io.WriterTo) ([]byte, error)
	decode(frame []byte) (any, error)
}

// codecs are those of the versions.
var codecs = map[int]codec{5: current{}, 3: before{}}

var (
	errFrame = errors.New("found no packet of MQTT")
	errLarge = errors.New("the packet is larger than it may be")
)

// readFrame reads a whole packet of at most n bytes.
func readFrame(r *bufio.Reader, n int) ([]byte, error) {
	first, err := r.ReadByte()
	if err != nil {
		return nil, err
	}
	frame := []byte{first}
	length := 0
	for shift := 0; ; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		if shift > 21 {
			return nil, errFrame
		}
		frame = append(frame, b)
		length |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
	}
	if length > n {
		return nil, errLarge
	}
	head := len(frame)
	frame = append(frame, make([]byte, length)...)
	_, err = io.ReadFull(r, frame[head:])
	return frame, err
}

// safely has a library read what may be no packet at all.
func safely(read func() (any, error)) (p any, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, errFrame
		}
	}()
	return read()
}

// current is MQTT 5.
type current struct{}

func (current) append(dst []byte, p io.WriterTo) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	_, err := p.WriteTo(b)
	return b.Bytes(), err
}

func (current) decode(frame []byte) (any, error) {
	return safely(func() (any, error) {
		c, err := packets.ReadPacket(bytes.NewReader(frame))
		if err != nil {
			return nil, err
		}
		return c.Content, nil
	})
}

// before is MQTT 3.1.1, which has no properties and hardly any reasons.
type before struct{}

func (before) append(dst []byte, p io.WriterTo) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	var err error
	switch p := p.(type) {
	case *packets.Connect:
		x, _ := old.NewControlPacket(old.Connect).(*old.ConnectPacket)
		x.ProtocolName, x.ProtocolVersion, x.ClientIdentifier, x.CleanSession, x.Keepalive = "MQTT", 4, p.ClientID, p.CleanStart, p.KeepAlive
		x.UsernameFlag, x.Username, x.PasswordFlag, x.Password = p.UsernameFlag, p.Username, p.PasswordFlag, p.Password
		err = x.Write(b)
	case *packets.Publish:
		x, _ := old.NewControlPacket(old.Publish).(*old.PublishPacket)
		x.TopicName, x.Payload, x.MessageID, x.Qos, x.Retain, x.Dup = p.Topic, p.Payload, p.PacketID, p.QoS, p.Retain, p.Duplicate
		err = x.Write(b)
	case *packets.Puback:
		x, _ := old.NewControlPacket(old.Puback).(*old.PubackPacket)
		x.MessageID = p.PacketID
		err = x.Write(b)
	case *packets.Subscribe:
		x, _ := old.NewControlPacket(old.Subscribe).(*old.SubscribePacket)
		x.MessageID = p.PacketID
		for _, s := range p.Subscriptions {
			x.Topics, x.Qoss = append(x.Topics, s.Topic), append(x.Qoss, s.QoS)
		}
		err = x.Write(b)
	case *packets.Pingreq:
		err = old.NewControlPacket(old.Pingreq).Write(b)
	case *packets.Disconnect:
		err = old.NewControlPacket(old.Disconnect).Write(b)
	default:
		err = fmt.Errorf("MQTT 3.1.1 has no %T", p)
	}
	return b.Bytes(), err
}

func (before) decode(frame []byte) (any, error) {
	return safely(func() (any, error) {
		p, err := old.ReadPacket(bytes.NewReader(frame))
		if err != nil {
			return nil, err
		}
		switch p := p.(type) {
		case *old.ConnackPacket:
			code := p.ReturnCode
			if code == old.ErrRefusedBadUsernameOrPassword || code == old.ErrRefusedNotAuthorised {
				code = packets.ConnackNotAuthorized
			}
			return &packets.Connack{ReasonCode: code, SessionPresent: p.SessionPresent, Properties: &packets.Properties{}}, nil
		case *old.PublishPacket:
			return &packets.Publish{
				Topic: p.TopicName, Payload: p.Payload, PacketID: p.MessageID, QoS: p.Qos, Retain: p.Retain, Duplicate: p.Dup,
				Properties: &packets.Properties{},
			}, nil
		case *old.PubackPacket:
			return &packets.Puback{PacketID: p.MessageID, Properties: &packets.Properties{}}, nil
		case *old.SubackPacket:
			return &packets.Suback{PacketID: p.MessageID, Reasons: p.ReturnCodes, Properties: &packets.Properties{}}, nil
		case *old.PingrespPacket:
			return &packets.Pingresp{}, nil
		}
		return nil, errFrame
	})
}
