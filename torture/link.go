package main

// link is a cable between this machine's own network, where a server listens, and a namespace, where its client is. It can lose
// whatever is sent over it, as a real network does: the kernel drops the packets of both directions, connections stay open at both ends, and
// TCP sends again what was under way when it is healed. It is removed with its namespace.
type link struct {
	within         *namespace
	here           string // the name of its end on this machine; the end in the namespace is named after its server
	there          string
	server, client string // addresses
}

// Hardware addresses of the two ends of a link, and of nobody.
const (
	serverHardware = "02:00:00:00:00:01"
	clientHardware = "02:00:00:00:00:02"
	nobody         = "02:00:00:00:00:ff"
)

// newLink creates a link with two consecutive addresses. here is the name of its end on this machine, there of that in the namespace.
func newLink(n *namespace, here, there, server, client string) (*link, error) {
	l := &link{within: n, here: here, there: there, server: server, client: client}
	var host *namespace
	for _, x := range []struct {
		on   *namespace
		args []string
	}{
		{host, []string{
			"link", "add", here, "address", serverHardware, "type", "veth", "peer", "name", there, "address", clientHardware, "netns", n.path,
		}},
		{host, []string{"addr", "add", server + "/31", "dev", here}},
		{host, []string{"link", "set", here, "up"}},
		{n, []string{"addr", "add", client + "/31", "dev", there}},
		{n, []string{"link", "set", there, "up"}},
	} {
		if err := x.on.ip(x.args...); err != nil {
			return nil, err
		}
	}
	return l, l.heal()
}

// lose has all packets lost, of both directions: each end sends them to a hardware address that nobody has. A client that connects receives
// nothing.
func (l *link) lose() error { return l.neighbours(nobody, nobody) }

// blackhole has the client's system discard what goes to the server. A client that connects is told at once that it cannot (EINVAL); open
// connections stay open.
func (l *link) blackhole() error { return l.within.ip("route", "add", "blackhole", l.server+"/32") }

// heal ends lose and blackhole.
func (l *link) heal() error {
	_ = l.within.ip("route", "del", "blackhole", l.server+"/32") // there may be none
	return l.neighbours(serverHardware, clientHardware)
}

// neighbours sets the hardware address that each end sends to.
func (l *link) neighbours(server, client string) error {
	if err := l.within.ip("neigh", "replace", l.server, "lladdr", server, "nud", "permanent", "dev", l.there); err != nil {
		return err
	}
	var host *namespace
	return host.ip("neigh", "replace", l.client, "lladdr", client, "nud", "permanent", "dev", l.here)
}

// remove removes the link before its namespace is removed.
func (l *link) remove() error {
	var host *namespace
	return host.ip("link", "del", l.here)
}
