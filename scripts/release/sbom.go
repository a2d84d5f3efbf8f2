package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"runtime/debug"
	"strings"
)

// The parts of a bill of materials in CycloneDX 1.6 (ECMA-424) that are written.
type (
	bill struct {
		Schema   string      `json:"$schema"`
		Format   string      `json:"bomFormat"`
		Spec     string      `json:"specVersion"`
		Version  int         `json:"version"`
		Metadata metadata    `json:"metadata"`
		Parts    []component `json:"components"`
		Needs    []needs     `json:"dependencies"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type     string    `json:"type"`
		Ref      string    `json:"bom-ref"`
		Name     string    `json:"name"`
		Version  string    `json:"version"`
		Scope    string    `json:"scope,omitempty"`
		Hashes   []hash    `json:"hashes,omitempty"`
		Licenses []license `json:"licenses,omitempty"`
		Purl     string    `json:"purl,omitempty"`
	}
	hash struct {
		Alg     string `json:"alg"`
		Content string `json:"content"`
	}
	license struct {
		License struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	needs struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn,omitempty"`
	}
)

// bill returns the bill of materials of a program: the modules that it says it was linked with, and the Go that it was built by.
func (r *release) bill(info *debug.BuildInfo, p platform, known map[string]module) ([]byte, error) {
	self := "fondaco@" + r.version + "?goos=" + p.os + "&goarch=" + p.arch
	b := bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: metadata{Timestamp: r.at.Format("2006-01-02T15:04:05Z"), Component: component{
			Type: "application", Ref: self, Name: "fondaco", Version: r.version, Licenses: licensesOf([]string{"EUPL-1.2"}),
		}},
	}
	add := func(path, version, sum string) {
		purl := "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B")
		c := component{Type: "library", Ref: purl, Name: path, Version: version, Scope: "required", Purl: purl, Licenses: licensesOf(known[path].ids)}
		if h, ok := strings.CutPrefix(sum, "h1:"); ok { // of golang.org/x/mod/sumdb/dirhash: SHA-256 of the sums of the files
			if raw, err := base64.StdEncoding.DecodeString(h); err == nil {
				c.Hashes = []hash{{"SHA-256", hex.EncodeToString(raw)}}
			}
		}
		b.Parts = append(b.Parts, c)
	}
	add(standard, strings.TrimPrefix(info.GoVersion, "go"), "")
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		add(d.Path, d.Version, d.Sum)
	}
	all := needs{Ref: self}
	for _, c := range b.Parts {
		all.On = append(all.On, c.Ref)
		b.Needs = append(b.Needs, needs{Ref: c.Ref})
	}
	b.Needs = append([]needs{all}, b.Needs...)
	out, err := json.MarshalIndent(b, "", "  ")
	return append(out, '\n'), err
}

func licensesOf(ids []string) (list []license) {
	for _, id := range ids {
		var l license
		l.License.ID = id
		list = append(list, l)
	}
	return list
}
