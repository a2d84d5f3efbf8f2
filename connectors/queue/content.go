package queue

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// mediaTyped returns what receivers are told that the content is.
func (p *op) mediaTyped() string {
	switch {
	case p.mediaType != "":
		return p.mediaType
	case p.content == contentJSON:
		return "application/json"
	case p.content == contentText:
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// encode returns the content of a message.
func (p *op) encode(in schema.Value) []byte {
	switch p.content {
	case contentBytes:
		return schema.Octets(in.Get(bodyField))
	case contentText:
		return []byte(in.Get(bodyField).Str())
	}
	slots := schema.Slots(p.sent)
	for i, f := range p.sent.Fields {
		slots[i+1] = in.Get(f.Name)
	}
	return codec.AppendJSON(nil, schema.Record(p.sent, slots))
}

var errUTF8 = errors.New("the content is no text in UTF-8")

// decoded returns the content of a message that has come.
func decoded(content string, document *codec.JSONDecoder, body []byte) (schema.Value, error) {
	switch content {
	case contentBytes:
		return schema.Bytes(body), nil
	case contentText:
		if !utf8.Valid(body) {
			return schema.Value{}, errUTF8
		}
		return schema.Text(string(body)), nil
	}
	return document.Decode(bytes.TrimPrefix(body, []byte("\ufeff")))
}
