package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"os"
	"path"
	"path/filepath"
)

// part is a file of an archive.
type part struct {
	name string
	mode int64
	text []byte
}

// build makes the program for a platform, its archive and its bill of materials.
func (r *release) build(p platform, known map[string]module, notice []byte) error {
	name, program := "fondaco-"+r.version+"-"+p.os+"-"+p.arch, "fondaco"
	if p.os == "windows" {
		program += ".exe"
	}
	file := filepath.Join(r.out, name, program)
	if _, err := command(env(p), "go", "build", "-trimpath", "-buildvcs=true", "-ldflags", "-s -w -X main.version="+r.version, "-o", file,
		"./cmd/fondaco"); err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(file)
	if err != nil {
		return err
	}
	bill, err := r.bill(info, p, known)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.out, name+".cdx.json"), bill, 0o644); err != nil {
		return err
	}
	parts := []part{{"NOTICE", 0o644, notice}, {"sbom.cdx.json", 0o644, bill}}
	for _, from := range []string{file, "LICENSE", "README.md", "CHANGELOG.md"} {
		text, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		mode := int64(0o644)
		if from == file {
			mode = 0o755
		}
		parts = append(parts, part{filepath.Base(from), mode, text})
	}
	packed, ending, err := r.tarball(name, parts)
	if p.os == "windows" {
		packed, ending, err = r.zipped(name, parts)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, name+ending), packed, 0o644)
}

// env is what Go builds for a platform with, whatever the environment says.
func env(p platform) []string {
	return []string{"GOOS=" + p.os, "GOARCH=" + p.arch, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT="}
}

func (r *release) tarball(folder string, parts []part) (packed []byte, ending string, err error) {
	var b bytes.Buffer
	g, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, "", err
	}
	t := tar.NewWriter(g)
	for _, p := range parts {
		h := &tar.Header{
			Name: path.Join(folder, p.name), Mode: p.mode, Size: int64(len(p.text)), ModTime: r.at, Uname: "root", Gname: "root",
			Format: tar.FormatPAX,
		}
		if err := t.WriteHeader(h); err != nil {
			return nil, "", err
		}
		if _, err := t.Write(p.text); err != nil {
			return nil, "", err
		}
	}
	if err := t.Close(); err != nil {
		return nil, "", err
	}
	err = g.Close()
	return b.Bytes(), ".tar.gz", err
}

func (r *release) zipped(folder string, parts []part) (packed []byte, ending string, err error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: path.Join(folder, p.name), Method: zip.Deflate, Modified: r.at})
		if err != nil {
			return nil, "", err
		}
		if _, err := w.Write(p.text); err != nil {
			return nil, "", err
		}
	}
	err = z.Close()
	return b.Bytes(), ".zip", err
}
