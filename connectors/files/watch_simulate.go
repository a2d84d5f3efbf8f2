package files

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"slices"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// played returns what a simulator's samples of the watch tell, each once.
func (x *watching) played(ctx context.Context, p *place) (*connectors.Finds, error) {
	conn, err := x.player.ask(ctx, x.of.Name, []byte("{}"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	b, err := io.ReadAll(io.LimitReader(conn, maxFrame))
	if err != nil {
		return nil, driver.Broken(ctx, err, true)
	}
	items, err := codec.CompileJSON(schema.ListOf(x.of.Item), codec.JSONOptions{}).Decode(b)
	if err != nil {
		return nil, err
	}
	found := &connectors.Finds{}
	for _, item := range items.Items() {
		sum := sha256.Sum256(codec.AppendJSON(nil, item))
		id := base64.RawURLEncoding.EncodeToString(sum[:18])
		if slices.Contains(p.Played, id) {
			continue
		}
		p.Played = append(p.Played, id)
		find := connectors.Find{ID: id, Body: item}
		if x.watched.records != nil {
			find.Key = x.keyOf(item.Get("record"))
		}
		found.Items = append(found.Items, find)
	}
	found.Place = p.String()
	return found, nil
}

// told answers what the samples of a watch tell.
func (a *answers) told(ctx context.Context, w *connectors.Watch) (reply, []byte) {
	sample := a.simulation.Find(w.Name, schema.RecordOf(schema.RecordType()))
	if sample == nil {
		return reply{}, []byte("[]")
	}
	if !waited(ctx, sample.Delay) {
		return reply{}, nil
	}
	if sample.Fault != nil {
		return failed(kindOf(sample.Fault.Code), sample.Fault.Text), nil
	}
	return reply{}, codec.AppendJSON(nil, schema.List(sample.Answer.Items()))
}

// kindOf returns the kind that a sample's fault names.
func kindOf(word string) driver.Kind {
	if k := driver.KindOf(word); k != 0 {
		return k
	}
	return driver.Other
}
