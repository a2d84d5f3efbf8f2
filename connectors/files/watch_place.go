package files

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/transform/records"
)

// remembered is how many of the files that were taken last are known again by their name and content; those that still lie in done: are,
// too, and what is older is known by the ids of its messages, for as long as those are kept.
const remembered = 500

// place is how far a watch has come: what is kept between two polls, durably.
type place struct {
	Claimed []claim   `json:"claimed,omitempty"` // whole files that are ours: they are moved, and then told
	Moves   []claim   `json:"moves,omitempty"`   // files whose last record is kept: they are moved
	Reading *progress `json:"reading,omitempty"` // the file whose records are being told
	Recent  []string  `json:"recent,omitempty"`  // what names the files that were taken last
	Played  []string  `json:"played,omitempty"`  // of a simulated watch: what was told
}

// claim is a file that was found whole.
type claim struct {
	Name     string    `json:"name"`
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Sum      string    `json:"sha256"`
	To       string    `json:"to"` // its path afterwards
}

// progress is how far the records of a file were told.
type progress struct {
	claim
	At      records.Position `json:"at"`
	Records int64            `json:"records"` // that it has, as the first pass found
	Bad     int64            `json:"bad,omitempty"`
}

func readPlace(text string) (*place, error) {
	p := &place{}
	return p, connectors.ReadPlace(text, p)
}

// String is the place as it is kept.
func (p *place) String() string { return connectors.WritePlace(p) }

// took remembers a file.
func (p *place) took(id string) {
	if p.Recent = append(p.Recent, id); len(p.Recent) > remembered {
		p.Recent = slices.Clone(p.Recent[len(p.Recent)-remembered:])
	}
}

// knows reports whether a file is one of those that were taken last.
func (p *place) knows(id string) bool { return slices.Contains(p.Recent, id) }

// identity is what names a file by its path and its content.
func identity(path, sum string) string {
	h := sha256.Sum256([]byte(path + "\x00" + sum))
	return base64.RawURLEncoding.EncodeToString(h[:18])
}

// is reports whether what is known of a file is as it was when it was claimed.
func (c *claim) is(f driver.File) bool {
	return f.Regular && f.Size == c.Size && f.Modified.Equal(c.Modified)
}

// short is enough of a sum to tell two files of a name apart.
func short(sum string) string { return sum[:8] }

func sumOf(h interface{ Sum([]byte) []byte }) string { return hex.EncodeToString(h.Sum(nil)) }
