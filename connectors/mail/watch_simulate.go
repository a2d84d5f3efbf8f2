package mail

import (
	"context"
	"net/textproto"
	"slices"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// played returns what a simulator's samples of the watch tell, each once.
func (x *watching) played(ctx context.Context, p *place) (*connectors.Finds, error) {
	place, _ := x.system.Place()
	raw, err := dialPlace(ctx, x.system, place)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	conn := textproto.NewConn(raw)
	defer func() { _ = conn.Close() }()
	if _, _, err = conn.ReadResponse(220); err != nil {
		return nil, err
	}
	if err = conn.PrintfLine("%s %s", commandWatch, x.of.Name); err != nil {
		return nil, err
	}
	_, text, err := conn.ReadResponse(250)
	if err != nil {
		return nil, err
	}
	b, err := decoded(text)
	if err != nil {
		return nil, err
	}
	items, err := codec.CompileJSON(schema.ListOf(x.of.Item), codec.JSONOptions{}).Decode(b)
	if err != nil {
		return nil, err
	}
	found := &connectors.Finds{}
	for _, item := range items.Items() {
		id := identity(string(codec.AppendJSON(nil, item)))
		if slices.Contains(p.Played, id) {
			continue
		}
		p.Played = append(p.Played, id)
		found.Items = append(found.Items, connectors.Find{ID: id, Body: item})
	}
	found.Place = connectors.WritePlace(p)
	return found, nil
}

// told replies with what the samples of a watch tell.
func (d *dialogue) told(ctx context.Context, name string) bool {
	a := d.answers.Load()
	w := a.connector.Watch(name)
	if w == nil {
		return d.say("554 5.5.4 this is not a watch of the simulated connector")
	}
	sample := a.simulation.Find(w.Name, schema.RecordOf(schema.RecordType()))
	if sample == nil {
		return d.lines(encoded(schema.List(nil)))
	}
	if !d.waits(ctx, sample.Delay) || d.IsDown() {
		return false
	}
	if sample.Fault != nil {
		return d.fail(sample.Fault)
	}
	return d.lines(encoded(schema.List(sample.Answer.Items())))
}
