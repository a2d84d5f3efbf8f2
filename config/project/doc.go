// Package project reads fondaco.yaml, the file that makes a folder a project, and lists the project's other files.
// Systems are kept as nodes: connectors decode them.
package project
