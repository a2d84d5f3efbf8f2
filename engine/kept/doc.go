// Package kept keeps whole projects that were in service, each in one file of a folder, so that one of them can be served again. A file
// is a zip archive of what the program was made of: it is read as the project's folder is, without being unpacked. What came from
// secrets and from the environment is in none.
package kept
