package storetest

import "bytes"

func secret(b *bench) {
	first, err := b.s.Secret(b.Context())
	b.must(err)
	b.reopen()
	again, err := b.s.Secret(b.Context())
	b.must(err)
	if len(first) != 32 || !bytes.Equal(first, again) {
		b.Errorf("the secret has %d bytes and was the same: %v", len(first), bytes.Equal(first, again))
	}
}
