package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func residentMiB(t *testing.T) int {
	t.Helper()
	content, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, resident int
	if _, err := fmt.Sscan(string(content), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * os.Getpagesize() / mib
}

func TestHoardIsResidentAndCanBeReleased(t *testing.T) {
	h, before := &hoard{}, residentMiB(t)
	for range 10 {
		if err := h.grow(10 * mib); err != nil {
			t.Fatal(err)
		}
	}
	full := residentMiB(t)
	if full-before < 90 {
		t.Errorf("100 MiB hoarded, but RSS grew by %d MiB", full-before)
	}
	h.release()
	if freed := full - residentMiB(t); freed < 90 {
		t.Errorf("100 MiB released, but RSS fell by %d MiB", freed)
	}
}

func (h *hoard) bytes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	sum := 0
	for _, chunk := range h.chunks {
		sum += len(chunk)
	}
	return sum
}

func TestLeakKeepsItsRateAndItsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hoard{}
		go leak(t.Context(), settings{leakMiBPerSecond: 2, leakAfter: 10 * time.Second}, h)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := h.bytes(); got != 0 {
			t.Errorf("%d bytes leaked before the delay was over", got)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if got := h.bytes(); got != 10*mib {
			t.Errorf("%d bytes leaked in 5 s at 2 MiB/s", got)
		}
	})
}

// lines counts log lines that contain a text.
type lines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *lines) with(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.out.String(), text)
}

// captureLog collects what is logged until the test ends.
func captureLog(t *testing.T) *lines {
	before, log := slog.Default(), &lines{}
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return log
}

func TestErrorsAreLoggedAtTheirRate(t *testing.T) {
	log := captureLog(t)
	synctest.Test(t, func(t *testing.T) {
		go logErrors(t.Context(), 2.5)
		time.Sleep(4 * time.Second)
		synctest.Wait()
		if got := log.with("level=ERROR"); got != 10 {
			t.Errorf("%d lines in 4 s at 2.5/s", got)
		}
	})
}

func TestDiskIsWrittenAtItsRateInBoundedSpace(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		file, err := diskFile()
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if left, _ := filepath.Glob(os.TempDir() + "/*"); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		size := func() int64 {
			info, err := file.Stat()
			if err != nil {
				t.Fatal(err)
			}
			return info.Size()
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- writeDisk(ctx, 7, file) }()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if size() != 21*mib {
			t.Errorf("%d bytes in 3 s at 7 MiB/s", size())
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if size() != diskFileSize {
			t.Errorf("%d bytes after more than %d", size(), diskFileSize)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestDiskWithoutAPlaceSaysWhatToDo(t *testing.T) {
	t.Setenv("TMPDIR", "/absent")
	_, err := diskFile()
	if err == nil || !strings.Contains(err.Error(), "DISK_MIB_PER_S needs a writable /absent (mount an emptyDir there)") {
		t.Errorf("got %v", err)
	}
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestBurnUsesTheProcessor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	before := processorTime(t)
	go func() { ended <- burn(ctx, 100) }()
	deadline := time.After(30 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for processorTime(t)-before < 300*time.Millisecond {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("only %v of processor time used", processorTime(t)-before)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
