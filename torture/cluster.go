package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store/postgres/postgrestest"
)

// onCluster is the storage of several nodes: the state on PostgreSQL, topics on Kafka.
const onCluster = "cluster"

// nodes is how many run there.
const nodes = 3

// cluster is what the nodes share, and the ways by which each of them reaches it.
type cluster struct {
	database *postgrestest.Server
	state    []*way // to the database, by node
	topics   []*way // to the broker
	ways     ways
}

// newCluster starts a database and a broker, which each node is told a way of its own to. The caller closes both. ErrAbsent of
// either if it is not on this machine.
func newCluster(w *workshop) (_ *cluster, _ *broker, err error) {
	c := &cluster{}
	var b *broker
	defer func() {
		if err != nil {
			c.close()
			b.close()
		}
	}()
	if c.ways, err = newWays(); err != nil {
		return nil, nil, err
	}
	if c.database, err = postgrestest.Start("max_connections=200", "listen_addresses=*"); err != nil {
		return nil, nil, err
	}
	if err = errors.Join(c.database.Trust(blocks), c.database.Say("create role fondaco login", "create role owner login",
		"grant create on database postgres to owner")); err != nil {
		return nil, nil, err
	}
	behind, err := quietPorts(nodes)
	if err != nil {
		return nil, nil, err
	}
	// A client goes where the broker says that it is: for each node it listens on an address of its own, and names the way's.
	listens, tells, kinds := "PLAINTEXT://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$CONTROLLER", "PLAINTEXT://127.0.0.1:$PORT",
		"PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
	for i := range nodes {
		state, err := c.ways.lay(i, "database", c.database.Port)
		if err != nil {
			return nil, nil, err
		}
		topics, err := c.ways.lay(i, "broker", strconv.Itoa(behind[i]))
		if err != nil {
			return nil, nil, err
		}
		c.state, c.topics = append(c.state, state), append(c.topics, topics)
		listens += fmt.Sprintf(",NODE%d://%s", i, topics.to)
		tells += fmt.Sprintf(",NODE%d://%s", i, topics.addr)
		kinds += fmt.Sprintf(",NODE%d:PLAINTEXT", i)
	}
	b, err = newBroker(w, "listeners="+listens, "advertised.listeners="+tells, "listener.security.protocol.map="+kinds,
		"inter.broker.listener.name=PLAINTEXT")
	return c, b, err
}

func (c *cluster) close() {
	if c == nil {
		return
	}
	if c.ways != nil {
		c.ways.close()
	}
	if c.database != nil {
		c.database.Remove()
	}
}

// env leads a node to the database and the broker.
func (c *cluster) env(i int) []string {
	return []string{
		fmt.Sprintf("STATE=postgres://fondaco@%s/postgres?connect_timeout=3", c.state[i].addr),
		fmt.Sprintf("TOPICS=kafka://%s?instance=node-%d&session=%s", c.topics[i].addr, i, session),
	}
}

// migrate has the schema made that the nodes use.
func (c *cluster) migrate(ctx context.Context, e *engine) error {
	m := exec.CommandContext(ctx, e.program, "migrate", e.project, "--owner", c.database.Address("owner", "postgres"))
	m.Env = append(append(os.Environ(), e.env...), "STUB=http://127.0.0.1:1")
	if out, err := m.CombinedOutput(); err != nil {
		return fmt.Errorf("fondaco migrate: %w: %s", err, out)
	}
	return nil
}

// absent reports whether what a cluster needs is not on this machine.
func absent(err error) bool {
	return errors.Is(err, kafkatest.ErrAbsent) || errors.Is(err, postgrestest.ErrAbsent)
}

// clusterInHand bounds what one trouble on several nodes doubles each second: each node's workers, and what each subscription gives out. A
// partition that moves while its node works on it is read by another, which asks the inbox that they share for what was finished.
var clusterInHand = map[string]int{"order": 8 * nodes, "follow": 64 * nodes}

const sleeps = "a node that stands still"

// The troubles of a cluster, as a seed deals them out.
var troubles = []struct {
	what  string
	share int // of sixteen
	does  func(ctx context.Context, r *round) error
}{
	{"the kill of a node", 7, nodeDies},
	{"the kill of the database", 3, databaseDies},
	{"the kill of the broker", 2, brokerDies},
	{sleeps, 2, nodeSleeps},
	{"a partition", 2, nodeIsApart},
}

// clusterKills has nodes, the database and the broker killed under load, nodes stand still for longer than they are waited for, and
// single ones cut off from the database, the broker or both.
func clusterKills(ctx context.Context, r *round, times int) error {
	r.spread, r.rows = true, r.clusterRows
	r.told = "   partitions are made by " + r.cluster.ways.kind()
	if err := r.cluster.migrate(ctx, r.engines[0]); err != nil {
		return err
	}
	parted := r.troubled("the first parting of the work among the nodes")
	if err := r.begin(ctx); err != nil {
		return err
	}
	parted()
	deck, said := []int{}, fences{}
	for range times {
		if len(deck) == 0 {
			for i, t := range troubles {
				for range t.share {
					deck = append(deck, i)
				}
			}
			r.random.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
			if r.dealt == nil { // the first ones are one of each, so that a short round meets all
				r.dealt = map[string]int{}
				deck = append([]int{0, 1, 2, 3, 4}, deck...)
			}
		}
		t := troubles[deck[0]]
		deck = deck[1:]
		r.dealt[t.what]++
		if err := r.flows(ctx, 100+r.random.IntN(200)); err != nil {
			return err
		}
		said.read(ctx, r.engines)
		if err := t.does(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", t.what, err)
		}
	}
	if err := r.flows(ctx, 200); err != nil {
		return err
	}
	for _, e := range r.engines {
		if err := e.ready(ctx); err != nil {
			return err
		}
	}
	before := r.stub.city.dueTimes()
	if err := r.eventually(ctx, r.w.patience, func() string {
		if r.stub.city.dueTimes() == before {
			return "silent: what the schedule says was not asked for"
		}
		return ""
	}); err != nil {
		return err
	}
	if n := r.stub.city.again(); n > times {
		r.check("a tick was made %d times again, with %d troubles", n, times)
	}
	said.read(ctx, r.engines)
	return r.alone(said)
}

