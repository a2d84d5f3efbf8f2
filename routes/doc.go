// Package routes is the language of routes: it reads them, checks them and compiles them into a Program.
// Looking for routes to read? They are in examples/dime/routes.
//
// Load reads a project, Check types it, Compile makes a Program of it: all three are pure. Start opens the systems,
// Route.Serve runs an exchange, Close ends it all. A step is one file, step_NAME.go, and a line in steps.go.
package routes
