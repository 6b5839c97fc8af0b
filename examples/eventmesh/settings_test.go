package main

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

type env map[string]string

func (e env) lookup(name string) (string, bool) {
	value, set := e[name]
	return value, set
}

func TestNoEnvironmentIsAHealthyService(t *testing.T) {
	for name, e := range map[string]env{"unset": {}, "empty": {"CRASH_AFTER_S": "", "NEVER_READY": "", "LATENCY_MS": ""}} {
		got, err := readSettings(e.lookup)
		if want := (settings{version: "unknown"}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, want)
		}
	}
}

func TestEveryFaultIsRead(t *testing.T) {
	crash := 1500 * time.Millisecond
	want := settings{
		version: "2", leakMiBPerSecond: 8.5, leakAfter: 30 * time.Second, latency: 250 * time.Millisecond, errorPercent: 20,
		crashAfter: &crash, neverReady: true, searchBroken: true, extractionFailPercent: 50, logErrorsPerSecond: 3,
		cpuPercent: 150, diskMiBPerSecond: 4, startDelay: 5 * time.Second,
	}
	got, err := readSettings(env{
		"EVENTMESH_VERSION": "2", "LEAK_MIB_PER_S": "8.5", "LEAK_AFTER_S": "30", "LATENCY_MS": "250", "ERROR_PERCENT": "20",
		"CRASH_AFTER_S": "1.5", "NEVER_READY": "true", "SEARCH_BROKEN": "1", "EXTRACTION_FAIL_PERCENT": "50",
		"LOG_ERRORS_PER_S": "3", "CPU_PERCENT": "150", "DISK_MIB_PER_S": "4", "START_DELAY_S": "5",
	}.lookup)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestCrashAfterZeroIsNotNever(t *testing.T) {
	got, err := readSettings(env{"CRASH_AFTER_S": "0"}.lookup)
	if err != nil || got.crashAfter == nil || *got.crashAfter != 0 {
		t.Errorf("got %v, %v; want a crash after 0 s", got.crashAfter, err)
	}
}

func TestBadValuesAreNamedTogether(t *testing.T) {
	cases := map[string]struct{ name, value, want string }{
		"word":     {"LEAK_MIB_PER_S", "much", "must be a number from 0 to 4096"},
		"negative": {"LATENCY_MS", "-1", "must be a number from 0 to 604800"},
		"nan":      {"CRASH_AFTER_S", "NaN", "must be a number from 0 to 604800"},
		"infinite": {"DISK_MIB_PER_S", "inf", "must be a number from 0 to 4096"},
		"percent":  {"ERROR_PERCENT", "101", "must be a number from 0 to 100"},
		"unit":     {"START_DELAY_S", "5s", "must be a number from 0 to 604800"},
		"truth":    {"NEVER_READY", "maybe", "must be true or false"},
	}
	all := env{}
	for _, c := range cases {
		all[c.name] = c.value
	}
	_, err := readSettings(all.lookup)
	if err == nil {
		t.Fatal("bad values were accepted")
	}
	for name, c := range cases {
		if want := c.name + `="` + c.value + `": ` + c.want; !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q is not in:\n%v", name, want, err)
		}
	}
}
