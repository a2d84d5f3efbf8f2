// Package compare reports how a connector differs from an older version of it, and whom each change breaks: it reads
// types alone, and neither files nor systems.
package compare
