package files

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
)

// mostListed is how many things there may be in a folder that is watched.
const mostListed = 200_000

var errListed = errors.New("the folder holds more than 200000 things: move old ones away")

// unfinished are the ends of names under which other programs write.
var unfinished = []string{".tmp", ".part", ".filepart", ".crdownload", ".partial"}

func (x *watching) markerOf(name string) string { return strings.ReplaceAll(x.marker, nameHole, name) }

// matches reports whether a file is one that the watch is of.
func (x *watching) matches(f driver.File) bool {
	if fits, err := path.Match(x.last, f.Name); err != nil || !fits || !f.Regular {
		return false
	}
	if strings.HasPrefix(f.Name, ".") && !strings.HasPrefix(x.last, ".") {
		return false
	}
	return !slices.ContainsFunc(unfinished, func(end string) bool {
		return strings.HasSuffix(f.Name, end) && !strings.HasSuffix(x.last, end)
	})
}

// whole lists the files that are whole, in the order of their names.
func (x *watching) whole(ctx context.Context) ([]driver.File, error) {
	var all []driver.File
	names := map[string]bool{}
	err := x.store.List(ctx, x.folder, func(f driver.File) error {
		if len(names) == mostListed {
			return errListed
		}
		names[f.Name] = true
		if x.matches(f) {
			all = append(all, f)
		}
		return nil
	})
	if driver.IsKind(err, driver.Missing) {
		return nil, nil // the folder is not made yet
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b driver.File) int { return strings.Compare(a.Name, b.Name) })
	seen := map[string]sighting{}
	whole := slices.DeleteFunc(all, func(f driver.File) bool {
		s, before := x.seen[f.Name]
		if !before || s.file.Size != f.Size || !s.file.Modified.Equal(f.Modified) {
			s = sighting{file: f, since: x.now()}
		}
		seen[f.Name] = s
		if err := driver.CheckName(f.Name); err != nil {
			s.left = x.leave(s, err)
			seen[f.Name] = s
		}
		switch {
		case s.left:
			return true
		case x.marker != "":
			return !names[x.markerOf(f.Name)]
		}
		return x.now().Sub(s.since) < x.of.Every*3/4 // it was the same at the poll before
	})
	x.seen = seen
	return whole, nil
}

// leave logs once that a file is left where it is.
func (x *watching) leave(s sighting, err error) bool {
	if !s.left {
		name := x.shown(strings.ToValidUTF8(s.file.Name, "\ufffd"), "")
		x.log.Warn("a file is left where it is: correct it, or its name", "watch", x.name, "file", name, "error", err)
	}
	return true
}

// look looks for files that are whole.
func (x *watching) look(ctx context.Context, p *place) (*connectors.Finds, error) {
	whole, err := x.whole(ctx)
	if err != nil {
		return nil, err
	}
	until := x.now().Add(pollMost)
	for _, f := range whole {
		if len(p.Claimed) == x.batch {
			break
		}
		done, err := x.check(ctx, p, f, until)
		switch {
		case driver.IsKind(err, driver.Missing):
			x.dropPass()
		case driver.IsKind(err, driver.Denied), driver.IsKind(err, driver.NoFile), driver.IsKind(err, driver.Outside):
			x.dropPass()
			s := x.seen[f.Name]
			s.left = x.leave(s, err)
			x.seen[f.Name] = s
		case err != nil:
			return nil, err
		case !done || x.now().After(until):
			return &connectors.Finds{Place: p.String(), More: true}, nil
		case p.Reading != nil:
			return &connectors.Finds{Place: p.String(), More: true}, nil
		}
	}
	return &connectors.Finds{Place: p.String(), More: len(p.Claimed) > 0}, nil
}

// check reads a file for the first time: it becomes a claim, or the one whose records are read, or is refused, or known. done is false
// if that is not ended by then.
func (x *watching) check(ctx context.Context, p *place, f driver.File, until time.Time) (done bool, err error) {
	if x.pass == nil || x.pass.file.Name != f.Name || x.pass.file.Size != f.Size || !x.pass.file.Modified.Equal(f.Modified) {
		x.dropPass()
		if x.pass, err = x.begin(f); err != nil {
			return false, err
		}
	}
	switch done, err := x.pass.run(ctx, x, until); {
	case err != nil || !done:
		return false, err
	}
	pass := x.pass
	x.dropPass()
	now, err := x.store.Stat(ctx, x.from(f.Name))
	if err != nil {
		return false, err
	}
	if now.Size != pass.file.Size || !now.Modified.Equal(pass.file.Modified) || pass.read != now.Size {
		return true, nil // it was written to meanwhile: it is not whole
	}
	return true, x.judge(ctx, p, pass)
}

func (x *watching) dropPass() {
	if x.pass != nil {
		x.pass.close()
		x.pass = nil
	}
}

// judge says what becomes of a file that was read.
func (x *watching) judge(ctx context.Context, p *place, pass *pass) error {
	sum := sumOf(pass.hash)
	c := claim{Name: pass.file.Name, Size: pass.file.Size, Modified: pass.file.Modified, Sum: sum}
	id := identity(x.from(c.Name), sum)
	to, same, err := x.target(ctx, x.doneIn, c.Name, sum, c.Size)
	if err != nil {
		return err
	}
	c.To = to
	if same || p.knows(id) {
		if _, err := x.moved(ctx, c); err != nil {
			return err
		}
		x.log.Warn("a file that was worked on was put again: it is moved, and not worked on", "watch", x.name, "file", x.shown(c.Name, sum))
		return nil
	}
	if x.records == nil {
		p.Claimed = append(p.Claimed, c)
		return nil
	}
	if pass.refused != nil {
		return x.refuse(ctx, c, pass.refused)
	}
	if len(pass.bad) > 0 {
		if err := x.writeRejects(ctx, c, pass); err != nil {
			return err
		}
		x.log.Warn("records of a file are bad, and are not worked on", "watch", x.name, "file", x.shown(c.Name, sum), "bad", len(pass.bad),
			"records", pass.records)
	}
	p.Reading = &progress{claim: c, Records: pass.records, Bad: int64(len(pass.bad))}
	return nil
}
