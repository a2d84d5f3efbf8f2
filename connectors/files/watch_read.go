package files

import (
	"context"
	"errors"
	"io"
	"reflect"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/transform/records"
)

// opened is a file whose records are being told.
type opened struct {
	file   driver.Reader
	reader *records.Reader
	at     records.Position
}

// mostRead is how much of a file one poll reads.
const mostRead = 8 << 20

// readOn returns the next records of a file.
func (x *watching) readOn(ctx context.Context, p *place) (*connectors.Finds, error) {
	now, err := x.store.Stat(ctx, x.from(p.Reading.Name))
	if driver.IsKind(err, driver.Missing) || err == nil && !p.Reading.is(now) {
		return x.changed(ctx, p, err == nil)
	}
	if err != nil {
		return nil, err
	}
	if err := x.resume(p.Reading); err != nil {
		return nil, err
	}
	found := &connectors.Finds{More: true}
	id := identity(x.from(p.Reading.Name), p.Reading.Sum)
	until, begun := x.now().Add(pollMost), p.Reading.At.Offset
	for len(found.Items) < x.batch && x.open.at.Offset-begun < mostRead {
		r, err := x.open.reader.Next()
		var bad *records.Bad
		switch {
		case errors.Is(err, io.EOF):
			return x.atEnd(p, id, found), nil
		case errors.As(err, &bad): // it is in the reject file
		case err != nil:
			x.forget()
			var whole *records.Disagree
			if errors.As(err, &whole) { // which the first pass did not find
				return x.changed(ctx, p, true)
			}
			return nil, driver.Of(err, false)
		case r.Kind == x.record.Value:
			found.Items = append(found.Items, x.item(p.Reading.Name, id, r.Number, r.Value))
		}
		if x.open.at = x.open.reader.Position(); x.open.at.Number%1000 == 0 && x.now().After(until) {
			break
		}
	}
	p.Reading.At = x.open.at
	found.Place = p.String()
	return found, nil
}

// resume opens the file where it was left.
func (x *watching) resume(p *progress) error {
	if x.open != nil && reflect.DeepEqual(x.open.at, p.At) {
		return nil
	}
	x.forget()
	f, err := x.store.Read(x.life, x.from(p.Name), p.At.Offset)
	if err != nil {
		return err
	}
	x.open = &opened{file: f, reader: x.records.Read(readerOf(f), p.At), at: p.At}
	return nil
}

// atEnd ends a file.
func (x *watching) atEnd(p *place, id string, found *connectors.Finds) *connectors.Finds {
	x.forget()
	x.log.Info("the last record of a file was taken", "watch", x.name, "file", x.shown(p.Reading.Name, p.Reading.Sum), "records",
		p.Reading.Records, "bad", p.Reading.Bad)
	p.took(id)
	p.Moves = append(p.Moves, p.Reading.claim)
	p.Reading = nil
	found.Place = p.String()
	return found
}

// changed gives a file up that is not what the first pass read.
func (x *watching) changed(ctx context.Context, p *place, there bool) (*connectors.Finds, error) {
	x.forget()
	c := p.Reading.claim
	x.log.Error("a file changed or vanished while its records were worked on; those before are", "watch", x.name, "file",
		x.shown(c.Name, c.Sum),
		"records", p.Reading.At.Number, "of", p.Reading.Records)
	p.Reading = nil
	if there {
		now, err := x.store.Stat(ctx, x.from(c.Name))
		if err != nil {
			return nil, err
		}
		c.Size, c.Modified = now.Size, now.Modified
		if err := x.refuse(ctx, c, errChanged); err != nil {
			return nil, err
		}
	}
	return &connectors.Finds{Place: p.String(), More: true}, nil
}
