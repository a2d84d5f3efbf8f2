package sftp

import (
	"bytes"
	"strings"
	"syscall"
	"testing"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/sftp/sftptest"
)

// TestFull: a full disk, or more than may be, is told as such, and leaves nothing.
func TestFull(t *testing.T) {
	t.Run("disk", func(t *testing.T) {
		server, folder := sftptest.OpenSSH(t), t.TempDir()
		if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=256k"); err != nil {
			t.Skipf("a small disk cannot be mounted: %v", err)
		}
		t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
		s := opened(t, server, folder, nil)
		put(t, folder, "a", []byte("alfa"))
		for range 2 {
			if err := s.Write(t.Context(), "a", bytes.NewReader(content(3<<20)), true); !driver.IsKind(err, driver.Full) {
				t.Errorf("found %v", err)
			}
		}
		if holds(t, folder) != "a" {
			t.Errorf("found %s", holds(t, folder))
		}
		if err := s.Append(t.Context(), "b", content(3<<20)); !driver.IsKind(err, driver.Full) {
			t.Errorf("found %v", err)
		}
		if b, err := read(t.Context(), s, "a"); err != nil || string(b) != "alfa" {
			t.Errorf("found %q %v", b, err)
		}
	})
	t.Run("quota", func(t *testing.T) {
		folder := t.TempDir()
		s := opened(t, sftptest.InProcess(t, sftptest.Odd{Quota: true}), folder, nil)
		if err := s.Write(t.Context(), "a", strings.NewReader("alfa"), true); !driver.IsKind(err, driver.Full) || holds(t, folder) != "" {
			t.Errorf("found %v and %s", err, holds(t, folder))
		}
	})
}
