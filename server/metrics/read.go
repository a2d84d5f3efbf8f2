package metrics

import "github.com/prometheus/client_golang/prometheus"

// Family is a metric whose values are read whenever it is asked for, instead of being counted as things happen.
type Family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

// Total describes a family of values that only grow.
func Total(name, help string, labels ...string) Family {
	return Family{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

// Level describes a family of values that rise and fall.
func Level(name, help string, labels ...string) Family {
	return Family{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

// Spread describes a family of histograms that are counted elsewhere.
func Spread(name, help string, labels ...string) Family {
	return Family{prometheus.NewDesc(name, help, labels, nil), prometheus.UntypedValue}
}

// Sizes is a histogram: how many values were measured, their sum, and how many of them are no greater than each bound.
type Sizes struct {
	Count uint64
	Sum   float64
	Up    map[float64]uint64
}

// ReadSizes registers a family of Spread, whose histograms read reports with the values of their labels. It is called concurrently, for
// each question after the metrics.
func (r *Registry) ReadSizes(f Family, read func(tell func(s Sizes, values ...string))) {
	r.all.MustRegister(sizesReader{f, read})
}

// sizesReader is a prometheus.Collector.
type sizesReader struct {
	family Family
	read   func(tell func(s Sizes, values ...string))
}

func (r sizesReader) Describe(to chan<- *prometheus.Desc) { to <- r.family.desc }

func (r sizesReader) Collect(to chan<- prometheus.Metric) {
	r.read(func(s Sizes, values ...string) {
		to <- prometheus.MustNewConstHistogram(r.family.desc, s.Count, s.Sum, s.Up, values...)
	})
}

// Tell takes one value of a family. values are those of its labels, in their order; no two values of a family have the same labels.
type Tell func(f Family, value float64, values ...string)

// Read registers families whose values read reports. It is called concurrently, for each question after the metrics.
func (r *Registry) Read(read func(tell Tell), families ...Family) {
	r.all.MustRegister(reader{families, read})
}

// reader is a prometheus.Collector.
type reader struct {
	families []Family
	read     func(tell Tell)
}

func (r reader) Describe(to chan<- *prometheus.Desc) {
	for _, f := range r.families {
		to <- f.desc
	}
}

func (r reader) Collect(to chan<- prometheus.Metric) {
	r.read(func(f Family, value float64, values ...string) {
		to <- prometheus.MustNewConstMetric(f.desc, f.kind, value, values...)
	})
}

// Truth is 1 for true and 0 for false.
func Truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
