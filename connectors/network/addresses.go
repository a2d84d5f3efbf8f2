package network

import (
	"fmt"
	"net/netip"
)

// Denied is why nothing was connected to: what a name stands for, or what was written, is an address where no system may
// be.
type Denied struct {
	Address netip.Addr
	Why     string
}

// Error names the address and what it is.
func (d *Denied) Error() string {
	return fmt.Sprintf("%s is %s: nothing is connected to there", d.Address, d.Why)
}

// never are addresses that no system is at. Clouds give out credentials of the machine at some (metadata), to whoever asks.
var never = []struct {
	in  netip.Prefix
	why string
}{
	{netip.MustParsePrefix("100.100.100.200/32"), "the metadata of a cloud"}, // Alibaba
	{netip.MustParsePrefix("168.63.129.16/32"), "the metadata of a cloud"},   // Azure
	{netip.MustParsePrefix("192.0.0.192/32"), "the metadata of a cloud"},     // Oracle
	{netip.MustParsePrefix("169.254.169.254/32"), "the metadata of a cloud"}, // most
	{netip.MustParsePrefix("fd00:ec2::254/128"), "the metadata of a cloud"},  // Amazon
	{netip.MustParsePrefix("fd20:ce::254/128"), "the metadata of a cloud"},   // Google
	{netip.MustParsePrefix("fd00:42::42/128"), "the metadata of a cloud"},    // Scaleway
	{netip.MustParsePrefix("0.0.0.0/8"), "an unspecified address"},           // RFC 1122 §3.2.1.3: Linux takes it for this machine
	{netip.MustParsePrefix("::/128"), "an unspecified address"},              // RFC 4291 §2.5.2
	{netip.MustParsePrefix("169.254.0.0/16"), "an address of the own link"},  // RFC 3927
	{netip.MustParsePrefix("fe80::/10"), "an address of the own link"},       // RFC 4291 §2.5.6
	{netip.MustParsePrefix("224.0.0.0/4"), "an address of many (multicast)"}, // RFC 5771
	{netip.MustParsePrefix("ff00::/8"), "an address of many (multicast)"},    // RFC 4291 §2.7
	{netip.MustParsePrefix("255.255.255.255/32"), "an address of all on the link (broadcast)"},
}

// check reports why nothing is connected to at an address, nil if it may be. also are further networks.
func check(a netip.Addr, also []netip.Prefix) error {
	for _, one := range readings(a) {
		for _, n := range never {
			if n.in.Contains(one) {
				return &Denied{a, n.why}
			}
		}
		for _, n := range also {
			if n.Contains(one) {
				return &Denied{a, "in " + n.String() + ", which network.also_deny names"}
			}
		}
	}
	return nil
}

// carriers are networks of IPv6 whose addresses stand for one of IPv4, at these bytes.
var carriers = []struct {
	in netip.Prefix
	at int
}{
	{netip.MustParsePrefix("::/96"), 12},           // IPv4-compatible, RFC 4291 §2.5.5.1
	{netip.MustParsePrefix("::ffff:0:0:0/96"), 12}, // IPv4-translated, RFC 2765 §2.1
	{netip.MustParsePrefix("64:ff9b::/96"), 12},    // NAT64, RFC 6052 §2.1
	{netip.MustParsePrefix("64:ff9b:1::/48"), 12},  // NAT64 of the place, RFC 8215
	{netip.MustParsePrefix("2002::/16"), 2},        // 6to4, RFC 3056 §2
	{netip.MustParsePrefix("2001::/32"), 4},        // Teredo's server, RFC 4380 §4
}

// readings lists the addresses that one leads to: itself, and the one of IPv4 that it carries.
func readings(a netip.Addr) []netip.Addr {
	a = a.WithZone("").Unmap()
	all := []netip.Addr{a}
	if !a.Is6() || a.IsLoopback() || a.IsUnspecified() {
		return all
	}
	b := a.As16()
	for _, c := range carriers {
		if c.in.Contains(a) {
			all = append(all, netip.AddrFrom4([4]byte(b[c.at:c.at+4])))
		}
	}
	return all
}
