// Command release builds what is handed to people: the program for four platforms, each in an archive with its licences, a bill of
// materials of each, and the sums of all. The same commit and the same Go give the same bytes.
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// platform is a system and a processor, as Go names them.
type platform struct{ os, arch string }

var platforms = []platform{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "arm64"}, {"windows", "amd64"}}

// release is what is built.
type release struct {
	version string
	at      time.Time // of the commit: the time of every file in it
	out     string
}

func main() {
	out := flag.String("out", "dist", "the folder that is written; what an earlier release left in it goes")
	version := flag.String("version", "", "the version (default: that of cmd/fondaco/version.go)")
	only := flag.String("only", "", "one platform, as linux/amd64 (default: all)")
	flag.Parse()
	if err := run(*out, *version, *only); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(out, version, only string) error {
	wanted := slices.Clone(platforms)
	if only != "" {
		wanted = slices.DeleteFunc(wanted, func(p platform) bool { return p.os+"/"+p.arch != only })
		if len(wanted) == 0 {
			return fmt.Errorf("-only: found %q, expected one of %v", only, platforms)
		}
	}
	r := &release{version: version, out: out}
	var err error
	if r.version == "" {
		if r.version, err = written(); err != nil {
			return err
		}
	}
	if r.at, err = committed(); err != nil {
		return err
	}
	if err := r.empty(); err != nil {
		return err
	}
	known, err := licences(wanted)
	if err != nil {
		return err
	}
	notice := noticeOf(known)
	for _, p := range wanted {
		if err := r.build(p, known, notice); err != nil {
			return fmt.Errorf("%s/%s: %w", p.os, p.arch, err)
		}
	}
	return r.sums()
}

// written returns the version that stands in the source.
func written() (string, error) {
	const file = "cmd/fondaco/version.go"
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	m := regexp.MustCompile(`(?m)^var version = "([^"]+)"$`).FindSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("%s: found no line of the form var version = \"1.2.3\"", file)
	}
	return string(m[1]), nil
}

// committed returns the time of the commit, or that of SOURCE_DATE_EPOCH (reproducible-builds.org).
func committed() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		b, err := command(nil, "git", "log", "-1", "--format=%ct")
		if err != nil {
			return time.Time{}, fmt.Errorf("the time of the commit: %w; outside a repository set SOURCE_DATE_EPOCH", err)
		}
		text = strings.TrimSpace(string(b))
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: found %q, expected seconds since 1970", text)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// empty makes the folder, and removes what an earlier release left in it, and nothing else.
func (r *release) empty() error {
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return err
	}
	for _, pattern := range []string{"fondaco-*", "fondaco_*.deb", "SHA256SUMS", "NOTICE"} {
		old, err := filepath.Glob(filepath.Join(r.out, pattern))
		if err != nil {
			return err
		}
		for _, file := range old {
			if err := os.RemoveAll(file); err != nil {
				return err
			}
		}
	}
	return nil
}

// sums writes SHA256SUMS, as sha256sum --check reads it.
func (r *release) sums() error {
	files, err := filepath.Glob(filepath.Join(r.out, "fondaco-*"))
	if err != nil {
		return err
	}
	files = slices.DeleteFunc(files, func(file string) bool {
		info, err := os.Stat(file)
		return err == nil && info.IsDir()
	})
	slices.Sort(files)
	var b bytes.Buffer
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(text), filepath.Base(file))
	}
	fmt.Print(b.String())
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), b.Bytes(), 0o644)
}

// command runs a program with more of an environment and returns what it prints; its complaints are the error's.
func command(env []string, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, complaints.String())
	}
	return out, nil
}
