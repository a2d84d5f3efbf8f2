// Package openapi writes the project's API as an OpenAPI document, reads those of others, and compares what routes
// give with a document that was agreed before (contract first). It knows no routes: they hand it plain Operations.
// Subpackage ui serves the documentation as a page.
package openapi
