package server

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Config is what fondaco.yaml says of the server. The zero value of a field takes the default.
type Config struct {
	Listen       string         // the public listener's address; ":8080"
	Console      string         // the console's, on the loopback interface; "" for no console
	ConsoleHosts []string       // names that the console is asked for under, besides the loopback's
	Health       string         // the probes'; "" for the console's
	Origins      []string       // whose pages may call (CORS): https://dime.example, or * for any
	LocalOrigins bool           // pages of this machine may call too, whatever their port
	Proxies      []netip.Prefix // whose X-Forwarded-For is believed
	MaxBody      int64          // bytes of a request's body, decompressed; 1 MiB
	MaxHead      int            // bytes of a request's head; 16 KiB
	MaxTarget    int            // bytes of a request's target; 8 KiB
	MaxConns     int            // open connections; 10,000
	Timeout      time.Duration  // of an exchange whose route says nothing; 30s
	HeadTimeout  time.Duration  // of a head, and of a body's first bytes; 5s
	IdleTimeout  time.Duration  // of a connection without a request; 60s
	WriteTimeout time.Duration  // of an answer's first bytes; 10s
	MinRate      int            // bytes a second at which bodies must come and answers be taken; 16 KiB
	InFlight     int64          // bytes of bodies and large answers held at a time; 64 MiB
	CallerShare  int64          // and for one caller's address; 16 MiB
	DrainDelay   time.Duration  // how long requests are still taken after the readiness went; 0
	Grace        time.Duration  // how long exchanges may still run when the server stops; 30s
}

// DefaultGrace is Config's Grace where nothing is said.
const DefaultGrace = 30 * time.Second

func (c Config) withDefaults() (Config, error) {
	if c.Listen == "" {
		c.Listen = ":8080"
	}
	number := func(p *int64, n int64) {
		if *p == 0 {
			*p = n
		}
	}
	duration := func(p *time.Duration, d time.Duration) { number((*int64)(p), int64(d)) }
	number(&c.MaxBody, 1<<20)
	if c.MinRate == 0 {
		c.MinRate = 16 << 10
	}
	number(&c.InFlight, 64<<20)
	number(&c.CallerShare, 16<<20)
	duration(&c.Timeout, 30*time.Second)
	duration(&c.HeadTimeout, 5*time.Second)
	duration(&c.IdleTimeout, time.Minute)
	duration(&c.WriteTimeout, 10*time.Second)
	duration(&c.Grace, DefaultGrace)
	for name, n := range map[string]int64{
		"MaxBody": c.MaxBody, "MaxHead": int64(c.MaxHead), "MaxTarget": int64(c.MaxTarget), "MaxConns": int64(c.MaxConns),
		"Timeout": int64(c.Timeout), "HeadTimeout": int64(c.HeadTimeout), "IdleTimeout": int64(c.IdleTimeout),
		"WriteTimeout": int64(c.WriteTimeout), "MinRate": int64(c.MinRate), "InFlight": c.InFlight, "CallerShare": c.CallerShare,
		"DrainDelay": int64(c.DrainDelay), "Grace": int64(c.Grace),
	} {
		if n < 0 {
			return c, fmt.Errorf("server: %s is negative", name)
		}
	}
	return c, nil
}

// trusted reports whether a peer is a proxy of ours.
func (c *Config) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(c.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}
