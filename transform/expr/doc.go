// Package expr is the language of expressions: expr-lang's syntax, our types. An expression is parsed and checked at
// load, compiled into closures, and bounded in cost. It has no side effects and does no I/O.
package expr
