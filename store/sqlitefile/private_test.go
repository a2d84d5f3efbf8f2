package sqlitefile

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestKeepPrivateSaysTheCommand: where the rights of others cannot be taken away the error says what to run.
func TestKeepPrivateSaysTheCommand(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs a file whose rights nobody can change: /proc/sys/kernel/ostype")
	}
	err := KeepPrivate("/proc/sys/kernel/ostype")
	if err == nil || !strings.Contains(err.Error(), "others may read or write the file") ||
		!strings.Contains(err.Error(), "chmod 600 '/proc/sys/kernel/ostype'") {
		t.Errorf("found %v", err)
	}
	if info, err := os.Stat("/proc/sys/kernel/ostype"); err != nil || info.Mode().Perm() == 0o600 {
		t.Errorf("found %v, %v", info, err)
	}
	file := filepath.Join(t.TempDir(), "a 'quoted' name")
	if err := KeepPrivate(file); err != nil {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o477); err != nil {
		t.Fatal(err)
	}
	if err := KeepPrivate(file); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("found %v, %v", info.Mode(), err)
	}
}
