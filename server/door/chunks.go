package door

import "bytes"

// chunks hands out as many chunks, and parts of one, as the buffer holds. It leaves trailers to trailers.
func (c *conn) chunks() {
	at := c.ready
	for at < c.w {
		if c.state == inData {
			// The line end after the data counts as part of it, and is checked octet by octet.
			if c.left > 2 {
				n := min(c.left-2, int64(c.w-at))
				c.left -= n
				at += int(n)
				continue
			}
			if c.buf[at] != "\n\r"[c.left-1] {
				c.broken(errChunk)
				break
			}
			at++
			if c.left--; c.left == 0 {
				c.state = inSize
			}
			continue
		}
		line := c.buf[at:c.w]
		end := bytes.IndexByte(line, '\n')
		if end < 0 && len(line) <= maxSizeLine {
			break
		}
		size, ok := int64(0), false
		if end > 0 && end <= maxSizeLine && line[end-1] == '\r' {
			size, ok = chunkSize(line[:end-1])
		}
		if !ok {
			c.broken(errChunk)
			break
		}
		at += end + 1
		if size == 0 {
			c.state = inTrailer
			break
		}
		c.state, c.left = inData, size+2
	}
	c.ready = at
}

// chunkSize reads a size line: hexadecimal digits and perhaps extensions, which nobody looks at.
func chunkSize(line []byte) (int64, bool) {
	n, i := int64(0), 0
	for i < len(line) && octets[line[i]]&isHex != 0 {
		n = n<<4 | int64(unhex(line[i]))
		i++
	}
	if i == 0 || i > 15 {
		return 0, false
	}
	if i < len(line) && line[i] != ';' {
		return 0, false
	}
	for _, c := range line[i:] {
		if octets[c]&inValue == 0 {
			return 0, false
		}
	}
	return n, true
}

// trailers leaves out the lines after the last chunk and hands out the empty one that ends them.
func (c *conn) trailers() {
	for {
		line := c.buf[c.r:c.w]
		end := bytes.IndexByte(line, '\n')
		if end < 0 {
			if c.trailer+len(line) > maxTrailer {
				c.broken(errChunk)
			}
			return
		}
		if end == 0 || line[end-1] != '\r' {
			c.broken(errChunk)
			return
		}
		if end == 1 {
			c.ready = c.r + 2
			c.state = inHead
			return
		}
		if c.trailer += end + 1; c.trailer > maxTrailer {
			c.broken(errChunk)
			return
		}
		c.r += end + 1
		c.ready = c.r
	}
}
