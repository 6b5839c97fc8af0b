package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	kubeletPort = 10250
	rss         = 180 << 20
)

type podList struct {
	Metadata struct {
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Items []seenPod `json:"items"`
}

type seenPod struct {
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		UID       string `json:"uid"`
	} `json:"metadata"`
	Spec struct {
		NodeName string `json:"nodeName"`
	} `json:"spec"`
	Status struct {
		Phase string `json:"phase"`
	} `json:"status"`
}

func listPods(to *api) (podList, error) {
	var all podList
	text, err := to.call("GET", "/api/v1/pods", "", nil)
	if err != nil {
		return all, err
	}
	return all, json.Unmarshal(text, &all)
}

// runPods makes every pod ready that appears, as kubelets would, until it is ended. The pods are on no node, so that one that is deleted
// is gone at once.
func runPods(to *api, atOnce int) error {
	all, err := listPods(to)
	if err != nil {
		return err
	}
	pending := make(chan seenPod, 1<<16)
	failed := make(chan error, atOnce+1)
	for range atOnce {
		go func() {
			for pod := range pending {
				if err := to.setStatus(fmt.Sprintf(pods, pod.Metadata.Namespace)+"/"+pod.Metadata.Name, podStatus(0)); err != nil {
					failed <- err
				}
			}
		}()
	}
	for _, pod := range all.Items {
		offer(pending, pod)
	}
	go func() { failed <- watchPods(to, all.Metadata.ResourceVersion, pending) }()
	fmt.Println("ready")
	return <-failed
}

func offer(pending chan<- seenPod, pod seenPod) {
	if pod.Status.Phase == "Pending" {
		pending <- pod
	}
}

func watchPods(to *api, version string, pending chan<- seenPod) error {
	answer, err := to.open("GET", "/api/v1/pods?watch=1&timeoutSeconds=36000&resourceVersion="+version, "", nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	lines := bufio.NewReader(answer.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("the watch of pods ended: %w", err)
		}
		var event struct {
			Type   string  `json:"type"`
			Object seenPod `json:"object"`
		}
		if err := json.Unmarshal(line, &event); err != nil {
			return err
		}
		if event.Type == "ADDED" {
			offer(pending, event.Object)
		}
	}
}

// measurePods answers for the kubelet of every node what the containers of its pods use.
func measurePods(to *api, pki string) error {
	all, err := listPods(to)
	if err != nil {
		return err
	}
	byAddress := map[string][]seenPod{}
	names := []net.IP{}
	for number := range nodesOf(len(all.Items)) {
		names = append(names, net.ParseIP(nodeAddress(number)))
		for _, pod := range all.Items {
			if pod.Spec.NodeName == nodeName(number) {
				byAddress[nodeAddress(number)] = append(byAddress[nodeAddress(number)], pod)
			}
		}
	}
	return serve(fmt.Sprintf("0.0.0.0:%d", kubeletPort), pki, names, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		local := request.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		answer.Header().Set("Content-Type", "application/json")
		json.NewEncoder(answer).Encode(summary(byAddress[local.IP.String()]))
	}))
}

func summary(all []seenPod) object {
	taken := stamp(time.Now().Truncate(10 * time.Second))
	out := []object{}
	for _, pod := range all {
		out = append(out, object{"podRef": object{"name": pod.Metadata.Name, "namespace": pod.Metadata.Namespace, "uid": pod.Metadata.UID},
			"startTime": taken, "containers": []object{{"name": "web", "startTime": taken,
				"cpu":    object{"time": taken, "usageNanoCores": 1200000, "usageCoreNanoSeconds": 980000000},
				"memory": object{"time": taken, "usageBytes": rss, "workingSetBytes": rss, "rssBytes": rss, "pageFaults": 100, "majorPageFaults": 1}}}})
	}
	return object{"node": object{"nodeName": "bench"}, "pods": out}
}
