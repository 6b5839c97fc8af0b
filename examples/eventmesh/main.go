// Command eventmesh is the sample service of this repository: a small HTTP service whose releases can be made
// bad through their environment. The README beside it lists the endpoints and the faults.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	address = ":8080"
	// After SIGTERM new connections are still taken for drainFor, because Services forget a pod only after
	// a while; then those in flight may take finishIn.
	drainFor = 2 * time.Second
	finishIn = 10 * time.Second
)

func main() {
	os.Exit(command(os.Args[1:], os.LookupEnv, os.Stderr))
}

// command is the whole program but for the process; it returns the exit code.
func command(args []string, lookup func(string) (string, bool), out io.Writer) int {
	slog.SetDefault(slog.New(slog.NewTextHandler(out, nil)))
	switch {
	case len(args) == 0:
		return serveCommand(lookup, out)
	case args[0] == "init":
		return initCommand(args[1:], out)
	default:
		fmt.Fprintln(out, "usage: eventmesh            serve, with the faults that the environment names\n"+
			"       eventmesh init [-fail]   do nothing and end with 0 (1 with -fail)")
		return 2
	}
}

func initCommand(args []string, out io.Writer) int {
	options := flag.NewFlagSet("eventmesh init", flag.ContinueOnError)
	options.SetOutput(out)
	fail := options.Bool("fail", false, "end with 1")
	if err := options.Parse(args); err != nil {
		return 2
	}
	if options.NArg() > 0 {
		fmt.Fprintf(out, "eventmesh init: unexpected argument %q\n", options.Arg(0))
		return 2
	}
	if *fail {
		slog.Error("init failed, asked for by -fail")
		return 1
	}
	slog.Info("init done")
	return 0
}

func serveCommand(lookup func(string) (string, bool), out io.Writer) int {
	s, err := readSettings(lookup)
	if err != nil {
		fmt.Fprintf(out, "eventmesh: the environment is wrong:\n%v\n", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	mesh := newService(s, flagsPath)
	releaseOnSignal(ctx, &mesh.hoard)
	listen := func() (net.Listener, error) { return net.Listen("tcp", address) }
	if err := run(ctx, mesh, listen); err != nil {
		slog.Error("ending", "err", err)
		return 1
	}
	return 0
}

// run serves and misbehaves until ctx ends, then drains. All delays count from its start.
func run(ctx context.Context, s *service, listen func() (net.Listener, error)) error {
	faults, stopFaults := context.WithCancelCause(ctx)
	defer stopFaults(nil)
	if err := startFaults(faults, stopFaults, s.settings, &s.hoard); err != nil {
		return err
	}
	select {
	case <-faults.Done():
		return ending(ctx, faults)
	case <-time.After(s.settings.startDelay):
	}

	listener, err := listen()
	if err != nil {
		return err
	}
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	defer server.Close()
	go func() { stopFaults(server.Serve(listener)) }()
	slog.Info("serving", "address", listener.Addr().String(), "version", s.settings.version)
	<-faults.Done()
	if err := ending(ctx, faults); err != nil {
		return err
	}
	return s.drain(server)
}

// ending is what went wrong, or nil if a signal asked for the end.
func ending(asked, faults context.Context) error {
	if asked.Err() != nil {
		return nil
	}
	return context.Cause(faults)
}

func (s *service) drain(server *http.Server) error {
	slog.Info("draining")
	s.draining.Store(true)
	time.Sleep(drainFor)
	ctx, cancel := context.WithTimeout(context.Background(), finishIn)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests were cut off: %w", err)
	}
	return nil
}
