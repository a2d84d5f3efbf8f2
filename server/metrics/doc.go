// Package metrics is what the process counts and measures, in the form that Prometheus reads: counters, histograms and gauges that are
// moved as things happen, and families whose values are read whenever they are asked for. It alone knows Prometheus' client.
package metrics
