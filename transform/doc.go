// Package transform is the language of mappings: YAML trees whose leaves are expressions. A mapping is checked over the
// names in scope, its result's type is inferred, and it is compiled: into a value, or straight into JSON.
package transform
