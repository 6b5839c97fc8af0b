package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestCommandLine(t *testing.T) {
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	cases := map[string]struct {
		args []string
		env  env
		code int
		says string
	}{
		"init":                {[]string{"init"}, nil, 0, "init done"},
		"init fails":          {[]string{"init", "-fail"}, nil, 1, "init failed"},
		"init ignores faults": {[]string{"init"}, env{"ERROR_PERCENT": "x"}, 0, "init done"},
		"init, unknown flag":  {[]string{"init", "-now"}, nil, 2, "flag provided but not defined"},
		"init, argument":      {[]string{"init", "fail"}, nil, 2, `unexpected argument "fail"`},
		"unknown command":     {[]string{"migrate"}, nil, 2, "usage: eventmesh"},
		"bad environment":     {nil, env{"ERROR_PERCENT": "x"}, 2, `ERROR_PERCENT="x": must be a number from 0 to 100`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if code := command(c.args, c.env.lookup, &out); code != c.code || !strings.Contains(out.String(), c.says) {
				t.Errorf("ended with %d, said %q; want %d with %q", code, &out, c.code, c.says)
			}
		})
	}
}

// pipes is a listener in memory, so that a service can run on a test's clock.
type pipes struct {
	waiting chan net.Conn
	closed  chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) listen() (net.Listener, error) { return p, nil }
func (p *pipes) Addr() net.Addr                { return &net.UnixAddr{Name: "memory"} }
func (p *pipes) Close() error                  { close(p.closed); return nil }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.waiting:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// dial fails when nobody accepts for a second.
func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.waiting <- theirs:
		return ours, nil
	case <-p.closed:
	case <-time.After(time.Second):
	}
	return nil, errors.New("connection refused")
}

func (p *pipes) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: p.dial, DisableKeepAlives: true}}
}

// start runs a service until stop is called; its end arrives on the channel.
func start(t *testing.T, s settings, p *pipes) (stop context.CancelFunc, ended chan error) {
	ctx, stop := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	go func() { ended <- run(ctx, newService(s, "/absent"), p.listen) }()
	return stop, ended
}

// health is the code of /health, or 0 if nobody answers.
func health(client *http.Client) int {
	reply, err := client.Get("http://eventmesh/health")
	if err != nil {
		return 0
	}
	defer reply.Body.Close()
	_, _ = io.Copy(io.Discard, reply.Body)
	return reply.StatusCode
}

func TestServesUntilToldToStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		stop, ended := start(t, settings{startDelay: 5 * time.Second}, p)
		if code := health(p.client()); code != 0 {
			t.Errorf("answered %d in the start delay", code)
		}
		time.Sleep(5 * time.Second)
		if code := health(p.client()); code != http.StatusOK {
			t.Errorf("answered %d after the start delay", code)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestDrainFinishesWhatIsInFlightAndStillTakesNewConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		stop, ended := start(t, settings{latency: 6 * time.Second}, p)
		slow := make(chan int, 1)
		go func() {
			reply, err := p.client().Get("http://eventmesh/api/v1/status")
			if err != nil {
				slow <- 0
				return
			}
			reply.Body.Close()
			slow <- reply.StatusCode
		}()
		synctest.Wait()
		told := time.Now()
		stop()
		synctest.Wait()
		if code := health(p.client()); code != http.StatusServiceUnavailable {
			t.Errorf("health answered %d while draining", code)
		}
		if code := <-slow; code != http.StatusOK {
			t.Errorf("the request in flight got %d", code)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(told); took < 6*time.Second || took > 7*time.Second {
			t.Errorf("ended after %v, with 6 s of work in flight", took)
		}
		if code := health(p.client()); code != 0 {
			t.Errorf("answered %d after the end", code)
		}
	})
}

func TestDrainEndsAKeptConnectionWithAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, dials := newPipes(), 0
		stop, ended := start(t, settings{}, p)
		kept := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dials++
			return p.dial(ctx, network, address)
		}}}
		if code := health(kept); code != http.StatusOK {
			t.Fatalf("health answered %d", code)
		}
		stop()
		synctest.Wait()
		reply, err := kept.Get("http://eventmesh/health")
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if dials != 1 || !reply.Close {
			t.Errorf("while draining: %d connections, the last one to be closed: %v", dials, reply.Close)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestDrainHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		stop, ended := start(t, settings{latency: time.Hour}, p)
		go func() { _, _ = p.client().Get("http://eventmesh/api/v1/status") }()
		synctest.Wait()
		told := time.Now()
		stop()
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "requests were cut off") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(told); took != drainFor+finishIn {
			t.Errorf("took %v", took)
		}
	})
}

func TestStopInTheStartDelayIsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		stop, ended := start(t, settings{startDelay: time.Hour}, newPipes())
		stop()
		if err := <-ended; err != nil || time.Since(begun) != 0 {
			t.Errorf("ended with %v after %v", err, time.Since(begun))
		}
	})
}

func TestCrashComesOnTime(t *testing.T) {
	for name, c := range map[string]struct{ after, startDelay time.Duration }{
		"while serving":      {1500 * time.Millisecond, 0},
		"at once":            {0, 0},
		"in the start delay": {time.Second, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				_, ended := start(t, settings{crashAfter: &c.after, startDelay: c.startDelay}, newPipes())
				if err := <-ended; !errors.Is(err, errCrash) || time.Since(begun) != c.after {
					t.Errorf("ended with %v after %v", err, time.Since(begun))
				}
			})
		})
	}
}

func TestListenErrorEndsTheProcess(t *testing.T) {
	taken := func() (net.Listener, error) { return nil, syscall.EADDRINUSE }
	if err := run(t.Context(), newService(settings{}, "/absent"), taken); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
}

func TestSignalReleasesTheHoard(t *testing.T) {
	log := captureLog(t)
	hoarded := &hoard{}
	if err := hoarded.grow(mib); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	releaseOnSignal(ctx, hoarded)
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	deadline, look := time.After(30*time.Second), time.NewTicker(10*time.Millisecond)
	defer look.Stop()
	for log.with("hoarded memory released") == 0 {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal("not released")
		}
	}
	if kept := hoarded.bytes(); kept != 0 {
		t.Errorf("%d bytes kept", kept)
	}
}
