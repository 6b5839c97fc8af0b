// What the benchmarks need besides the product: objects by the thousand, nodes and kubelets that are none, a watch that never rests, and a bare
// client. Only Go's own library, so that it builds in seconds.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

type flags struct {
	of                                   span
	kubeconfig, triggers, kind, interval string
	listen, pki, run                     string
}

var verbs = map[string]struct {
	help string
	do   func(*api, flags) error
}{
	"load":         {"make workloads with their ReplicaSets, pods and nodes", func(to *api, with flags) error { return with.of.load(to) }},
	"whole":        {"make workloads whose pods the cluster's controllers make (--kind)", func(to *api, with flags) error { return with.of.whole(to, with.kind) }},
	"guard":        {"give each workload a policy (--triggers)", guard},
	"unguard":      {"take the policies away", func(to *api, with flags) error { return with.of.remove(to, policies) }},
	"flag":         {"give each workload a Canary of Flagger (--interval)", func(to *api, with flags) error { return with.of.flag(to, with.interval) }},
	"unflag":       {"take the Canaries away", func(to *api, with flags) error { return with.of.remove(to, canaries) }},
	"crash":        {"let the container of each pod end once", func(to *api, with flags) error { return with.of.crash(to) }},
	"run-pods":     {"make each pod ready that appears, for ever", func(to *api, with flags) error { return runPods(to, with.of.atOnce) }},
	"measure-pods": {"be the kubelets of all nodes, for ever (--pki)", func(to *api, with flags) error { return measurePods(to, with.pki) }},
	"replay": {"stand before the API server with a watch of pods of our own, for ever (--listen, --pki)",
		func(to *api, with flags) error { return stand(to, with.listen, with.pki) }},
	"ask":   {"one run of `replay` (--run seconds=30,rate=0,changing=1)", func(to *api, with flags) error { return ask(to, with.run) }},
	"write": {"send the requests of standard input, one JSON object a line", func(to *api, with flags) error { return write(to, os.Stdin, with.of.atOnce) }},
}

func guard(to *api, with flags) error {
	var triggers []object
	if with.triggers != "" {
		if err := json.Unmarshal([]byte(with.triggers), &triggers); err != nil {
			return fmt.Errorf("--triggers: %w", err)
		}
	}
	return with.of.guard(to, triggers)
}

func main() {
	var with flags
	set := flag.NewFlagSet("tools", flag.ExitOnError)
	set.StringVar(&with.kubeconfig, "kubeconfig", os.Getenv("RBC_TEST_KUBECONFIG"), "as test/cluster writes it")
	set.IntVar(&with.of.from, "from", 0, "number of the first workload")
	set.IntVar(&with.of.to, "to", 0, "number behind the last workload")
	set.IntVar(&with.of.replicas, "replicas", 3, "pods of a workload")
	set.IntVar(&with.of.atOnce, "at-once", 32, "requests at a time")
	set.StringVar(&with.triggers, "triggers", "", "JSON; empty: the default ones")
	set.StringVar(&with.kind, "kind", "Deployment", "or Rollout")
	set.StringVar(&with.interval, "interval", "10s", "of a Canary")
	set.StringVar(&with.listen, "listen", "127.0.0.1:7443", "address")
	set.StringVar(&with.pki, "pki", "", "folder with ca.crt and ca.key")
	set.StringVar(&with.run, "run", "", "what to ask of replay")
	if len(os.Args) < 2 || verbs[os.Args[1]].do == nil {
		for name, verb := range verbs {
			fmt.Fprintf(os.Stderr, "%-13s %s\n", name, verb.help)
		}
		os.Exit(2)
	}
	set.Parse(os.Args[2:])
	to, err := connect(with.kubeconfig)
	if err == nil {
		err = verbs[os.Args[1]].do(to, with)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tools:", err)
		os.Exit(1)
	}
}