// alone holds what nodes said of the owners of schedules, collections and watches to what is promised.
func (r *round) alone(said fences) error {
	doubled, err := said.doubled()
	for _, who := range doubled {
		r.check("%s is not 0 on %s", duplicateOwner, who)
	}
	r.told += fmt.Sprintf("\n   %s %g, %s %g", duplicateOwner, said.sum(duplicateOwner), fencedOwner, said.sum(fencedOwner))
	return err
}

// troubled notes what may double effects until the nodes have parted the work anew.
func (r *round) troubled(what string) (over func()) {
	end := r.ledger.disturb(disturbance{What: what, Bound: clusterInHand})
	return func() { time.AfterFunc(12*time.Second, end) }
}

// anyNode is a node that the seed chooses, which clients avoid until back is called.
func (r *round) anyNode() (i int, e *engine, back func()) {
	i = r.random.IntN(len(r.engines))
	r.down.Store(int32(i) + 1)
	return i, r.engines[i], func() { r.down.Store(0) }
}

func nodeDies(ctx context.Context, r *round) error {
	_, e, back := r.anyNode()
	over := r.troubled("the kill of " + e.run())
	e.kill()
	if r.random.IntN(2) == 0 { // the others take over; else it is there before anybody misses it
		wait(ctx, session+2*time.Second)
		if err := r.flows(ctx, 100); err != nil {
			return fmt.Errorf("without it: %w", err)
		}
	}
	if err := e.start(); err != nil {
		return err
	}
	if err := e.ready(ctx); err != nil {
		return err
	}
	back()
	over()
	return nil
}

func databaseDies(ctx context.Context, r *round) error {
	over := r.troubled("the kill of the database")
	r.cluster.database.Kill()
	wait(ctx, time.Duration(r.random.IntN(3000))*time.Millisecond)
	if err := r.cluster.database.Run(); err != nil {
		return err
	}
	over()
	return r.flows(ctx, 100)
}

func brokerDies(ctx context.Context, r *round) error {
	over := r.troubled("the kill of the broker")
	r.broker.node.Kill()
	wait(ctx, time.Duration(r.random.IntN(2000))*time.Millisecond)
	if err := r.broker.node.Start(); err != nil {
		return err
	}
	over()
	return r.flows(ctx, 100)
}

// nodeSleeps has a node stand still until its leases and its membership are over, and wake.
func nodeSleeps(ctx context.Context, r *round) error {
	_, e, back := r.anyNode()
	over := r.troubled("standing still of " + e.run())
	if err := e.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	still := session + 5*time.Second
	if r.dealt[sleeps]%3 == 2 {
		still = 35 * time.Second // longer than any lease of a schedule
	}
	wait(ctx, still)
	asleep := r.flows(ctx, 100)
	if err := e.signal(syscall.SIGCONT); err != nil {
		return err
	}
	if asleep != nil {
		return fmt.Errorf("without it: %w", asleep)
	}
	back()
	over()
	return r.flows(ctx, 100)
}

// nodeIsApart has the network of a node lose all that it sends to the database, to the broker or to both, and all that they send.
// Clients still reach it: it has to refuse what it cannot keep.
func nodeIsApart(ctx context.Context, r *round) (err error) {
	i := r.random.IntN(len(r.engines))
	var from []*way
	var names []string
	which := r.random.IntN(3)
	if which != 1 {
		from, names = append(from, r.cluster.state[i]), append(names, "the database")
	}
	if which != 0 {
		from, names = append(from, r.cluster.topics[i]), append(names, "the broker")
	}
	over := r.troubled(fmt.Sprintf("%s apart from %s", r.engines[i].run(), strings.Join(names, " and ")))
	for _, w := range from {
		cut := w.cuts[r.random.IntN(len(w.cuts))]
		r.dealt["cut off "+cut.what]++
		err = errors.Join(err, cut.does())
	}
	if err == nil {
		wait(ctx, session+time.Duration(r.random.IntN(8000))*time.Millisecond)
		if err = r.flows(ctx, 100); err != nil {
			err = fmt.Errorf("without it: %w", err)
		}
	}
	for _, w := range from {
		err = errors.Join(err, w.heal())
	}
	if err != nil {
		return err
	}
	over()
	return r.flows(ctx, 100)
}

// clusterRows reports what is wrong with the account of the topics, which is the same on each node.
func (r *round) clusterRows(told int, rows []account) error {
	var wrong []error
	seen := map[string]bool{}
	for _, a := range rows {
		if a.Route == "" {
			continue
		}
		seen[a.Route] = true
		most, least := int64(0), int64(told)
		if a.Route == "tick" {
			most, least = 1, 1
			a.Accepted -= a.Superseded // a run gives way to the next while nobody can do it
			a.Superseded = 0
		}
		if a.Accepted != a.Done+a.undone()+a.InFlight || a.InFlight > most || a.undone() != 0 || a.Accepted < least || a.State != "working" {
			wrong = append(wrong, fmt.Errorf("fondaco topics says %+v of %d accepted requests", a, told))
		}
	}
	for _, route := range []string{"order", "follow", "tick"} {
		if !seen[route] {
			wrong = append(wrong, fmt.Errorf("fondaco topics does not tell of %s", route))
		}
	}
	return errors.Join(wrong...)
}
