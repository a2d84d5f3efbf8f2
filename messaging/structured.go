package messaging

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// structuredType begins the content types of CloudEvents whose attributes stand in the value, not in headers.
const structuredType = "application/cloudevents"

// Structured reports whether a content type says that the value holds the whole event: structured mode, or a batch
// (CloudEvents 1.0.2, Kafka protocol binding §3).
func Structured(contentType string) bool {
	return len(contentType) >= len(structuredType) && strings.EqualFold(contentType[:len(structuredType)], structuredType)
}

// readStructured takes the attributes and the data of m from its body, which is an event in the JSON event format of
// CloudEvents 1.0.2. The error holds no value of the event; m is then as it was.
func readStructured(m *Message) error {
	kind, _, err := mime.ParseMediaType(m.ContentType)
	switch {
	case err != nil || kind != structuredType+"+json" && kind != structuredType+"-batch+json":
		return errors.New("the content type is not application/cloudevents+json; no other format of events is supported")
	case kind == structuredType+"-batch+json":
		return errors.New("batches of events are not supported; a record holds one event, as application/cloudevents+json or in binary mode")
	}
	members, err := membersOf(m.Body)
	if err != nil {
		return err
	}
	e := Message{Key: m.Key, Replay: m.Replay}
	var data json.RawMessage
	var encoded *string
	version := ""
	for _, x := range members {
		switch x.name {
		case "data":
			data = x.value
			continue
		case "data_base64":
			var text string
			if err := json.Unmarshal(x.value, &text); err != nil {
				return errors.New("data_base64 is not text")
			}
			encoded = &text
			continue
		}
		value, there, err := attributeOf(x)
		switch {
		case err != nil:
			return err
		case !there:
			continue
		}
		if x.name == "specversion" {
			version = value
		} else if err := e.structured(x.name, value); err != nil {
			return err
		}
	}
	if len(e.Extensions) > MaxExtensions {
		return fmt.Errorf("%d extensions; at most %d may be", len(e.Extensions), MaxExtensions)
	}
	if version != "1.0" {
		return errors.New("specversion is not 1.0")
	}
	for _, a := range []Attribute{{"id", e.ID}, {"type", e.Type}, {"source", e.Source}} {
		if a.Value == "" {
			return fmt.Errorf("%s is absent or empty", a.Name)
		}
	}
	if e.Body, err = dataOf(data, encoded, e.ContentType); err != nil {
		return err
	}
	if e.ContentType == "" && encoded == nil {
		e.ContentType = "application/json"
	}
	*m = e
	return nil
}

// structured takes an attribute of an event in structured mode.
func (m *Message) structured(name, value string) (err error) {
	switch name {
	case "datacontenttype":
		m.ContentType = value
	case "partitionkey":
		if m.Key == "" {
			m.Key = value
		}
	case "time":
		if m.Time, err = time.Parse(time.RFC3339Nano, value); err != nil {
			return errors.New("the attribute time is not a time of RFC 3339")
		}
	default:
		if m.plainly(name, value) {
			return nil
		}
		if !extensionName(name) {
			return errors.New("an attribute has a name other than 1 to 64 of a-z and 0-9")
		}
		m.Extensions = append(m.Extensions, Attribute{name, value})
	}
	return nil
}

// plainly takes an attribute whose value may be any text, false for another attribute.
func (m *Message) plainly(name, value string) bool {
	switch name {
	case "id":
		m.ID = value
	case "source":
		m.Source = value
	case "type":
		m.Type = value
	case "subject":
		m.Subject = value
	default:
		return false
	}
	return true
}

// member is a member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf reads an object, each of whose members stands once.
func membersOf(body []byte) (all []member, err error) {
	bad := errors.New("the value is not a JSON object in UTF-8 that can be read")
	if !utf8.Valid(body) {
		return nil, bad
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, bad
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		name, isName := t.(string)
		if err != nil || !isName {
			return nil, bad
		}
		if seen[name] {
			return nil, errors.New("a member of the event stands twice; once was expected")
		}
		seen[name] = true
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil, bad
		}
		all = append(all, member{name, value})
	}
	if _, err := d.Token(); err != nil {
		return nil, bad
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the event")
	}
	return all, nil
}

// attributeOf returns an attribute's value as text (CloudEvents 1.0.2, JSON event format §2.2: text, boolean or integer;
// null is an attribute that is not there).
func attributeOf(x member) (value string, there bool, err error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(x.value))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "", false, errors.New("an attribute cannot be read")
	}
	switch v := v.(type) {
	case nil:
		return "", false, nil
	case string:
		value = v
	case bool:
		value = strconv.FormatBool(v)
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 32); err != nil {
			return "", false, errors.New("an attribute is a number other than a whole one of 32 bits")
		}
		value = v.String()
	default:
		return "", false, errors.New("an attribute is an object or an array; text, a boolean or a whole number was expected")
	}
	if !plain(value) || len(value) > MaxHeaders {
		return "", false, errors.New("an attribute holds control characters, or is too long")
	}
	return value, true, nil
}

// dataOf returns the data as binary mode has it: what is JSON stays as it was written, other content is a text or base64
// (JSON event format §3.1).
func dataOf(data json.RawMessage, encoded *string, contentType string) ([]byte, error) {
	switch {
	case data != nil && encoded != nil:
		return nil, errors.New("both data and data_base64 are there")
	case encoded != nil:
		raw, err := base64.StdEncoding.DecodeString(*encoded)
		if err != nil {
			return nil, errors.New("data_base64 is not base64")
		}
		return raw, nil
	case data == nil:
		return []byte{}, nil
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if contentType == "" || err != nil || strings.HasSuffix(kind, "/json") || strings.HasSuffix(kind, "+json") {
		return data, nil
	}
	var text string
	if json.Unmarshal(data, &text) == nil {
		return []byte(text), nil
	}
	return data, nil
}
