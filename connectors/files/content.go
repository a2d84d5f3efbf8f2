package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"path"
	"unicode/utf8"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// read returns the content of a file, or hands it on as a stream.
func (x *prepared) read(ctx context.Context, at string) (schema.Value, error) {
	h := connectors.HandoverOf(ctx, x.operation.Name)
	if h != nil {
		return x.handOver(ctx, h, at)
	}
	r, err := x.store.Read(ctx, at, 0)
	if err != nil {
		return schema.Value{}, err
	}
	defer func() { _ = r.Close() }()
	return x.decoded(ctx, r)
}

// handOver hands a file on as a stream. Its context ends with the call, not with the stream.
func (x *prepared) handOver(ctx context.Context, h *connectors.Handover, at string) (schema.Value, error) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel) // until it is open
	r, err := x.store.Read(longer, at, 0)
	if !stop() && err == nil {
		_ = r.Close()
		err = driver.Broken(ctx, ctx.Err(), false)
	}
	if err != nil {
		cancel()
		return schema.Value{}, err
	}
	h.Body, h.Length = &stream{r, r.File().Size, cancel}, r.File().Size
	x.describeBody(h, at)
	return schema.Null, nil
}

// describeBody sets the media type and the disposition of a stream.
func (x *prepared) describeBody(h *connectors.Handover, at string) {
	h.Type = x.operation.Octets
	h.Disposition = mime.FormatMediaType("inline", map[string]string{"filename": path.Base(at)})
}

// stream is a file that is handed on: one that becomes shorter meanwhile is an error, and of one that grows the rest is left.
type stream struct {
	driver.Reader
	left   int64
	cancel func()
}

func (s *stream) Read(b []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.Reader.Read(b[:min(int64(len(b)), s.left)])
	s.left -= int64(n)
	if errors.Is(err, io.EOF) && s.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Close ends the stream.
func (s *stream) Close() error {
	defer s.cancel() // what is closed already keeps its connection
	return s.Reader.Close()
}

// decoded reads the content as the operation says that it is.
func (x *prepared) decoded(ctx context.Context, from io.Reader) (schema.Value, error) {
	octets, err := io.ReadAll(io.LimitReader(from, x.op.size+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return schema.Value{}, driver.Broken(ctx, err, true)
	case err != nil:
		return schema.Value{}, driver.Of(err, true)
	case int64(len(octets)) > x.op.size:
		return schema.Value{}, x.invalid("", fmt.Errorf("the file is larger than max_size, which is %d octets", x.op.size))
	}
	switch x.op.content {
	case contentBytes:
		return schema.Bytes(octets), nil
	case contentText:
		octets = bytes.TrimPrefix(octets, []byte("\ufeff"))
		if !utf8.Valid(octets) {
			return schema.Value{}, x.invalid("", errors.New("the file is no text in UTF-8"))
		}
		return schema.Text(string(octets)), nil
	}
	v, err := x.decode.Decode(bytes.TrimPrefix(octets, []byte("\ufeff")))
	if err != nil {
		place := ""
		var wrong schema.Violations
		if errors.As(err, &wrong) {
			place = wrong[0].Path
		}
		return v, x.invalid(place, err)
	}
	return v, nil
}

// content returns what is written: the body of the request if that is sent on as it comes.
func (x *prepared) content(ctx context.Context, in schema.Value) (io.Reader, error) {
	if u := connectors.UploadOf(ctx, x.operation.Name); u != nil {
		if u.Begun() {
			return nil, &connectors.Fault{Kind: connectors.Unavailable, Err: errSentOn}
		}
		return u, nil
	}
	var octets []byte
	switch x.op.content {
	case contentBytes:
		octets = schema.Octets(in.Get(bodyField))
	case contentText:
		octets = []byte(in.Get(bodyField).Str())
	default:
		slots := schema.Slots(x.document)
		for i, f := range x.document.Fields {
			slots[i+1] = in.Get(f.Name)
		}
		octets = codec.AppendJSON(nil, schema.Record(x.document, slots))
	}
	if int64(len(octets)) > x.op.size {
		return nil, &connectors.Fault{
			Kind: connectors.Invalid, Err: fmt.Errorf("what is written is larger than max_size, which is %d octets", x.op.size),
		}
	}
	return bytes.NewReader(octets), nil
}

var (
	errSentOn = errors.New("the body of the request was sent on already, and cannot be sent again")
	errCut    = errors.New("the body of the request did not come whole from the caller")
)
