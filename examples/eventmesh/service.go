package main

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	maxBody = 64 << 10
	// What a POST usually takes: log-normal, P50 20 ms, P95 26 ms.
	usualP50 = 20 * time.Millisecond
	spread   = 0.16
)

// share picks a percentage of its calls, evenly: of any 100 calls in a row, 20 are picked at 20 %.
type share struct {
	percent float64
	calls   atomic.Uint64
}

func (s *share) pick() bool {
	n := float64(s.calls.Add(1))
	return math.Floor(n*s.percent/100) > math.Floor((n-1)*s.percent/100)
}

type service struct {
	settings    settings
	metrics     *metrics
	flags       *flagsFile
	errors      share
	extractions share
	draining    atomic.Bool
	hoard       hoard
}

func newService(s settings, flagsPath string) *service {
	return &service{
		settings: s, metrics: newMetrics(), flags: &flagsFile{path: flagsPath},
		errors: share{percent: s.errorPercent}, extractions: share{percent: s.extractionFailPercent},
	}
}

type answer struct {
	code int
	body any
}

func refusal(code int, why string) answer {
	return answer{code, map[string]string{"error": why}}
}

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	route := func(method, path string, next http.Handler) {
		mux.Handle(method+" "+path, s.metrics.measured(method, path, next))
	}
	route("GET", "/health", http.HandlerFunc(s.health))
	route("GET", "/api/v1/status", s.api(nil, s.status))
	route("POST", "/api/v1/search", s.api(s.metrics.searches, s.search))
	route("POST", "/api/v1/events", s.api(s.metrics.events, s.event))
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	return s.closing(mux)
}

// closing ends a kept connection with an answer while draining. Closing it between two answers, as
// SetKeepAlivesEnabled does, would lose a request that is on its way.
func (s *service) closing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *service) health(w http.ResponseWriter, _ *http.Request) {
	if s.settings.neverReady || s.draining.Load() {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// api wraps what answers under /api/v1: there the latency and the errors of a bad release strike.
func (s *service) api(results *prometheus.CounterVec, work func(*http.Request) answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		pause(r, s.settings.latency)
		reply := refusal(http.StatusInternalServerError, "injected by ERROR_PERCENT")
		if !s.errors.pick() {
			reply = work(r)
		}
		if results != nil {
			results.WithLabelValues(resultOf(reply.code)).Inc()
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(reply.code)
		_ = json.NewEncoder(w).Encode(reply.body)
	})
}

func resultOf(code int) string {
	switch {
	case code < 400:
		return success
	case code < 500:
		return invalid
	default:
		return failure
	}
}

// pause takes time, but not that of a client that has gone.
func pause(r *http.Request, length time.Duration) {
	if length <= 0 {
		return
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

func usualWork(r *http.Request) {
	pause(r, time.Duration(float64(usualP50)*math.Exp(spread*rand.NormFloat64())))
}

func (s *service) status(*http.Request) answer {
	_, digest, problem := s.flags.current()
	body := map[string]string{"version": s.settings.version, "flagsDigest": digest}
	if problem != "" {
		body["flagsProblem"] = problem
	}
	return answer{http.StatusOK, body}
}

func (s *service) search(r *http.Request) answer {
	query, refused := field(r, "query")
	if refused != nil {
		return *refused
	}
	usualWork(r)
	if now, _, _ := s.flags.current(); !now.searchEnabled() {
		return answer{http.StatusOK, map[string]any{"query": query, "provider": "disabled", "results": []string{}}}
	}
	if s.settings.searchBroken {
		return refusal(http.StatusInternalServerError, "the search provider is broken")
	}
	return answer{http.StatusOK, map[string]any{"query": query, "provider": "builtin", "results": []string{"page about " + query}}}
}

// event accepts an event, then extracts the page that it names. A failed extraction fails no request:
// only the metric tells.
func (s *service) event(r *http.Request) answer {
	event, refused := field(r, "event")
	if refused != nil {
		return *refused
	}
	usualWork(r)
	if s.extractions.pick() {
		s.metrics.extractions.WithLabelValues(failure).Inc()
		slog.Warn("page not extracted", "event", event)
	} else {
		s.metrics.extractions.WithLabelValues(success).Inc()
	}
	return answer{http.StatusOK, map[string]string{"accepted": event}}
}

// field reads the text under name from the JSON object that is the body, or says what to answer instead.
func field(r *http.Request, name string) (string, *answer) {
	refuse := func(code int, why string) (string, *answer) {
		reply := refusal(code, why)
		return "", &reply
	}
	content, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return refuse(http.StatusRequestEntityTooLarge, "the body is larger than 64 KiB")
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "the body could not be read: "+err.Error())
	}
	var object map[string]any
	if err := json.Unmarshal(content, &object); err != nil {
		return refuse(http.StatusBadRequest, "the body is not a JSON object: "+err.Error())
	}
	if text, ok := object[name].(string); ok && text != "" {
		return text, nil
	}
	return refuse(http.StatusBadRequest, `the body needs "`+name+`", a text that is not empty`)
}
