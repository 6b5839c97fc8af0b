package main

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Values of the label "result".
const (
	success = "success"
	failure = "failure"
	invalid = "invalid" // the client's fault
)

type metrics struct {
	registry    *prometheus.Registry
	duration    *prometheus.HistogramVec
	requests    *prometheus.CounterVec
	extractions *prometheus.CounterVec
	events      *prometheus.CounterVec
	searches    *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time to answer a request.", Buckets: buckets(),
		}, []string{"handler", "method"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "Requests answered.",
		}, []string{"handler", "method", "code"}),
		extractions: byResult("eventmesh_extractions_total", "Pages extracted, one per accepted event.", success, failure),
		events:      byResult("eventmesh_events_total", "Events received.", success, failure, invalid),
		searches:    byResult("eventmesh_search_requests_total", "Searches asked for.", success, failure, invalid),
	}
	m.registry.MustRegister(m.duration, m.requests, m.extractions, m.events, m.searches,
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// byResult makes a counter whose every series is there from the start, at 0.
func byResult(name, help string, results ...string) *prometheus.CounterVec {
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"result"})
	for _, result := range results {
		counter.WithLabelValues(result)
	}
	return counter
}

// buckets are at most 4 % apart from two thirds of the usual P50 to past the usual P95 (see usualWork), so that
// a regression of 5 % there can be seen; elsewhere they are coarse.
func buckets() []float64 {
	const step, from, to = 1.04, 0.0135, 0.042
	bounds := []float64{0.0005, 0.001, 0.0025, 0.005, 0.01}
	for bound := from; bound < to; bound *= step {
		bounds = append(bounds, bound)
	}
	return append(bounds, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)
}

// measured counts and times what next answers under the name of its path; both series are there from the start.
func (m *metrics) measured(method, path string, next http.Handler) http.Handler {
	of, in := prometheus.Labels{"handler": path}, strings.ToLower(method) // as promhttp writes it
	duration, requests := m.duration.MustCurryWith(of), m.requests.MustCurryWith(of)
	duration.WithLabelValues(in)
	requests.WithLabelValues(in, "200")
	return promhttp.InstrumentHandlerDuration(duration, promhttp.InstrumentHandlerCounter(requests, next))
}
