package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
)

// object is any JSON object of the API.
type object = map[string]any

// api is the API server as one user sees it: as many requests at once as callers, on connections that are kept.
type api struct {
	server string
	tls    *tls.Config
	token  string
	client *http.Client
}

type kubeconfig struct {
	Clusters []struct {
		Cluster struct {
			Server string `json:"server"`
			CA     []byte `json:"certificate-authority-data"`
		} `json:"cluster"`
	} `json:"clusters"`
	Users []struct {
		User struct {
			Certificate []byte `json:"client-certificate-data"`
			Key         []byte `json:"client-key-data"`
			Token       string `json:"token"`
		} `json:"user"`
	} `json:"users"`
}

// connect reads a kubeconfig that has everything inline, as JSON, as test/cluster writes it.
func connect(file string) (*api, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var config kubeconfig
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(config.Clusters) == 0 || len(config.Users) == 0 {
		return nil, fmt.Errorf("%s names no cluster or no user", file)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(config.Clusters[0].Cluster.CA)
	to := &api{server: config.Clusters[0].Cluster.Server, token: config.Users[0].User.Token, tls: &tls.Config{RootCAs: pool}}
	if user := config.Users[0].User; len(user.Certificate) > 0 {
		pair, err := tls.X509KeyPair(user.Certificate, user.Key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		to.tls.Certificates = []tls.Certificate{pair}
	}
	to.client = &http.Client{Transport: to.transport()}
	return to, nil
}

// transport speaks HTTP/1.1, so that concurrency is what the caller asked for and not what one HTTP/2 connection allows.
func (to *api) transport() *http.Transport {
	return &http.Transport{TLSClientConfig: to.tls, MaxIdleConnsPerHost: 256, TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}}
}

func (to *api) open(method, path, media string, body []byte) (*http.Response, error) {
	request, err := http.NewRequest(method, to.server+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", media)
	request.Header.Set("User-Agent", "bench-tools")
	if to.token != "" {
		request.Header.Set("Authorization", "Bearer "+to.token)
	}
	return to.client.Do(request)
}

// call answers the body of a successful answer.
func (to *api) call(method, path, media string, body []byte) ([]byte, error) {
	answer, err := to.open(method, path, media, body)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s %s", method, path, answer.Status, strings.TrimSpace(string(text)))
	}
	return text, nil
}

// made creates an object and answers what the server made of it.
func (to *api) made(path string, what object) (object, error) {
	return to.sent("POST", path, "application/json", what)
}

func (to *api) setStatus(path string, status object) error {
	_, err := to.sent("PATCH", path+"/status", mergePatch, object{"status": status})
	return err
}

func (to *api) sent(method, path, media string, what object) (object, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	text, err := to.call(method, path, media, body)
	if err != nil {
		return nil, err
	}
	var answer object
	return answer, json.Unmarshal(text, &answer)
}

const mergePatch = "application/merge-patch+json"

// each does `one` for from <= number < to, so many at a time, and answers the first error.
func each(from, to, atOnce int, one func(number int) error) error {
	numbers := make(chan int)
	failed := make(chan error, atOnce)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for number := range numbers {
				if err := one(number); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	var first error
	for number := from; number < to && first == nil; number++ {
		select {
		case numbers <- number:
		case first = <-failed:
		}
	}
	close(numbers)
	workers.Wait()
	if first == nil && len(failed) > 0 {
		first = <-failed
	}
	return first
}
