package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/s3/s3test"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opened opens a bucket.
func opened(t *testing.T, at *s3test.Store, bucket, folder string, change func(*driver.Options)) *store {
	t.Helper()
	o := driver.Options{
		Scheme: "s3", Host: bucket, Folder: folder, Dial: (&net.Dialer{}).DialContext, Idle: time.Minute,
		Entry: driver.Entry{User: at.Access, Password: at.Secret, Endpoint: at.Endpoint, CA: at.CA},
	}
	if change != nil {
		change(&o)
	}
	s, err := Driver.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.(*store)
}

// content returns octets of which no part is like another.
func content(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func read(ctx context.Context, s driver.Store, p string, from int64) ([]byte, error) {
	r, err := s.Read(ctx, p, from)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return io.ReadAll(r)
}

func second[T any](_ T, err error) error { return err }

// odd is a path whose signs mean something to somebody on the way.
const odd = `in/corso d'acqua à+%2F&"=?#;~.bin`

// TestContent: what is written, in one part or several, is read whole and from an octet on.
func TestContent(t *testing.T) {
	at := s3test.Gateway(t)
	bucket, folder := at.Bucket(t)
	s := opened(t, at, bucket, "scambio", nil)
	for _, size := range []int{0, 1000, part - 1, part, part + 1, 2*part + 17} {
		whole := content(size)
		if err := s.Write(t.Context(), odd, iotest{bytes.NewReader(whole)}, true); err != nil {
			t.Fatal(err)
		}
		for _, from := range []int64{0, int64(size) / 2, int64(size), int64(size) + 1} {
			if b, err := read(t.Context(), s, odd, from); err != nil || !bytes.Equal(b, whole[min(from, int64(size)):]) {
				t.Errorf("%d from %d: found %d octets and %v", size, from, len(b), err)
			}
		}
		r, err := s.Read(t.Context(), odd, int64(size)/2)
		if err != nil {
			t.Fatal(err)
		}
		if f := r.File(); f.Size != int64(size) || f.Name != filepath.Base(odd) || !f.Regular {
			t.Errorf("found %+v", f)
		}
		_ = r.Close() // before its end
	}
	if _, err := os.Stat(filepath.Join(folder, "scambio", odd)); err != nil {
		t.Error(err)
	}
	long := strings.Repeat("0123456789/", 100)
	for name, err := range map[string]error{
		"append": s.Append(t.Context(), "in/b", nil), "long": s.Write(t.Context(), long+"a", strings.NewReader(""), true),
		"long, read": second(s.Read(t.Context(), long+"a", 0)), "long, moved": s.Move(t.Context(), odd, long+"a", true),
	} {
		if !driver.IsKind(err, driver.Unsupported) {
			t.Errorf("%s: found %v", name, err)
		}
	}
}

// iotest reads a few octets at a time, and hides what else a reader can do.
type iotest struct{ from io.Reader }

func (r iotest) Read(b []byte) (int, error) { return r.from.Read(b[:min(len(b), 100_000)]) }

// TestMissing: what is not there is missing, whatever is asked of it.
func TestMissing(t *testing.T) {
	at := s3test.Gateway(t)
	bucket, _ := at.Bucket(t)
	s := opened(t, at, bucket, "", nil)
	for name, err := range map[string]error{
		"read":   second(read(t.Context(), s, "manca", 0)),
		"resume": second(read(t.Context(), s, "manca", 10)),
		"stat":   second(s.Stat(t.Context(), "in/manca")),
		"move":   s.Move(t.Context(), "manca", "a", true),
		"remove": s.Remove(t.Context(), "manca"),
	} {
		if !driver.IsKind(err, driver.Missing) {
			t.Errorf("%s of nothing: found %v", name, err)
		}
	}
	if err := s.List(t.Context(), "manca", func(driver.File) error { return io.ErrClosedPipe }); err != nil {
		t.Errorf("a folder without files: found %v", err)
	}
}

// doing does something before it is read on.
type doing struct {
	do   func() error
	from io.Reader
}

func (d doing) Read(b []byte) (int, error) {
	if err := d.do(); err != nil {
		return 0, err
	}
	return d.from.Read(b)
}

// TestBrokenOff: of a content that breaks off, or whose caller leaves, nothing is to be seen, and its parts are taken back.
func TestBrokenOff(t *testing.T) {
	at := s3test.Gateway(t)
	bucket, _ := at.Bucket(t)
	s := opened(t, at, bucket, "", nil)
	uploads := func() int {
		t.Helper()
		list, err := s.api.ListMultipartUploads(t.Context(), bucket, "", "", "", "", 100)
		if err != nil {
			t.Fatal(err)
		}
		return len(list.Uploads)
	}
	for _, size := range []int{1000, part + 1} { // of one part, and of several
		begun := 0
		breaks := doing{func() error { begun = uploads(); return io.ErrClosedPipe }, nil}
		err := s.Write(t.Context(), "in/mezzo", io.MultiReader(bytes.NewReader(content(size)), breaks), true)
		if !errors.Is(err, io.ErrClosedPipe) || !driver.IsKind(second(s.Stat(t.Context(), "in/mezzo")), driver.Missing) || uploads() != 0 {
			t.Errorf("of %d octets that break off: found %v, and %d uploads", size, err, uploads())
		}
		ctx, leave := context.WithCancel(t.Context())
		leaves := doing{func() error { leave(); return nil }, strings.NewReader("end")}
		err = s.Write(ctx, "in/mezzo", io.MultiReader(bytes.NewReader(content(size)), leaves), true)
		if !errors.Is(err, context.Canceled) || !driver.IsKind(second(s.Stat(t.Context(), "in/mezzo")), driver.Missing) || uploads() != 0 {
			t.Errorf("of %d octets whose caller leaves: found %v, and %d uploads", size, err, uploads())
		}
		if want := size / part; begun != want {
			t.Errorf("of %d octets: found %d uploads while they came, expected %d", size, begun, want)
		}
	}
}

// TestRefused: what is written with replace off never replaces, though another writes between the question and the end.
func TestRefused(t *testing.T) {
	at := s3test.Gateway(t)
	bucket, _ := at.Bucket(t)
	s := opened(t, at, bucket, "", nil)
	for _, size := range []int{10, part + 1} {
		name := fmt.Sprint("in/", size)
		other := doing{func() error { return s.Write(t.Context(), name, strings.NewReader("altri"), true) }, strings.NewReader("")}
		err := s.Write(t.Context(), name, io.MultiReader(bytes.NewReader(content(size)), other), false)
		if b, _ := read(t.Context(), s, name, 0); !driver.IsKind(err, driver.Exists) || string(b) != "altri" {
			t.Errorf("found %v, and %d octets", err, len(b))
		}
		if err := s.Write(t.Context(), name, strings.NewReader("noi"), false); !driver.IsKind(err, driver.Exists) {
			t.Errorf("of one that is there: found %v", err)
		}
	}
}

// TestListing: a listing has all that there is, in pages of 1,000, with the same times as one file has; or it is an error.
func TestListing(t *testing.T) {
	at := s3test.Gateway(t)
	bucket, folder := at.Bucket(t)
	s := opened(t, at, bucket, "scambio", nil)
	var want []string
	for i := range 2100 {
		want = append(want, fmt.Sprintf("a %d+&<é>.txt", i))
	}
	want = append(want, "in")
	if err := os.MkdirAll(filepath.Join(folder, "scambio/out/in"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range append(want[:2100:2100], "in/altro", "../fuori") {
		if err := os.WriteFile(filepath.Join(folder, "scambio", "out", name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var found []string
	err := s.List(t.Context(), "out", func(f driver.File) error {
		if found = append(found, f.Name); f.Folder != (f.Name == "in") || f.Regular == f.Folder {
			t.Errorf("found %+v", f)
		}
		if len(found) == 1 {
			if one, err := s.Stat(t.Context(), "out/"+f.Name); err != nil || one != f {
				t.Errorf("found %v and %v, %v", f, one, err)
			}
		}
		return nil
	})
	slices.Sort(found)
	if slices.Sort(want); err != nil || !slices.Equal(found, want) {
		t.Errorf("found %d of %d, %v", len(found), len(want), err)
	}
	ctx, leave := context.WithCancel(t.Context())
	if err := s.List(ctx, "out", func(driver.File) error { leave(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("of a listing that was ended: found %v", err)
	}
	if err := s.List(t.Context(), "out", func(driver.File) error { return io.ErrClosedPipe }); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("found %v", err)
	}
}
