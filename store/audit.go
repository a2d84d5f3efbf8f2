package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Audit is the list of what operators did with citizens' data: entries are appended, each bears the hash of the one
// before, and none is ever changed or removed. Its methods may be called concurrently.
type Audit interface {
	// Append adds an entry at the end of the list and returns it with its Number, Former and Hash, which it finds. The
	// caller acts only after it returned nil.
	Append(ctx context.Context, e AuditEntry) (AuditEntry, error)
	// List returns up to limit entries with a number above after, in their order, as they stand: VerifyAudit finds those
	// that were altered.
	List(ctx context.Context, after int64, limit int) ([]AuditEntry, error)
	// Head returns what is kept, beside the list, of its latest entry; the zero AuditHead before the first.
	Head(ctx context.Context) (AuditHead, error)
}

// AuditEntry is one act. It holds no personal data of citizens: it cannot be erased.
type AuditEntry struct {
	Number int64 // 1 for the first, one more for each
	At     time.Time
	Who    string // who asked for it, as the command or the console's caller said
	What   string // one of the Audit words
	On     string // what it was done to, as ids of letters
	Why    string // the cause that was given
	Former [32]byte
	Hash   [32]byte
}

// The words of AuditEntry.What.
const (
	AuditReveal  = "letters.reveal"  // bytes of a dead letter were shown
	AuditReplay  = "letters.replay"  // dead letters were given back to their topics
	AuditDiscard = "letters.discard" // dead letters were thrown away
	AuditClose   = "letters.close"   // dead letters were closed, as their calls took effect
	AuditForget  = "topics.forget"   // messages that waited for nobody were let go
	AuditRelease = "state.release"   // what was held since a restore was started
	AuditErase   = "privacy.erase"   // what is kept of a person was erased
	AuditBack    = "release.back"    // a kept release was served instead of the project's files
	AuditBackEnd = "release.end"     // the project's files were served again
	AuditExport  = "privacy.export"  // what is kept of a person was handed out
)

// Seal returns the entry's hash: SHA-256 over Former, Number and At in microseconds since 1970 as 8 bytes each, big-endian,
// and Who, What, On and Why, each after its length in 8 bytes.
func (e AuditEntry) Seal() [32]byte {
	b := append([]byte{}, e.Former[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Number))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
	for _, text := range []string{e.Who, e.What, e.On, e.Why} {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(text))), text...)
	}
	return sha256.Sum256(b)
}

// AuditHead is the number and the hash of an entry: who notes them elsewhere sees later whether the list up to there is
// still the same.
type AuditHead struct {
	Number int64
	Hash   [32]byte
}

// String returns the head as people note it, and ParseAuditHead reads it.
func (h AuditHead) String() string {
	return fmt.Sprintf("%d:%s", h.Number, hex.EncodeToString(h.Hash[:]))
}

// ParseAuditHead reads what AuditHead.String wrote.
func ParseAuditHead(text string) (h AuditHead, err error) {
	var hash []byte
	if n, scan := fmt.Sscanf(text, "%d:%x", &h.Number, &hash); scan != nil || n != 2 || len(hash) != len(h.Hash) || h.Number < 0 {
		return h, fmt.Errorf("found %.100q, expected a number, a colon and 64 hexadecimal digits, as audit verify prints them", text)
	}
	copy(h.Hash[:], hash)
	if h.String() != text {
		return h, fmt.Errorf("found %.100q, expected %s", text, h)
	}
	return h, nil
}

// ErrAuditBroken reports that the audit is not as it was written.
var ErrAuditBroken = errors.New("the audit was altered")

// auditPage is how many entries VerifyAudit reads at a time.
const auditPage = 500

// VerifyAudit reads the whole list and returns its head. The error wraps ErrAuditBroken and says at which entry the list
// is not what was appended. Someone who can write the list can also write all of it anew, with its head: noted heads,
// which were kept elsewhere, are held against it.
func VerifyAudit(ctx context.Context, a Audit, noted ...AuditHead) (AuditHead, error) {
	kept, err := a.Head(ctx)
	if err != nil {
		return AuditHead{}, err
	}
	var at AuditHead
	for {
		list, err := a.List(ctx, at.Number, auditPage)
		if err != nil {
			return at, err
		}
		for _, e := range list {
			switch {
			case e.Number != at.Number+1:
				return at, fmt.Errorf("%w: entry %d is missing", ErrAuditBroken, at.Number+1)
			case e.Former != at.Hash:
				return at, fmt.Errorf("%w: entry %d does not follow the one before it", ErrAuditBroken, e.Number)
			case e.Hash != e.Seal():
				return at, fmt.Errorf("%w: entry %d is not as it was written", ErrAuditBroken, e.Number)
			}
			at = AuditHead{e.Number, e.Hash}
			for _, n := range noted {
				if n.Number == at.Number && n.Hash != at.Hash {
					return at, fmt.Errorf("%w: entry %d is not the one that was noted", ErrAuditBroken, at.Number)
				}
			}
		}
		if len(list) == 0 {
			break
		}
	}
	if at.Number < kept.Number {
		return at, fmt.Errorf("%w: it ends with entry %d, and %d was the last", ErrAuditBroken, at.Number, kept.Number)
	}
	for _, n := range noted {
		if n.Number > at.Number {
			return at, fmt.Errorf("%w: it ends with entry %d, and entry %d was noted", ErrAuditBroken, at.Number, n.Number)
		}
	}
	if at != kept { // unless entries were appended meanwhile
		if kept, err = a.Head(ctx); err != nil {
			return at, err
		}
		if kept.Number <= at.Number && at != kept {
			return at, fmt.Errorf("%w: the last entry, %d, is not the one that was written last", ErrAuditBroken, at.Number)
		}
	}
	return at, nil
}
