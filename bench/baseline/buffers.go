package main

import "sync"

// buffers lends the proxy the buffers through which it copies bodies. Without it httputil.ReverseProxy makes one of
// 32 KiB for every answer, which costs it a third more CPU.
type buffers struct{ pool sync.Pool }

func newBuffers() *buffers {
	return &buffers{sync.Pool{New: func() any { return new([32 << 10]byte) }}}
}

func (b *buffers) Get() []byte { return b.pool.Get().(*[32 << 10]byte)[:] }

func (b *buffers) Put(p []byte) { b.pool.Put((*[32 << 10]byte)(p)) }
