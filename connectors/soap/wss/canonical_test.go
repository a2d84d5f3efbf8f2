package wss

import "testing"

// What canonicalizers get wrong, each with what Exclusive XML Canonicalization says. peer_test.go compares more with
// another implementation.
func TestCanonical(t *testing.T) {
	for _, c := range []struct{ document, prefixes, want string }{
		{
			`<a xmlns:z="urn:1" xmlns:y="urn:2" y:a="4" z:b="3" q="2" b="1"/>`, "", // by namespace, then name
			`<a xmlns:y="urn:2" xmlns:z="urn:1" b="1" q="2" z:b="3" y:a="4"></a>`,
		},
		{`<a xmlns="urn:u" xmlns:n="urn:n"><b/></a>`, "", `<a xmlns="urn:u"><b></b></a>`},
		{`<a xmlns="urn:u" xmlns:n="urn:n"><b/></a>`, "n", `<a xmlns="urn:u" xmlns:n="urn:n"><b></b></a>`},
		{`<n:a xmlns="urn:u" xmlns:n="urn:n"><n:b/></n:a>`, "#default", `<n:a xmlns="urn:u" xmlns:n="urn:n"><n:b></n:b></n:a>`},
		{`<a xmlns=""><b xmlns="urn:u"><c xmlns=""/></b></a>`, "", `<a><b xmlns="urn:u"><c xmlns=""></c></b></a>`},
		{"<a b='x\r\ny\t&#10;\"'>1\r\n2&#13;<![CDATA[<&>]]><!-- c --></a>", "", "<a b=\"x y &#xA;&quot;\">1\n2&#xD;&lt;&amp;&gt;</a>"},
	} {
		root, err := parse([]byte(c.document))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(canonical([]byte("before "), root, prefixList(c.prefixes))); got != "before "+c.want {
			t.Errorf("%s with %q\n got %s\nwant %s", c.document, c.prefixes, got, c.want)
		}
	}
}
