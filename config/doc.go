// Package config reads a project's files: strict YAML into nodes with positions, fondaco.yaml, environment, secrets,
// and watches the folder for changes.
package config
