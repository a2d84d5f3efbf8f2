package policy

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// SharedCache is a cache that several processes share, a store.Cache. It may lose what it keeps at any moment, and it may give
// what nobody has kept: what it returns is looked at. Safe for concurrent use.
type SharedCache interface {
	// Get returns the value under a key, which the caller does not change. It takes a short while at most.
	Get(ctx context.Context, key string) (value []byte, found bool)
	// Set keeps a value, which nobody changes afterwards, for at most ttl.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration)
}

// Share lets other processes have the answers that are kept of this system, and has theirs. fingerprint says what the
// answers depend on besides what is asked (connectors.System.Fingerprint): where it differs nothing is shared. It is
// called before Policies.
func (sh *Shared) Share(far SharedCache, fingerprint [sha256.Size]byte) {
	sh.far, sh.fingerprint = far, fingerprint
}

// Shares reports whether Share was called.
func (sh *Shared) Shares() bool { return sh.far != nil }

// far is what the calls of one operation share with other processes, nil for nothing.
type far struct {
	cache   SharedCache
	prefix  string
	want    *schema.Type
	checker *schema.Checker
	clock   config.Clock
}

// An answer is kept with its moment, in microseconds since 1970, before it.
const (
	farForm = "1" // of the keys and of what is kept under them: another form is another key
	farHead = 8
)

// ahead is how much the clock of another process may be before ours. What comes from later is not believed.
const ahead = 5 * time.Second

// shares returns what calls of an operation share whose answers are of type want. Answers that hold secrets are not shared.
func (sh *Shared) shares(op *connectors.Operation, want *schema.Type) *far {
	if sh.far == nil || hides(want, map[*schema.Type]bool{}) {
		return nil
	}
	typ := schema.Fingerprint(want)
	h := sha256.New()
	_, _ = h.Write(sh.fingerprint[:])
	_, _ = h.Write(typ[:])
	prefix := farForm + " " + sh.system + "." + op.Name + " " + base64.RawStdEncoding.EncodeToString(h.Sum(nil)) + " "
	return &far{sh.far, prefix, want, schema.NewChecker(want), sh.clock}
}

// hides reports whether values of a type hold secrets.
func hides(t *schema.Type, seen map[*schema.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if t.Secret || hides(t.Elem, seen) {
		return true
	}
	for _, f := range t.Fields {
		if hides(f.Type, seen) {
			return true
		}
	}
	for _, v := range t.Variants {
		if hides(v, seen) {
			return true
		}
	}
	return false
}

// get returns what was answered to an input, as JSON, less than keep ago, and when that was. Whatever is not such an
// answer, whole, of its type and within its constraints, is none.
func (f *far) get(ctx context.Context, input string, keep time.Duration) (v schema.Value, at time.Time, found bool) {
	if f == nil {
		return v, at, false
	}
	b, found := f.cache.Get(ctx, f.prefix+input)
	if !found || len(b) < farHead {
		return v, at, false
	}
	now := f.clock.Now()
	age := now.Sub(time.UnixMicro(int64(binary.BigEndian.Uint64(b))))
	if age < -ahead || age >= keep {
		return v, at, false
	}
	if v, err := codec.DecodeBinary(b[farHead:], f.want); err == nil && f.checker.Check(v) == nil {
		return v, now.Add(-max(age, 0)), true
	}
	return schema.Value{}, at, false
}

// set keeps an answer. One that is not as its type says, which some connectors let pass, stays in this process.
func (f *far) set(ctx context.Context, input string, v schema.Value, keep time.Duration) {
	if f == nil {
		return
	}
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 512), uint64(f.clock.Now().UnixMicro()))
	if b, err := codec.AppendBinaryWithin(b, v, f.want, codec.DefaultLimit); err == nil && f.checker.Check(v) == nil {
		f.cache.Set(ctx, f.prefix+input, b, keep)
	}
}
