package database

import (
	"context"
	"strconv"

	"fondaco/connectors"
	"fondaco/connectors/database/driver"
)

// read returns rows by a column that grows.
func (x *watching) read(ctx context.Context, at string) (*connectors.Finds, error) {
	p, err := readPlace(at)
	if err != nil {
		return nil, err
	}
	if x.driver.Queue.Oldest != "" {
		return x.readWindow(ctx, p, at)
	}
	return x.readOverlap(ctx, p)
}

// horizon is which transactions are under way, and up to where the column has grown.
type horizon struct {
	oldest, next int64
	top          string // "" of an empty table
}

func (x *watching) horizon(ctx context.Context) (h horizon, err error) {
	q := x.watched.horizon(x.driver, x.watch)
	_, err = x.pool.Run(ctx, q.Statement, nil, func(cells []driver.Cell) (err error) {
		last := len(cells) - 1
		h.top = cells[last].Text
		if last == 0 {
			return nil
		}
		if h.oldest, err = strconv.ParseInt(cells[0].Text, 10, 64); err == nil {
			h.next, err = strconv.ParseInt(cells[1].Text, 10, 64)
		}
		return err
	})
	return h, err
}

// readWindow reads the rows of the transactions that have ended since the last window, once all before them have: whatever order they
// end in, each row is of one window. The column bounds what is looked at, and orders it.
func (x *watching) readWindow(ctx context.Context, p *place, at string) (*connectors.Finds, error) {
	if p.Now == nil {
		h, err := x.horizon(ctx)
		switch {
		case err != nil:
			return nil, err
		case !p.Begun && x.from != "beginning":
			p.Begun, p.From = true, h.oldest
			p.bound(h)
			return &connectors.Finds{Place: p.String()}, nil
		case h.oldest < p.From: // another database, or one that was restored: what is within the overlap is read again, and known by its id
			if !x.strange {
				x.log.Warn("the database numbers its transactions anew: rows within the overlap are read again", "watch", x.name)
			}
			x.strange, p.From, p.Next = true, 0, nil
		case h.oldest == p.From:
			return &connectors.Finds{Place: at}, nil
		}
		p.Begun, p.Now = true, &window{To: h.oldest, End: bound{h.top, h.next}}
	}
	values := map[string]string{
		argFrom: number(p.From), argWidth: strconv.FormatInt(p.Now.To-p.From, 10), argTo: strconv.FormatInt(p.Now.To, 10),
	}
	if p.From == 0 {
		values[argFrom] = number(p.Now.To)
	}
	rows, err := x.page(ctx, p.From == 0, p.low(x.grow), p.Now.After, values)
	if err != nil {
		return nil, err
	}
	found := &connectors.Finds{Items: finds(rows), More: len(rows) == x.batch}
	if found.More {
		p.Now.After = x.at(rows[len(rows)-1])
	} else {
		h := horizon{next: p.Now.End.Number, top: p.Now.End.Top}
		p.From, p.Now = p.Now.To, nil
		p.bound(h)
	}
	found.Place = p.String()
	return found, nil
}

// number returns the lower 32 bits of a transaction's number.
func number(n int64) string { return strconv.FormatInt(n&0xffffffff, 10) }

// bound moves up from where on rows are looked at: to where the column had grown when transactions began that have all ended.
func (p *place) bound(h horizon) {
	if p.Next != nil && p.From >= p.Next.Number {
		p.Low, p.Next = &p.Next.Top, nil
	}
	if p.Next == nil && h.top != "" {
		p.Next = &bound{h.top, h.next}
	}
}

// page asks for a page of rows.
func (x *watching) page(ctx context.Context, first bool, low *string, behind, values map[string]string) ([]row, error) {
	f := form{low: low != nil, after: behind != nil, first: first && x.driver.Queue.Wrote != ""}
	if low != nil {
		values[argLow] = *low
	}
	for name, text := range behind {
		values[after+name] = text
	}
	return x.rows(ctx, x.pool, x.look(x.driver, x.watch, f), values)
}

// readOverlap reads the rows from the overlap on, and leaves out those that are known.
func (x *watching) readOverlap(ctx context.Context, p *place) (*connectors.Finds, error) {
	if !p.Begun {
		p.Begun = true
		if x.from != "beginning" {
			return x.begin(ctx, p)
		}
	}
	low := p.low(x.grow)
	rows, err := x.page(ctx, false, low, p.After, map[string]string{})
	if err != nil {
		return nil, err
	}
	p.After = nil
	more := len(rows) == x.batch
	if more {
		p.After = x.at(rows[len(rows)-1])
	}
	known := map[string]bool{}
	for _, s := range p.Seen {
		known[s[1]] = true
	}
	var fresh []row
	var names [][2]string
	for _, r := range rows {
		if !known[r.find.ID] {
			fresh, names = append(fresh, r), append(names, [2]string{r.texts[x.grows.Value], r.find.ID})
		}
	}
	if len(rows) > 0 {
		if last := rows[len(rows)-1].texts[x.grows.Value]; p.Low == nil || x.grow.less(*p.Low, last) {
			p.Low = &last
		}
	}
	p.know(x.grow, names)
	return &connectors.Finds{Items: finds(fresh), Place: p.String(), More: more}, nil
}

// begin leaves out what is there already.
func (x *watching) begin(ctx context.Context, p *place) (*connectors.Finds, error) {
	h, err := x.horizon(ctx)
	if err != nil || h.top == "" {
		return &connectors.Finds{Place: p.String()}, err
	}
	p.Low, p.Floor = &h.top, &h.top
	rows, err := x.page(ctx, false, &h.top, nil, map[string]string{})
	if err != nil {
		return nil, err
	}
	var names [][2]string
	for _, r := range rows {
		if r.texts[x.grows.Value] == h.top {
			names = append(names, [2]string{h.top, r.find.ID})
		}
	}
	p.know(x.grow, names)
	return &connectors.Finds{Place: p.String()}, nil
}
