package fondaco

import (
	"os"
	"regexp"
	"testing"
)

// TestPubliccode holds publiccode.yml to what the standard asks for (publiccode.yml 0.4, https://yml.publiccode.tools):
// the mandatory keys, and lengths of the descriptions.
func TestPubliccode(t *testing.T) {
	text, err := os.ReadFile("publiccode.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		`(?m)^publiccodeYmlVersion: "0\.4"$`, `(?m)^name: \S`, `(?m)^url: "https://\S+\.git"$`, `(?m)^softwareVersion: `,
		`(?m)^releaseDate: "\d{4}-\d\d-\d\d"$`,
		`(?m)^platforms:\n  - `, `(?m)^developmentStatus: (concept|development|beta|stable|obsolete)$`,
		`(?m)^softwareType: (standalone/(mobile|iot|desktop|web|backend|other)|addon|library|configurationFiles)$`,
		`(?m)^    shortDescription: `, `(?m)^    longDescription: `, `(?m)^    features:\n      - `, `(?m)^  license: EUPL-1\.2$`,
		`(?m)^  type: (internal|contract|community|none)$`, `(?m)^  contacts:\n    - name: \S`, `(?m)^  localisationReady: (true|false)$`,
		`(?m)^  availableLanguages:\n    - [a-z]{2}$`, `(?m)^  countryExtensionVersion: "0\.2"$`,
	} {
		if !regexp.MustCompile(key).Match(text) {
			t.Errorf("publiccode.yml does not match %s", key)
		}
	}
	for _, m := range regexp.MustCompile(`(?s)shortDescription: >-\n(.*?)\n    longDescription`).FindAllSubmatch(text, -1) {
		if n := len(regexp.MustCompile(`\s+`).ReplaceAllString(string(m[1]), " ")); n > 150 {
			t.Errorf("a short description has %d characters, at most 150 are allowed", n)
		}
	}
}
