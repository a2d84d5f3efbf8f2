package soap

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"fondaco/connectors/soap/wsdl"
)

// heldPolicies compares what the policies of files ask for with a list, a line a file: what becomes words of a connector, and what is
// named as not supported. It returns a summary. "FONDACO_POLICIES=write" writes the list.
func heldPolicies(t *testing.T, list []result, file string) string {
	t.Helper()
	var lines []string
	read, unread := 0, 0
	named := map[string]int{}
	for _, r := range list {
		words := policyWords(r.asks)
		if r.cause != "" || len(words)+len(r.asks.Unread) == 0 {
			continue
		}
		if len(words) > 0 {
			read++
		}
		if len(r.asks.Unread) > 0 {
			unread++
		}
		for _, n := range r.asks.Unread {
			named[n]++
		}
		lines = append(lines, fmt.Sprintf("%s | %s | %s", r.file, strings.Join(words, ", "), strings.Join(r.asks.Unread, ", ")))
	}
	if os.Getenv("FONDACO_POLICIES") == "write" {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for _, line := range lines {
		if !slices.Contains(want, line) {
			t.Errorf("%s: not in the list: %s", file, line)
		}
	}
	for _, line := range want {
		if !slices.Contains(lines, line) {
			t.Errorf("%s: no longer so: %s", file, line)
		}
	}
	var names []string
	for n, count := range named {
		names = append(names, fmt.Sprintf("%s %d", n, count))
	}
	slices.Sort(names)
	return fmt.Sprintf("files with policies %d, of which become words of a connector %d, name what is not supported %d: %s",
		len(lines), read, unread, strings.Join(names, ", "))
}

// policyWords are what policies become in a connector that import writes.
func policyWords(a wsdl.Policies) (words []string) {
	for _, x := range []struct {
		asked bool
		word  string
	}{
		{a.User && a.Digest, "username_token with digest"},
		{a.User && !a.Digest, "username_token"},
		{a.Basic, "basic"},
		{a.Timestamp, "timestamp"},
		{a.Signature, "signature"},
		{a.TLS, "tls"},
		{a.Addressing, "addressing"},
		{a.MayAddress, "addressing admitted"},
	} {
		if x.asked {
			words = append(words, x.word)
		}
	}
	return words
}
