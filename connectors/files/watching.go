package files

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"strconv"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
)

// pollMost is how long one poll reads before it goes on with the next, so that how far it has come is kept.
const pollMost = 5 * time.Second

// watching is an open watch of files. It is a connectors.Watching.
type watching struct {
	*watched
	of     *connectors.Watch
	name   string       // system.watch
	store  driver.Store // nil of a simulated system
	player *player      // likewise, of another
	log    *slog.Logger
	now    func() time.Time
	hidden bool // the names of its files are personal

	life context.Context //nolint:containedctx // of files that are read over several polls
	end  context.CancelFunc
	seen map[string]sighting
	pass *pass // the first pass of a file that is under way, nil for none
	open *opened
}

// sighting is a file that was seen, and since when it has been the same.
type sighting struct {
	file  driver.File
	since time.Time
	left  bool // it cannot be read, and the log has it
}

// watch opens a watch. It connects to nothing.
func watch(ctx context.Context, s *connectors.System, of *connectors.Watch, deps connectors.Deps) (connectors.Watching, error) {
	w, ok := s.Connector.Wire.(*wire)
	files, known := of.Wire.(*watched)
	if !ok || !known || !files.good {
		return nil, fmt.Errorf("%s is no watch of files", of.Name)
	}
	x := &watching{watched: files, of: of, name: s.Name + "." + of.Name, log: deps.Log, now: deps.Now.Now, seen: map[string]sighting{}}
	if x.log == nil {
		x.log = slog.New(slog.DiscardHandler)
	}
	for _, f := range of.Item.Fields {
		x.hidden = x.hidden || f.Type.Personal && (f.Name == "name" || f.Name == "file")
	}
	x.life, x.end = context.WithCancel(context.WithoutCancel(ctx))
	var err error
	if x.player, err = w.played(s); x.player != nil {
		return x, nil
	}
	var at address
	var o driver.Options
	if err == nil {
		at, o, err = w.reached(s)
	}
	if err == nil {
		o.Most = max(o.Most, 2) // a file stays open while others are looked at
		x.store, err = at.driver.Open(o)
	}
	if err != nil {
		x.end()
		return nil, err
	}
	return x, nil
}

// Close ends what is being read, and the connections.
func (x *watching) Close() error {
	x.end()
	x.forget()
	if x.store == nil {
		return nil
	}
	return x.store.Close()
}

// forget ends what is being read.
func (x *watching) forget() {
	x.dropPass()
	if x.open != nil {
		_ = x.open.file.Close()
		x.open = nil
	}
}

