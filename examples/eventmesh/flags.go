package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
)

const flagsPath = "/etc/eventmesh/flags/runtime.json"

// flags is the part of the feature flags that this service knows; other keys are allowed.
type flags struct {
	Features struct {
		SearchProvider struct {
			Enabled *bool `json:"enabled"`
		} `json:"search_provider"`
	} `json:"features"`
}

func (f flags) searchEnabled() bool {
	enabled := f.Features.SearchProvider.Enabled
	return enabled == nil || *enabled
}

// flagsFile reads the file at every use: it is small, and however an editor or a mounted ConfigMap
// replaces it, a change counts from the next request on.
type flagsFile struct {
	path string

	mu      sync.Mutex
	last    []byte // as read last, valid or not
	good    flags
	digest  string // of the content that good came from
	problem string // why last is not used
}

// current gives the flags in force, the digest of the file they came from ("none" without a file),
// and why the file as it is now is not used, if so.
func (f *flagsFile) current() (flags, string, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	content, err := os.ReadFile(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.last, f.good, f.digest, f.problem = nil, flags{}, "none", ""
	case err != nil:
		f.reject(nil, err)
	case f.last == nil || !bytes.Equal(content, f.last):
		f.adopt(content)
	}
	return f.good, f.digest, f.problem
}

func (f *flagsFile) adopt(content []byte) {
	var read flags
	if err := json.Unmarshal(content, &read); err != nil {
		f.reject(content, err)
		return
	}
	sum := sha256.Sum256(content)
	f.last, f.good, f.digest, f.problem = content, read, "sha256:"+hex.EncodeToString(sum[:]), ""
	slog.Info("flags read", "digest", f.digest)
}

// reject keeps the flags that were in force: a half-written file must not switch a feature.
func (f *flagsFile) reject(content []byte, err error) {
	if f.problem != err.Error() {
		slog.Error("flags not usable, the earlier ones stay", "path", f.path, "err", err)
	}
	f.last, f.problem = content, err.Error()
	if f.digest == "" {
		f.digest = "none"
	}
}
