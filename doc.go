// Package fondaco is the root of an enterprise service bus for cities. It holds only tests of the repository: of the arrows between
// folders, the maps, the words, the links of pages and what pages show; CONTRIBUTING.md lists them. The program is in cmd/fondaco.
package fondaco
