package codec

import "testing"

func TestUTF8(t *testing.T) {
	for _, c := range []struct{ data, label, want string }{
		{"perché", "", "perché"},
		{"perché", "UTF-8", "perché"},
		{"\xef\xbb\xbfperché", "", "perché"},
		{"\xef\xbb\xbfperché", "utf8", "perché"},
		{"perch\xe9", "ISO-8859-1", "perché"},
		{"perch\xe9", `"latin1"`, "perché"},
		{"10 \x80", "windows-1252", "10 €"},
		{"10 \xa4", "iso-8859-15", "10 €"},
		{"\xff\xfep\x00\xe8\x00", "", "pè"},
		{"\xfe\xff\x00p\x00\xe8", "utf-16", "pè"},
		{"\x00p\x00\xe8", "utf-16", "pè"},
		{"p\x00\xe8\x00", "utf-16le", "pè"},
		{"", "iso-8859-1", ""},
		{"perch\xe9", "", "!octets that are not of the encoding it says"},
		{"perch\xe9", "us-ascii", "!octets that are not of the encoding it says"},
		{"\x81", "windows-1252", "!octets that are not of the encoding it says"},
		{"p\x00\xe8", "utf-16le", "!octets that are not of the encoding it says"},
		{"\xff\xfep\x00", "utf-8", "!a byte order mark of utf-16le under the charset utf-8"},
		{"\xef\xbb\xbfp", "iso-8859-1", "!a byte order mark of utf-8 under the charset iso-8859-1"},
		{"x", "klingon", "!the charset klingon is not supported"},
		{"x", "a\nb", "!the charset that it says is not supported"},
	} {
		got, err := UTF8([]byte(c.data), c.label)
		found := string(got)
		if err != nil {
			found = "!" + err.Error()
		}
		if found != c.want {
			t.Errorf("%q under %q: found %q, expected %q", c.data, c.label, found, c.want)
		}
	}
}
