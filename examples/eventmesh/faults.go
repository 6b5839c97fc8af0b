package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

const (
	mib = 1 << 20
	// The disk load overwrites one file again and again, so that it makes I/O and does not fill the node.
	diskFileSize = 64 * mib
)

// errCrash is the end that CRASH_AFTER_S asks for.
var errCrash = errors.New("crash injected by CRASH_AFTER_S")

// startFaults starts what the settings ask for in the background; stop is told of the first that ends the process.
func startFaults(ctx context.Context, stop context.CancelCauseFunc, s settings, hoarded *hoard) error {
	start := func(fault func() error) {
		go func() {
			if err := fault(); err != nil {
				stop(err)
			}
		}()
	}
	if s.crashAfter != nil {
		time.AfterFunc(*s.crashAfter, func() { stop(errCrash) })
	}
	if s.leakMiBPerSecond > 0 {
		start(func() error { return leak(ctx, s, hoarded) })
	}
	if s.logErrorsPerSecond > 0 {
		start(func() error { return logErrors(ctx, s.logErrorsPerSecond) })
	}
	for left := s.cpuPercent; left > 0; left -= 100 {
		start(func() error { return burn(ctx, min(left, 100)) })
	}
	if s.diskMiBPerSecond > 0 {
		file, err := diskFile()
		if err != nil {
			return err
		}
		start(func() error { return writeDisk(ctx, s.diskMiBPerSecond, file) })
	}
	return nil
}

// releaseOnSignal frees the hoard at every SIGUSR1 until ctx ends.
func releaseOnSignal(ctx context.Context, hoarded *hoard) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return // and SIGUSR1 stays ours: unheard, it would end the process
			case <-asked:
				hoarded.release()
				slog.Info("hoarded memory released")
			}
		}
	}()
}

// hoard is memory that is never given back but by release.
type hoard struct {
	mu     sync.Mutex
	chunks [][]byte
}

// grow writes to every page: memory that was only asked for is not resident.
func (h *hoard) grow(bytes int) error {
	chunk := make([]byte, bytes)
	for i := range chunk {
		chunk[i] = 1
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.chunks = append(h.chunks, chunk)
	return nil
}

// release gives everything back to the operating system.
func (h *hoard) release() {
	h.mu.Lock()
	h.chunks = nil
	h.mu.Unlock()
	debug.FreeOSMemory()
}

// paced calls do with the number of units that are due, perSecond of them, until ctx ends or do fails.
func paced(ctx context.Context, perSecond float64, do func(units int) error) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	start, done := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		due := int(time.Since(start).Seconds()*perSecond) - done
		if due <= 0 {
			continue
		}
		if err := do(due); err != nil {
			return err
		}
		done += due
	}
}

func leak(ctx context.Context, s settings, h *hoard) error {
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(s.leakAfter):
	}
	return paced(ctx, s.leakMiBPerSecond*mib, h.grow)
}

func logErrors(ctx context.Context, perSecond float64) error {
	return paced(ctx, perSecond, func(lines int) error {
		for range lines {
			slog.Error("injected by LOG_ERRORS_PER_S")
		}
		return nil
	})
}

// burn keeps a core busy for percent of each 20 ms.
func burn(ctx context.Context, percent float64) error {
	const period = 20 * time.Millisecond
	busy := time.Duration(float64(period) * percent / 100)
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		for start := time.Now(); time.Since(start) < busy; {
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// diskFile is written by the disk load; it has no name any more, so nothing is left behind.
func diskFile() (*os.File, error) {
	file, err := os.CreateTemp("", "eventmesh-disk-")
	if err != nil {
		return nil, fmt.Errorf("DISK_MIB_PER_S needs a writable %s (mount an emptyDir there): %w", os.TempDir(), err)
	}
	return file, os.Remove(file.Name())
}

func writeDisk(ctx context.Context, mibPerSecond float64, file *os.File) error {
	block, at := make([]byte, mib), int64(0)
	return paced(ctx, mibPerSecond*mib, func(bytes int) error {
		for bytes > 0 {
			n, err := file.WriteAt(block[:min(bytes, mib, int(diskFileSize-at))], at)
			if err != nil {
				return fmt.Errorf("DISK_MIB_PER_S: %w", err)
			}
			bytes, at = bytes-n, (at+int64(n))%diskFileSize
		}
		return file.Sync()
	})
}
