package main

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

const searchOff = `{"features": {"search_provider": {"enabled": false}}, "safety": {"safe_mode": true}}`

func digestOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFlagsFollowTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runtime.json")
	file := flagsFile{path: path}
	check := func(step string, wantEnabled bool, wantDigest string, wantProblem bool) {
		t.Helper()
		now, digest, problem := file.current()
		if now.searchEnabled() != wantEnabled || digest != wantDigest || (problem != "") != wantProblem {
			t.Errorf("%s: got enabled %v, digest %s, problem %q", step, now.searchEnabled(), digest, problem)
		}
	}

	check("no file", true, "none", false)
	writeFile(t, path, "{")
	check("never valid", true, "none", true)
	writeFile(t, path, searchOff)
	check("valid", false, digestOf(searchOff), false)
	writeFile(t, path, `{"features": `)
	check("half-written keeps the last good", false, digestOf(searchOff), true)
	check("half-written, asked again", false, digestOf(searchOff), true)
	writeFile(t, path, searchOff)
	check("whole again", false, digestOf(searchOff), false)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check("removed", true, "none", false)
}

// A mounted ConfigMap changes by a symlink that is replaced, not by a write to the file.
func TestFlagsFollowAReplacedSymlink(t *testing.T) {
	dir := t.TempDir()
	for version, content := range map[string]string{"v1": `{}`, "v2": searchOff} {
		if err := os.Mkdir(filepath.Join(dir, version), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, version, "runtime.json"), content)
	}
	point := func(version string) {
		next := filepath.Join(dir, "next")
		if err := os.Symlink(version, next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(dir, "data")); err != nil {
			t.Fatal(err)
		}
	}
	file := flagsFile{path: filepath.Join(dir, "data", "runtime.json")}
	for version, want := range map[string]bool{"v1": true, "v2": false} {
		point(version)
		if now, _, _ := file.current(); now.searchEnabled() != want {
			t.Errorf("%s: search enabled is %v", version, now.searchEnabled())
		}
	}
}
