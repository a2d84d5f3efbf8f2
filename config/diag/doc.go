// Package diag holds problems: what is wrong in a project's files, told so that the reader can fix it.
package diag
