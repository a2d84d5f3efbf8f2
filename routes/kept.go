package routes

import (
	"encoding/base64"
	"maps"
	"slices"

	"fondaco/messaging"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// mostKept is how large the body of a request may be that is kept until it is worked on, in bytes: as base64 in a message
// of messaging.MaxBody it leaves 64 KiB for the rest of the request.
const mostKept = (messaging.MaxBody - 64<<10) / 4 * 3

// mostKept is how large the body of a request of the route may be that is kept: files are base64 within its JSON.
func (d *RouteModel) mostKept() int64 {
	if d.content.form != nil {
		return mostKept / 4 * 3
	}
	return mostKept
}

// keptParts says what of an accepted request its work reads: the rest of the head and of the caller is not kept. Tokens,
// cookies, and where the end is told, which stands with the operation alone, cannot be declared.
type keptParts struct {
	header []string // canonical names
	user   []int    // fields
	body   bool
}

// kept lists what is kept of a request of the route.
func (r *TypedRoute) kept() keptParts {
	k := keptParts{body: r.Model.Body != nil}
	for i := range places {
		for _, p := range r.params[i].Describe("") {
			if p.In == "header" {
				k.header = append(k.header, canonical(p.Name))
			}
		}
	}
	if r.userSlot >= 0 {
		for i, f := range r.userType.Fields {
			if r.user.Reads(f.Name) {
				k.user = append(k.user, i)
			}
		}
	}
	return k
}

// pack writes what is kept of a request. Its body is JSON, however it came.
func (k *keptParts) pack(req *trigger.Request, body []byte) []byte {
	var holes, header []schema.Value
	for _, p := range req.Path {
		holes = append(holes, schema.Text(p))
	}
	add := func(name string, values ...string) {
		line := []schema.Value{schema.Text(name)}
		for _, v := range values {
			line = append(line, schema.Text(v))
		}
		header = append(header, schema.List(line))
	}
	for _, name := range k.header {
		if values := req.Header[name]; len(values) > 0 {
			add(name, values...)
		}
	}
	if k.body { // whatever else the caller said of it
		add("Content-Type", "application/json")
	}
	return codec.AppendJSON(nil, schema.RecordOf(storedRequest, schema.List(holes), schema.Text(req.Query), schema.List(header),
		schema.BytesBase64(base64.StdEncoding.EncodeToString(body)), k.caller(req.User)))
}

// caller returns what is kept of who calls. The subject is always there, for earlier versions that read it: blank if the
// route does not use it, which stands for absent.
func (k *keptParts) caller(user schema.Value) schema.Value {
	if user.IsNil() {
		return schema.Null
	}
	slots := schema.Slots(trigger.UserType)
	slots[1] = schema.Text("")
	for _, i := range k.user {
		slots[i+1] = user.Field(i)
	}
	return schema.Record(trigger.UserType, slots)
}

// ReadAccepted returns what is kept of an accepted request, from the body of its message.
func ReadAccepted(body []byte) (KeptRequest, error) {
	req, err := unpackRequest(body)
	if err != nil {
		return KeptRequest{}, err
	}
	k := KeptRequest{Path: req.Path, Query: req.Query, Body: req.Body}
	if !req.User.IsNil() {
		k.User = codec.AppendJSON(nil, req.User)
	}
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		for _, value := range req.Header[name] {
			k.Header = append(k.Header, [2]string{name, value})
		}
	}
	return k, nil
}

// KeptRequest is what is kept of an accepted request until it is worked on.
type KeptRequest struct {
	Path   []string // what stands in the place of the path's parameters
	Query  string
	Header [][2]string
	User   []byte // what the route reads of the caller, as JSON; nil for nothing
	Body   []byte
}
