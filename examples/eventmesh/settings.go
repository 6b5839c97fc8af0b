package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// settings are the faults and the name of a release. The zero value is a healthy service.
type settings struct {
	version               string
	leakMiBPerSecond      float64
	leakAfter             time.Duration
	latency               time.Duration
	errorPercent          float64
	crashAfter            *time.Duration // nil: never; 0: at once
	neverReady            bool
	searchBroken          bool
	extractionFailPercent float64
	logErrorsPerSecond    float64
	cpuPercent            float64
	diskMiBPerSecond      float64
	startDelay            time.Duration
}

// reader takes settings from the environment and gathers every complaint about them.
type reader struct {
	lookup func(string) (string, bool)
	errs   []error
}

func readSettings(lookup func(string) (string, bool)) (settings, error) {
	r := reader{lookup: lookup}
	s := settings{
		version:               r.text("EVENTMESH_VERSION", "unknown"),
		leakMiBPerSecond:      r.number("LEAK_MIB_PER_S", 4096),
		leakAfter:             r.duration("LEAK_AFTER_S", time.Second),
		latency:               r.duration("LATENCY_MS", time.Millisecond),
		errorPercent:          r.number("ERROR_PERCENT", 100),
		neverReady:            r.truth("NEVER_READY"),
		searchBroken:          r.truth("SEARCH_BROKEN"),
		extractionFailPercent: r.number("EXTRACTION_FAIL_PERCENT", 100),
		logErrorsPerSecond:    r.number("LOG_ERRORS_PER_S", 100_000),
		cpuPercent:            r.number("CPU_PERCENT", 6400),
		diskMiBPerSecond:      r.number("DISK_MIB_PER_S", 4096),
		startDelay:            r.duration("START_DELAY_S", time.Second),
	}
	if _, set := r.value("CRASH_AFTER_S"); set {
		after := r.duration("CRASH_AFTER_S", time.Second)
		s.crashAfter = &after
	}
	return s, errors.Join(r.errs...)
}

// value is what is set; an empty variable counts as absent, as a template writes it for "no fault".
func (r *reader) value(name string) (string, bool) {
	text, set := r.lookup(name)
	return text, set && text != ""
}

func (r *reader) text(name, otherwise string) string {
	if text, set := r.value(name); set {
		return text
	}
	return otherwise
}

func (r *reader) number(name string, most float64) float64 {
	text, set := r.value(name)
	if !set {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > most {
		r.errs = append(r.errs, fmt.Errorf("%s=%q: must be a number from 0 to %.0f", name, text, most))
		return 0
	}
	return n
}

// duration reads a number of units, at most a week's seconds of them.
func (r *reader) duration(name string, unit time.Duration) time.Duration {
	return time.Duration(r.number(name, 604_800) * float64(unit))
}

func (r *reader) truth(name string) bool {
	text, set := r.value(name)
	if !set {
		return false
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("%s=%q: must be true or false", name, text))
	}
	return b
}
