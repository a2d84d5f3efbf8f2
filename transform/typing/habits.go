package typing

import (
	"fmt"

	"fondaco/config/diag"
)

// kinds are the types of JSON Schema.
var kinds = []string{"string", "integer", "number", "boolean", "object", "array", "null"}

// typeHabits are the names that types have in other languages, and what is written here.
var typeHabits = map[string]string{
	"int": "integer", "int32": "integer", "int64": "integer", "long": "integer", "short": "integer", "bigint": "integer",
	"uint":  "integer",
	"float": "number", "double": "number", "decimal": "number", "numeric": "number", "money": "number", "real": "number",
	"str": "string", "text": "string", "varchar": "string", "char": "string", "bool": "boolean", "list": "array",
	"tuple": "array", "set": "array",
	"dict": "object", "map": "object", "record": "object", "struct": "object", "json": "object", "none": "null", "nil": "null",
	"date": "string, format: date", "datetime": "string, format: date-time", "timestamp": "string, format: date-time",
	"date-time": "string, format: date-time", "time": "string, format: time", "uuid": "string, format: uuid", "uri": "string, format: uri",
	"url": "string, format: uri", "email": "string, format: email", "binary": "string, format: binary", "bytes": "string, format: binary",
	"file": "string, format: binary",
}

// typeHint says what to write in place of a word that is no type, "" if nobody knows.
func typeHint(word string) string {
	if instead := typeHabits[word]; instead != "" {
		return "write type: " + instead
	}
	if near := diag.Nearest(word, kinds); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// wordHabits are words that schemas have elsewhere, and what to write here.
var wordHabits = map[string]string{
	"optional": "leave it out: what is not in required: may be absent",
	"required": "write required: [NAME] beside properties:, in the schema of the object",
	"min":      "write minimum:, or minLength: of a text", "max": "write maximum:, or maxLength: of a text",
	"length": "write minLength: and maxLength:", "size": "write minLength: and maxLength:", "regex": "write pattern:",
	"regexp": "write pattern:",
	"values": "write enum: [ … ]", "options": "write enum: [ … ]", "choices": "write enum: [ … ]", "oneof": "write oneOf: [ … ]",
	"fields": "write properties:", "items_type": "write items:", "of": "write items:", "element": "write items:",
	"desc": "write description:", "doc": "write description:", "comment": "write description:",
}
