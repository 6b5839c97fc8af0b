package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// replay stands before the API server and lets everything through but one thing: a watch of all pods. That one gets changes of the pods that
// there are, as many as a run asks for, so that neither the API server nor etcd is what is measured.
type replay struct {
	pods     []change
	runs     chan run
	lists    atomic.Int64 // of pods, since the start
	watches  atomic.Int64 // of pods, since the start
	finished chan result
}

type run struct {
	seconds  float64
	rate     int  // events a second; 0: as many as are taken
	changing bool // else nothing but the version changes
}

type result struct {
	Events  int     `json:"events"`
	Bytes   int     `json:"bytes"`
	Seconds float64 `json:"seconds"`
	Late    float64 `json:"late"`    // seconds that an event was sent after its time, at most
	Lists   int64   `json:"lists"`   // of pods, since the start
	Watches int64   `json:"watches"` // of pods, since the start
	Error   string  `json:"error,omitempty"`
}

// change is the text of a watch event but for what changes: its version and the pod's address.
type change struct{ head, middle, tail []byte }

const (
	versionMark = "VERSION-OF-THE-BENCH"
	addressMark = "ADDRESS-OF-THE-BENCH"
)

func eventOf(pod object) (change, error) {
	pod["metadata"].(object)["resourceVersion"] = versionMark
	pod["status"].(object)["podIP"] = addressMark
	pod["apiVersion"], pod["kind"] = "v1", "Pod"
	text, err := json.Marshal(object{"type": "MODIFIED", "object": pod})
	if err != nil {
		return change{}, err
	}
	version, address := bytes.Index(text, []byte(versionMark)), bytes.Index(text, []byte(addressMark))
	if version < 0 || address < version {
		return change{}, errors.New("a pod of an unknown form")
	}
	return change{text[:version], text[version+len(versionMark) : address], append(text[address+len(addressMark):], '\n')}, nil
}

func (of change) append(to []byte, version, address int) []byte {
	to = append(to, of.head...)
	to = strconv.AppendInt(to, int64(version), 10)
	to = append(to, of.middle...)
	to = fmt.Appendf(to, "10.244.%d.%d", address/250, address%250)
	return append(to, of.tail...)
}

func newReplay(to *api) (*replay, error) {
	text, err := to.call("GET", "/api/v1/pods", "", nil)
	if err != nil {
		return nil, err
	}
	var all struct {
		Items []object `json:"items"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	if len(all.Items) == 0 {
		return nil, errors.New("the cluster has no pods to replay")
	}
	made := &replay{runs: make(chan run), finished: make(chan result)}
	for _, pod := range all.Items {
		event, err := eventOf(pod)
		if err != nil {
			return nil, err
		}
		made.pods = append(made.pods, event)
	}
	return made, nil
}

// stand serves at the address until it is ended. POST /bench?seconds=S&rate=R&changing=1 is one run; it answers its result.
func stand(to *api, address, pki string) error {
	events, err := newReplay(to)
	if err != nil {
		return err
	}
	target, err := url.Parse(to.server)
	if err != nil {
		return err
	}
	pass := httputil.NewSingleHostReverseProxy(target)
	pass.FlushInterval = -1
	anybody := to.tls.Clone() // whoever calls is known by the token that he sends
	anybody.Certificates = nil
	pass.Transport = (&api{tls: anybody}).transport()
	handler := http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		isPods := request.URL.Path == "/api/v1/pods"
		isWatch := request.URL.Query().Get("watch") != ""
		switch {
		case request.URL.Path == "/bench":
			events.answer(answer, request)
		case isPods && isWatch:
			events.watch(answer, request)
		default:
			if isPods && request.URL.Query().Get("continue") == "" {
				events.lists.Add(1)
			}
			pass.ServeHTTP(answer, request)
		}
	})
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	return serve(address, pki, []net.IP{net.ParseIP(host)}, handler)
}

func (of *replay) answer(answer http.ResponseWriter, request *http.Request) {
	query := request.URL.Query()
	seconds, err := strconv.ParseFloat(query.Get("seconds"), 64)
	rate, err2 := strconv.Atoi(query.Get("rate"))
	if err := errors.Join(err, err2); err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	of.runs <- run{seconds, rate, query.Get("changing") != ""}
	json.NewEncoder(answer).Encode(<-of.finished)
}

func (of *replay) watch(answer http.ResponseWriter, request *http.Request) {
	of.watches.Add(1)
	version, _ := strconv.Atoi(request.URL.Query().Get("resourceVersion"))
	answer.Header().Set("Content-Type", "application/json")
	flush := http.NewResponseController(answer).Flush
	if flush() != nil {
		return
	}
	for {
		select {
		case <-request.Context().Done():
			return
		case asked := <-of.runs:
			done, err := of.send(answer, flush, asked, &version)
			if err != nil {
				done.Error = err.Error()
			}
			done.Lists, done.Watches = of.lists.Load(), of.watches.Load()
			of.finished <- done
		}
	}
}

const batch = 16 // events between two looks at the clock

func (of *replay) send(answer http.ResponseWriter, flush func() error, asked run, version *int) (result, error) {
	var done result
	begin := time.Now()
	var text []byte
	for time.Since(begin).Seconds() < asked.seconds {
		if asked.rate > 0 {
			due := time.Duration(float64(done.Events) / float64(asked.rate) * float64(time.Second))
			ahead := due - time.Since(begin)
			done.Late = max(done.Late, -ahead.Seconds())
			time.Sleep(ahead)
		}
		text = text[:0]
		for range batch {
			*version++
			address := 10
			if asked.changing {
				address = done.Events / len(of.pods) % 60000
			}
			text = of.pods[done.Events%len(of.pods)].append(text, *version, address)
			done.Events++
		}
		if _, err := answer.Write(text); err != nil {
			return done, err
		}
		if err := flush(); err != nil {
			return done, err
		}
		done.Bytes += len(text)
	}
	done.Seconds = time.Since(begin).Seconds()
	return done, nil
}

// ask is one run of a replay server that stands at the address.
func ask(to *api, query string) error {
	text, err := to.call("POST", "/bench?"+strings.ReplaceAll(query, ",", "&"), "", nil)
	if err == nil {
		_, err = fmt.Printf("%s", text)
	}
	return err
}
