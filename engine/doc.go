// Package engine is a project that runs: a Folder is read and checked, Serving serves it and takes up its changes, Simulators play
// its systems. It joins what does not know each other: routes, server, console and storages. The commands call it and do no more.
package engine
