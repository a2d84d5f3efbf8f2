package files

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
)

// request is one call.
type request struct {
	in       schema.Value
	path, to string
}

// do carries the call out in the place of the files.
func (x *prepared) do(ctx context.Context, r *request) (schema.Value, error) {
	switch x.op.kind {
	case doList:
		return x.list(ctx, r.path)
	case doExists:
		f, err := x.store.Stat(ctx, r.path)
		if driver.IsKind(err, driver.Missing) {
			return x.exists(false), nil
		}
		return x.exists(f.Regular), err
	case doRead:
		return x.read(ctx, r.path)
	case doWrite:
		from, err := x.content(ctx, r.in)
		if err != nil {
			return schema.Value{}, err
		}
		return x.done(r.path), x.store.Write(ctx, r.path, from, x.op.replace)
	case doAppend:
		from, err := x.content(ctx, r.in)
		if err != nil {
			return schema.Value{}, err
		}
		octets, err := io.ReadAll(from)
		if err != nil {
			return schema.Value{}, err
		}
		return x.done(r.path), x.store.Append(ctx, r.path, octets)
	case doMove:
		return x.done(r.to), x.store.Move(ctx, r.path, r.to, x.op.replace)
	}
	return x.done(r.path), x.store.Remove(ctx, r.path)
}

// answer returns the fields as a value of the wanted type.
func (x *prepared) answer(t *schema.Type, field func(name string) schema.Value) schema.Value {
	if t.Kind != schema.KindRecord {
		return schema.Null
	}
	slots := schema.Slots(t)
	for i, f := range t.Fields {
		slots[i+1] = field(f.Name)
	}
	return schema.Record(t, slots)
}

func (x *prepared) done(path string) schema.Value {
	return x.answer(x.want, func(string) schema.Value { return schema.Text(path) })
}

func (x *prepared) exists(is bool) schema.Value {
	return x.answer(x.want, func(string) schema.Value { return schema.Bool(is) })
}

// list returns the files of a pattern, in the order of their names. Files whose names no operation could name are left out.
func (x *prepared) list(ctx context.Context, pattern string) (schema.Value, error) {
	folder, last := path.Split(pattern)
	var found []driver.File
	err := x.store.List(ctx, folderOf(folder), func(f driver.File) error {
		if fits, err := path.Match(last, f.Name); err != nil || !fits || !f.Regular || driver.CheckName(f.Name) != nil {
			return err
		}
		if strings.HasPrefix(f.Name, ".") && !strings.HasPrefix(last, ".") { // it is being written
			return nil
		}
		if len(found) == x.op.most {
			return x.invalid("", fmt.Errorf("there are more files than max_files, which is %d: narrow the pattern, or raise max_files", x.op.most))
		}
		found = append(found, f)
		return nil
	})
	if err != nil {
		return schema.Value{}, err
	}
	slices.SortFunc(found, func(a, b driver.File) int { return strings.Compare(a.Name, b.Name) })
	elem := schema.RecordType()
	if x.want.Kind == schema.KindList {
		elem = x.want.Elem
	}
	all := make([]schema.Value, len(found))
	for i, f := range found {
		all[i] = x.answer(elem, fieldsOf(f, folder+f.Name))
	}
	return schema.List(all), nil
}

// folderOf returns a folder in the form that a Store takes.
func folderOf(folder string) string {
	if folder = strings.TrimSuffix(folder, "/"); folder == "" {
		return "."
	}
	return folder
}

// fieldsOf returns the fields of an answer about a file.
func fieldsOf(f driver.File, at string) func(name string) schema.Value {
	return func(name string) schema.Value {
		switch name {
		case "name":
			return schema.Text(f.Name)
		case "path":
			return schema.Text(at)
		case "size":
			return schema.Int(f.Size)
		case "modified":
			return schema.DateTimeOf(f.Modified.UTC())
		}
		return schema.Value{}
	}
}

// invalid returns the fault of a file that does not hold what the connector says.
func (x *prepared) invalid(path string, err error) *connectors.Fault {
	return &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Kind: connectors.Invalid, Path: path, Sent: true, Err: err}
}
