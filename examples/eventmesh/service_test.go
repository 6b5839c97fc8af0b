package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// ask sends one request to a service; the flags file is absent.
func ask(s *service, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

func withSettings(t *testing.T, s settings) *service {
	return newService(s, filepath.Join(t.TempDir(), "runtime.json"))
}

// metric is the value of a line of /metrics, or "" if there is no such line.
func metric(s *service, series string) string {
	for line := range strings.Lines(ask(s, "GET", "/metrics", "").Body.String()) {
		if value, found := strings.CutPrefix(line, series+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func TestAnswers(t *testing.T) {
	const search, events = "/api/v1/search", "/api/v1/events"
	cases := map[string]struct {
		settings     settings
		method, path string
		body         string
		code         int
		says         string
	}{
		"health":                {settings{}, "GET", "/health", "", 200, "ok\n"},
		"never ready":           {settings{neverReady: true}, "GET", "/health", "", 503, "not ready\n"},
		"errors spare health":   {settings{errorPercent: 100}, "GET", "/health", "", 200, "ok\n"},
		"status":                {settings{version: "7"}, "GET", "/api/v1/status", "", 200, `{"flagsDigest":"none","version":"7"}`},
		"search":                {settings{}, "POST", search, `{"query": "test"}`, 200, `"results":["page about test"]`},
		"search, more fields":   {settings{}, "POST", search, `{"query": "test", "page": 2}`, 200, `"provider":"builtin"`},
		"search broken":         {settings{searchBroken: true}, "POST", search, `{"query": "test"}`, 500, "the search provider is broken"},
		"broken search, events": {settings{searchBroken: true}, "POST", events, `{"event": "test"}`, 200, `{"accepted":"test"}`},
		"search without query":  {settings{}, "POST", search, `{"event": "test"}`, 400, `the body needs \"query\"`},
		"search, empty query":   {settings{}, "POST", search, `{"query": ""}`, 400, `the body needs \"query\"`},
		"search, query a list":  {settings{}, "POST", search, `{"query": [1]}`, 400, `the body needs \"query\"`},
		"search, bad JSON":      {settings{}, "POST", search, `{"query": "te`, 400, "not a JSON object"},
		"search, two objects":   {settings{}, "POST", search, `{"query": "a"} {}`, 400, "not a JSON object"},
		"search, a list":        {settings{}, "POST", search, `["query"]`, 400, "not a JSON object"},
		"search, large":         {settings{}, "POST", search, `{"query": "` + strings.Repeat("x", maxBody) + `"}`, 413, "larger than 64 KiB"},
		"search by GET":         {settings{}, "GET", search, "", 405, "Method Not Allowed"},
		"event":                 {settings{}, "POST", events, `{"event": "test_event"}`, 200, `{"accepted":"test_event"}`},
		"event without event":   {settings{}, "POST", events, `{}`, 400, `the body needs \"event\"`},
		"event, null":           {settings{}, "POST", events, `null`, 400, `the body needs \"event\"`},
		"all errors":            {settings{errorPercent: 100}, "POST", events, `{"event": "test"}`, 500, "injected by ERROR_PERCENT"},
		"extraction fails":      {settings{extractionFailPercent: 100}, "POST", events, `{"event": "test"}`, 200, `{"accepted":"test"}`},
		"unknown path":          {settings{}, "GET", "/api/v2", "", 404, "404"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(withSettings(t, c.settings), c.method, c.path, c.body)
			if w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("got %d %s; want %d with %s", w.Code, w.Body, c.code, c.says)
			}
			if strings.HasPrefix(c.path, "/api/v1") && c.code != 405 && !json.Valid(w.Body.Bytes()) {
				t.Errorf("not JSON: %s", w.Body)
			}
		})
	}
}

func TestFlagsReachStatusAndSearch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runtime.json")
	s := newService(settings{searchBroken: true, version: "1"}, path)
	if w := ask(s, "POST", "/api/v1/search", `{"query": "a"}`); w.Code != 500 {
		t.Fatalf("before: %d %s", w.Code, w.Body)
	}
	writeFile(t, path, searchOff)
	if w := ask(s, "POST", "/api/v1/search", `{"query": "a"}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"provider":"disabled"`) {
		t.Errorf("with the provider off: %d %s", w.Code, w.Body)
	}
	if w := ask(s, "GET", "/api/v1/status", ""); !strings.Contains(w.Body.String(), digestOf(searchOff)) {
		t.Errorf("status does not echo the digest: %s", w.Body)
	}
	writeFile(t, path, "{")
	if w := ask(s, "GET", "/api/v1/status", ""); !strings.Contains(w.Body.String(), `"flagsProblem":"unexpected end of JSON input"`) {
		t.Errorf("status does not tell the problem: %s", w.Body)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if w := ask(s, "GET", "/api/v1/status", ""); !strings.Contains(w.Body.String(), `"flagsDigest":"none"`) {
		t.Errorf("status of no file: %s", w.Body)
	}
}

func TestPercentIsExact(t *testing.T) {
	for _, percent := range []float64{0, 0.5, 1, 20, 33, 50, 100} {
		s, picked := share{percent: percent}, 0
		for range 1000 {
			if s.pick() {
				picked++
			}
		}
		if picked != int(10*percent) {
			t.Errorf("%v %%: %d of 1000", percent, picked)
		}
	}
}

func TestLatencyIsAddedToTheAPIOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(settings{latency: 3 * time.Second}, "/absent")
		took := func(method, path, body string) time.Duration {
			start := time.Now()
			ask(s, method, path, body)
			return time.Since(start)
		}
		if d := took("GET", "/health", ""); d != 0 {
			t.Errorf("health took %v", d)
		}
		if d := took("GET", "/api/v1/status", ""); d != 3*time.Second {
			t.Errorf("status took %v", d)
		}
		if d := took("POST", "/api/v1/events", `{"event": "a"}`); d < 3*time.Second+usualP50/2 || d > 3*time.Second+3*usualP50 {
			t.Errorf("event took %v", d)
		}
	})
}

func TestUsualLatencyHasTheStatedQuantiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(settings{}, "/absent")
		const n = 4000
		for range n {
			ask(s, "POST", "/api/v1/search", `{"query": "a"}`)
		}
		below := func(seconds float64) float64 {
			families, err := s.metrics.registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			for _, family := range families {
				for _, m := range family.Metric {
					if family.GetName() != "http_request_duration_seconds" || m.GetHistogram().GetSampleCount() != n {
						continue
					}
					count := uint64(0)
					for _, bucket := range m.GetHistogram().Bucket {
						if bucket.GetUpperBound() <= seconds {
							count = bucket.GetCumulativeCount()
						}
					}
					return float64(count) / n
				}
			}
			t.Fatalf("no histogram with %d samples", n)
			return 0
		}
		for _, c := range []struct{ quantile, low, high float64 }{{0.5, 0.0185, 0.0217}, {0.95, 0.0241, 0.0283}} {
			if below(c.low) > c.quantile || below(c.high) < c.quantile {
				t.Errorf("quantile %v is not in %v to %v: %v and %v are below", c.quantile, c.low, c.high, below(c.low), below(c.high))
			}
		}
	})
}

func TestMetricsCountWhatHappened(t *testing.T) {
	s := withSettings(t, settings{errorPercent: 50, extractionFailPercent: 50})
	for _, series := range []string{
		`http_requests_total{code="200",handler="/api/v1/search",method="post"}`,
		`http_request_duration_seconds_count{handler="/health",method="get"}`,
		`eventmesh_events_total{result="failure"}`, `eventmesh_extractions_total{result="success"}`,
		`eventmesh_search_requests_total{result="invalid"}`,
	} {
		if got := metric(s, series); got != "0" {
			t.Errorf("at the start %s is %q", series, got)
		}
	}
	// Every second request fails, so of eight two searches and two events do, and one of two extractions.
	for range 2 {
		ask(s, "POST", "/api/v1/search", `{"query": "a"}`)
		ask(s, "POST", "/api/v1/search", `{"query": "a"}`)
		ask(s, "POST", "/api/v1/events", `{"event": "a"}`)
		ask(s, "POST", "/api/v1/events", `{"event": "a"}`)
	}
	ask(s, "POST", "/api/v1/search", `{}`)
	for series, want := range map[string]string{
		`http_requests_total{code="200",handler="/api/v1/search",method="post"}`:                 "2",
		`http_requests_total{code="500",handler="/api/v1/search",method="post"}`:                 "2",
		`http_requests_total{code="400",handler="/api/v1/search",method="post"}`:                 "1",
		`http_request_duration_seconds_count{handler="/api/v1/search",method="post"}`:            "5",
		`http_request_duration_seconds_bucket{handler="/api/v1/search",method="post",le="+Inf"}`: "5",
		`eventmesh_search_requests_total{result="success"}`:                                      "2",
		`eventmesh_search_requests_total{result="failure"}`:                                      "2",
		`eventmesh_search_requests_total{result="invalid"}`:                                      "1",
		`eventmesh_events_total{result="success"}`:                                               "2",
		`eventmesh_events_total{result="failure"}`:                                               "2",
		`eventmesh_extractions_total{result="success"}`:                                          "1",
		`eventmesh_extractions_total{result="failure"}`:                                          "1",
	} {
		if got := metric(s, series); got != want {
			t.Errorf("%s is %q; want %s", series, got, want)
		}
	}
	if metric(s, "process_resident_memory_bytes") == "" {
		t.Error("process_resident_memory_bytes is missing")
	}
}

func TestBucketsAreFineAroundTheUsualQuantiles(t *testing.T) {
	bounds := buckets()
	for i := 1; i < len(bounds); i++ {
		ratio := bounds[i] / bounds[i-1]
		if ratio <= 1 {
			t.Errorf("%v does not grow to %v", bounds[i-1], bounds[i])
		}
		if bounds[i] > 0.014 && bounds[i-1] < 0.040 && ratio > 1.0401 {
			t.Errorf("%v and %v are %.3f apart", bounds[i-1], bounds[i], ratio)
		}
	}
}
