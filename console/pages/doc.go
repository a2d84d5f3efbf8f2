// Package pages is the operators' console as people see it: pages over the operators' API and what the engine knows of itself. They have
// no power of their own: what they do, they ask of console.API, and what they show is masked as it is there. Nothing is loaded from
// elsewhere, and scripts are this package's alone: without them every page is whole.
//
// The file assets/htmx.min.js.gz is htmx 4.0.1 (https://htmx.org), compressed; its licence (0BSD) stands beside it.
package pages
