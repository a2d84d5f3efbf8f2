package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// renames changes the names of the routes and the topic of the first project, again and again, while accepted requests and
// events wait under those that they have: in turns under load, where the engine takes the change up by itself, after a
// kill, and after a stop. What waits is done once, in the order of its key, and whoever was told 202 is answered.
func renames(ctx context.Context, r *round, times int) error {
	r.rows = r.renamedRows
	if err := r.begin(ctx); err != nil {
		return err
	}
	e := r.engines[0]
	for n := range times {
		if err := r.lives(ctx, e); err != nil {
			return err
		}
		if err := r.flows(ctx, 100+r.random.IntN(200)); err != nil {
			return err
		}
		if err := r.waits(ctx, 2*r.w.clients); err != nil {
			return err
		}
		before := reloads(ctx, e)
		var err error
		switch n % 3 {
		case 0:
			if err = rename(e.project, n+1); err == nil {
				err = r.eventually(ctx, r.w.patience, func() string {
					if reloads(ctx, e) == before {
						return fmt.Sprintf("the names of turn %d were not taken up; the engine said last:\n%s", n+1, e.output)
					}
					return ""
				})
			}
		case 1:
			r.killed(e)
			if err = rename(e.project, n+1); err == nil {
				err = e.start()
			}
		default:
			e.end(syscall.SIGTERM)
			if err = rename(e.project, n+1); err == nil {
				err = e.start()
			}
		}
		r.stub.down.Store(false)
		if err != nil {
			return err
		}
	}
	return r.lives(ctx, e)
}

// waits has the system refuse everything for now, until so many effects are to come. The caller ends that.
func (r *round) waits(ctx context.Context, many int) error {
	r.stub.down.Store(true)
	return r.eventually(ctx, r.w.patience, func() string {
		if n := r.ledger.missing(); n < many {
			return fmt.Sprintf("only %d effects are to come, expected %d", n, many)
		}
		return ""
	})
}

// rename changes the names of the routes order and follow and of the topic effects to those of a turn, the first of which is 1. Each says
// which names it had, the latest first.
func rename(project string, turn int) error {
	name := func(of string, turn int) string {
		if turn == 0 {
			return of
		}
		return fmt.Sprint(of, "-", turn)
	}
	declared := func(of string) (before, after string) { // a route or a topic is declared at the second level
		var former []string
		for t := turn - 1; t >= 0; t-- {
			former = append(former, name(of, t))
		}
		before = "\n  " + name(of, turn-1) + ":\n"
		if turn > 1 {
			before += "    renamed_from: [" + strings.Join(former[1:], ", ") + "]\n"
		}
		return before, "\n  " + name(of, turn) + ":\n    renamed_from: [" + strings.Join(former, ", ") + "]\n"
	}
	change := func(file string, pairs ...string) error {
		file = filepath.Join(project, filepath.FromSlash(file))
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text := string(b)
		for i := 0; i < len(pairs); i += 2 {
			if strings.Count(text, pairs[i]) != 1 {
				return fmt.Errorf("%s: %q is not there once", file, pairs[i])
			}
			text = strings.Replace(text, pairs[i], pairs[i+1], 1)
		}
		if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
			return err
		}
		return os.Rename(file+".new", file)
	}
	order, ordered := declared("order")
	follow, followed := declared("follow")
	topic, named := declared("effects")
	if err := change("fondaco.yaml", topic, named); err != nil { // alone it is a problem at load: the routes know no such topic
		return err
	}
	return change("routes/orders.yaml", order, ordered, follow, followed,
		"publish: "+name("effects", turn-1)+"\n", "publish: "+name("effects", turn)+"\n",
		"topic: "+name("effects", turn-1)+"\n", "topic: "+name("effects", turn)+"\n")
}

// renamedRows is allDone, where a route has a row for each name that it or its topic had.
func (r *round) renamedRows(told int, rows []account) error {
	var list []account
	for _, a := range rows {
		if a.Route == "" {
			continue
		}
		i := slices.IndexFunc(list, func(of account) bool { return of.Route == a.Route })
		if i < 0 {
			list = append(list, a)
			continue
		}
		sum := &list[i]
		sum.Accepted, sum.Done, sum.InFlight = sum.Accepted+a.Accepted, sum.Done+a.Done, sum.InFlight+a.InFlight
		sum.Dead += a.undone()
		if a.State != "working" {
			sum.State = a.State
		}
	}
	return r.allDone(told, list)
}
