package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPackage: the Debian package is installed, upgraded, removed and purged by dpkg in a root of its own: what the administrator changed and
// what was kept survive an upgrade and a removal, a purge deletes what was kept and says what it leaves.
func TestPackage(t *testing.T) {
	if os.Getenv("FONDACO_TEST_ALONE") != "" || testing.Short() {
		t.Skip("it makes two packages: make test-all")
	}
	for _, tool := range []string{"dpkg", "systemd-sysusers", "systemd-tmpfiles", "../../.tools/bin/nfpm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s: make wider", tool)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("dpkg sets the owners of files: it needs root")
	}
	out, root := t.TempDir(), t.TempDir()
	in(t, "../..", "go", "run", "./scripts/release", "-only", "linux/amd64", "-version", "1.0.0", "-out", out)
	later := newerRelease(t, out, "1.0.0", "1.1.0")
	packages := map[string]string{}
	for version, folder := range map[string]string{"1.0.0": out, "1.1.0": later} {
		in(t, "../..", "scripts/deb", version, "amd64", folder)
		packages[version] = filepath.Join(folder, "fondaco_"+version+"_amd64.deb")
	}
	for _, folder := range []string{"var/lib/dpkg/info", "var/lib/dpkg/updates", "etc"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) string { text, _ := os.ReadFile(filepath.Join(root, name)); return string(text) }
	dpkg := func(args ...string) string {
		t.Helper()
		return in(t, ".", "dpkg", append([]string{
			"--root=" + root, "--force-script-chrootless", "--force-depends", "--force-confold", "--log=/dev/null",
		}, args...)...)
	}
	kept := func(when string) {
		t.Helper()
		for name, want := range map[string]string{
			"etc/fondaco/environment": "A=1\n", "etc/fondaco/project/fondaco.yaml": "project: x\n", "etc/fondaco/secrets/key": "s",
			"var/lib/fondaco/data.db": "kept",
		} {
			if got := read(name); got != want {
				t.Errorf("%s, %s is %q, expected %q", when, name, got, want)
			}
		}
	}
	write("var/lib/dpkg/status", "")
	dpkg("--install", packages["1.0.0"])
	if said := in(t, ".", filepath.Join(root, "usr/bin/fondaco"), "version"); !strings.HasPrefix(said, "fondaco 1.0.0 ") {
		t.Errorf("the program says that it is %q", said)
	}
	if !strings.HasPrefix(read("etc/passwd"), "fondaco:") {
		t.Errorf("it has no user of its own: %q", read("etc/passwd"))
	}
	for name, mode := range map[string]os.FileMode{"var/lib/fondaco": 0o700, "etc/fondaco/secrets": 0o700, "etc/fondaco/environment": 0o640} {
		if info, err := os.Stat(filepath.Join(root, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v, expected %o", name, info, err, mode)
		}
	}
	started(t, root)
	write("etc/fondaco/environment", "A=1\n")
	write("etc/fondaco/project/fondaco.yaml", "project: x\n")
	write("etc/fondaco/secrets/key", "s")
	write("var/lib/fondaco/data.db", "kept")
	dpkg("--install", packages["1.1.0"])
	kept("after the upgrade")
	if !strings.HasSuffix(read("usr/bin/fondaco"), "1.1.0") {
		t.Error("after the upgrade the program is the one before")
	}
	if said := in(t, ".", filepath.Join(root, "usr/bin/fondaco"), "version"); !strings.HasPrefix(said, "fondaco ") {
		t.Errorf("after the upgrade the program says %q", said)
	}
	dpkg("--install", packages["1.0.0"])
	kept("after the way back")
	if strings.HasSuffix(read("usr/bin/fondaco"), "1.1.0") {
		t.Error("after the way back the program is the newer one")
	}
	if said := dpkg("--remove", "fondaco"); !strings.Contains(said, "what was kept stays in /var/lib/fondaco") {
		t.Errorf("a removal says\n%s", said)
	}
	kept("after the removal")
	if said := dpkg("--purge", "fondaco"); !strings.Contains(said, "the project and its secrets stay in /etc/fondaco") {
		t.Errorf("a purge says\n%s", said)
	}
	for name, want := range map[string]bool{"var/lib/fondaco": false, "etc/fondaco/environment": false, "etc/fondaco/project/fondaco.yaml": true} {
		if _, err := os.Stat(filepath.Join(root, name)); (err == nil) != want {
			t.Errorf("after the purge %s is there: %t, expected %t", name, !want, want)
		}
	}
}

// newerRelease returns a folder with what a release of the next version has of the package's parts: the program is the one that was built, with
// the version as its last bytes, which no program runs. Linking it once more takes half a minute.
func newerRelease(t *testing.T, from, version, next string) string {
	t.Helper()
	out := t.TempDir()
	before, after := "fondaco-"+version+"-linux-amd64", "fondaco-"+next+"-linux-amd64"
	in(t, ".", "cp", "-r", filepath.Join(from, before), filepath.Join(out, after))
	program, err := os.OpenFile(filepath.Join(out, after, "fondaco"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := program.WriteString(next); err != nil {
		t.Fatal(err)
	}
	if err := program.Close(); err != nil {
		t.Fatal(err)
	}
	in(t, out, "tar", "-xzf", filepath.Join(from, before+".tar.gz"), "--transform", "s/"+version+"/"+next+"/", before+"/NOTICE")
	in(t, out, "tar", "-czf", after+".tar.gz", after+"/NOTICE")
	return out
}