// Wait waits for the time of the next poll.
func (x *watching) Wait(ctx context.Context, every time.Duration) {
	timer := time.NewTimer(every)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Poll does the next thing that is due: it tells files that are ours, moves those that were told, reads on, or looks.
func (x *watching) Poll(ctx context.Context, at string) (*connectors.Finds, error) {
	found, err := x.poll(ctx, at)
	if err != nil {
		x.forget()
		return nil, fmt.Errorf("%s: %w", x.name, err)
	}
	return found, nil
}

func (x *watching) poll(ctx context.Context, at string) (*connectors.Finds, error) {
	p, err := readPlace(at)
	if err != nil {
		return nil, err
	}
	if x.player != nil {
		return x.played(ctx, p)
	}
	if len(p.Claimed) > 0 {
		return x.tell(ctx, p)
	}
	if len(p.Moves) > 0 {
		if err := x.finish(ctx, p); err != nil {
			return nil, err
		}
		return &connectors.Finds{Place: p.String(), More: true}, nil
	}
	if p.Reading != nil {
		return x.readOn(ctx, p)
	}
	return x.look(ctx, p)
}

// shown is a file's name for the log.
func (x *watching) shown(name, sum string) string {
	if x.hidden && len(sum) >= 8 {
		name = "sha256 " + short(sum) + "…"
	} else if x.hidden {
		name = "***"
	}
	return name
}

// from is the path of a file before it is moved.
func (x *watching) from(name string) string { return path.Join(x.folder, name) }

// tell moves files that are ours, and returns them.
func (x *watching) tell(ctx context.Context, p *place) (*connectors.Finds, error) {
	found := &connectors.Finds{More: true}
	for _, c := range p.Claimed {
		there, err := x.moved(ctx, c)
		if err != nil {
			return nil, err
		}
		id := identity(x.from(c.Name), c.Sum)
		if !there {
			x.log.Warn("a file changed or vanished before it was taken", "watch", x.name, "file", x.shown(c.Name, c.Sum))
			continue
		}
		p.took(id)
		found.Items = append(found.Items, connectors.Find{ID: id, Body: schema.RecordOf(x.of.Item,
			schema.Text(c.Name), schema.Text(c.To), schema.Int(c.Size), schema.DateTimeOf(c.Modified.UTC()), schema.Text(c.Sum))})
	}
	p.Claimed = nil
	found.Place = p.String()
	return found, nil
}

// moved moves a file to where it goes, unless that was done. It reports whether it is there now.
func (x *watching) moved(ctx context.Context, c claim) (bool, error) {
	f, err := x.store.Stat(ctx, x.from(c.Name))
	switch {
	case driver.IsKind(err, driver.Missing), err == nil && !c.is(f):
		there, err := x.store.Stat(ctx, c.To)
		if driver.IsKind(err, driver.Missing) {
			return false, nil
		}
		return err == nil && there.Size == c.Size, err
	case err != nil:
		return false, err
	}
	// What is there by now is the same file, as c.To was free or of the same content.
	if err := x.store.Move(ctx, x.from(c.Name), c.To, true); err != nil && !driver.IsKind(err, driver.Missing) {
		return false, err
	}
	return true, x.unmark(ctx, c.Name)
}

// unmark removes the marker of a file.
func (x *watching) unmark(ctx context.Context, name string) error {
	if x.marker == "" {
		return nil
	}
	err := x.store.Remove(ctx, x.from(x.markerOf(name)))
	if driver.IsKind(err, driver.Missing) {
		return nil
	}
	return err
}

// finish moves files whose last record is kept.
func (x *watching) finish(ctx context.Context, p *place) error {
	for _, c := range p.Moves {
		there, err := x.moved(ctx, c)
		if err != nil {
			return err
		}
		if !there {
			x.log.Warn("a file changed or vanished after its last record, and is not moved", "watch", x.name, "file", x.shown(c.Name, c.Sum))
		}
	}
	p.Moves = nil
	return nil
}

// target is the path of a file in a folder, whose name is taken unless it is free, or holds the same.
func (x *watching) target(ctx context.Context, folder, name, sum string, size int64) (to string, same bool, err error) {
	to = path.Join(folder, name)
	f, err := x.store.Stat(ctx, to)
	if driver.IsKind(err, driver.Missing) {
		return to, false, nil
	}
	if err != nil {
		return "", false, err
	}
	if f.Regular && f.Size == size {
		other, err := x.sum(ctx, to)
		if err != nil {
			return "", false, err
		}
		if other == sum {
			return to, true, nil
		}
	}
	to += "~" + short(sum)
	_, err = x.store.Stat(ctx, to)
	if driver.IsKind(err, driver.Missing) {
		return to, false, nil
	}
	return to, err == nil, err
}

// keyOf returns the key of a record.
func (x *watching) keyOf(record schema.Value) string {
	if x.key.Value == "" {
		return ""
	}
	return argument(record.Get(x.key.Value))
}

// item is a record as it is told.
func (x *watching) item(file, id string, number int64, record schema.Value) connectors.Find {
	return connectors.Find{
		ID: id + "-" + strconv.FormatInt(number, 10), Key: x.keyOf(record),
		Body: schema.RecordOf(x.of.Item, schema.Text(file), schema.Int(number), record),
	}
}

var errChanged = errors.New("the file changed while it was read")
