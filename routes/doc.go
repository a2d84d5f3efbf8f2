// Package routes is the language of routes: it reads them, checks them and compiles them into a Program.
// Looking for routes to read? They are in examples/dime/routes.
//
// Load reads a project's files and nothing else; Check types it and Compile makes a Program of it, both pure. Start opens the systems,
// Route.Serve runs an exchange, Close ends it all. A step is one file, step_NAME.go, and a line in steps.go.
//
// A route has one form for each stage, and at run time one for each side of it:
//
//   - RouteModel is what its file says, with positions. Load makes it.
//   - TypedRoute has the types of its parameters, steps and answer, and the places of values in an exchange. Check makes it; the
//     documents, explain and the privacy report read it.
//   - unit is what runs of it, whatever starts it: a request, a message, a schedule, another route. Compile makes one, and all share it.
//   - What starts it brings the values in and takes the result out: entry for requests, Consumer for messages, served for operations of
//     a service.
//   - Route is a path of the public API, which a server binds to its listeners: who may call it, its limits, and the functions that answer.
//     A service makes two of them for all its operations.
package routes
