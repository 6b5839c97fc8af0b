"""The words of doc/benchmarks.md; the numbers come from the report."""

HEAD = """# Benchmarks

Made by `make bench-scale` on a machine with {cores} cores and {gib} GiB. Everything, the API server and etcd included, shares these cores; etcd does not
wait for the disk. The load average at the ends of the parts was {lowest:.0f} to {highest:.0f}: where it is above the number of cores, times are upper bounds, and only
ratios within one table say something about another machine. Memory is RSS in MB of 2^20 bytes, CPU is in percent of one core, both from `/proc`. Requests are counted in the API server's audit
log by user agent.
"""

MISSING = """
Not measured in this run: {parts}.
"""

SCALE = """
## At rest
Workloads of two ReplicaSets and three pods each, ready and unchanging, with a policy each, watched for 60 s with the chart's own rights. No kubelet runs:
a loader writes Deployments, ReplicaSets, pods and their statuses as the controllers and kubelets would have; nodes are objects only.
"Synced" is from the start of a process, whose policies have been seen by one before, until `/readyz` answers 200; "peak" is the highest RSS from then to
the end. For Memory triggers a server of the bench answers for every node's kubelet.

| policies | pods | triggers | synced s | CPU s until then | RSS MB | peak MB | CPU % | requests | per policy-minute | writes, Lease aside |
|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}

A row with writes was not at rest yet: which ones they were stands below.

Aims: RSS at most 40 MB at 1,000 policies and 120 MB at 10,000; CPU at most 1 % at 1,000; at most 0.1 requests per policy-minute; no write. With Memory triggers
each pod has a new reading every 10 s, and each wakes its policy: 100 passes a second. What is kept of pods
and ReplicaSets is packed; a policy with its Deployment, two ReplicaSets and three pods takes about 9 KB.

![RSS by number of policies](benchmarks/rss.svg)

All requests of the windows, the Lease's too: {calls}.
"""

EVENTS = """
## Watch events
The controller with 1,000 policies and 3,000 pods. A server stands before the API server and answers the watch of pods itself, with changes of the pods that
there are, over TLS. Changes of "nothing that is kept" alter only the version: they are read and compared, and wake no policy. Changes of "what a
policy sees" alter the pod's address: each wakes its policy, which is looked at again. "Late" is how long after its time an event could be sent, at most. A
relist would be a second list of pods.

| events/s asked | they change | events/s taken | bytes each | CPU % | CPU us each | late ms | relists | RSS MB |
|---|---|---:|---:|---:|---:|---:|---:|---:|
{rows}

Aim: 10,000 events/s on at most one core, no relist. "CPU us each" times 10,000 is what that would need. What an event costs more that wakes a policy is the
pass: its objects are copied from the cache, judged and compared with its status, by a worker that mostly slept before. By `perf` nothing stands out in that but
allocation, copying, and the kernel's part in waking a thread.
"""

STORM = """
## {storm} policies at once
{storm} of {policies} policies breach: the container of one pod of each ends with an error. The time runs from the first crash to the answer to the last write of a
template, with {workers} workers and evidence StatusOnly. The bare client then sends the {writes} writes that the controller sent until then (Rollbacks, their
statuses, templates, statuses of policies, Events) to other workloads, {workers} at a time, each policy's in their order and without the tests in the
patches: {bare} s. With the controller's reads between them, which make sure before a write that nobody has changed anything: {bare_with_reads} s.

| controller s | times the bare client | times the one with reads | templates written | reads | refused writes |
|---:|---:|---:|---:|---:|---:|
{rows}

The Lease was lost {lost_lease} times. Aim: at most 1.3 times the bare client, Lease kept. The difference is the reads: policy, Rollback, target and ReplicaSet
are read anew before a template is written.
"""

LATENCY = """
## From a crash to the first write
```
{text}
```
"""

PEERS = """
## Beside Flagger and Argo Rollouts
The same workloads with three pods each, made by the deployment and ReplicaSet controllers; a program makes their pods ready. Each program alone on a cluster of its own,
one after the other, 60 s in which nothing happens, each as its own documents say it is run, without leader election but for the controller. They do different things:

| objects | program | how | RSS MB | peak MB | CPU % | requests | per object-minute | writes, Lease aside | what it does in this time |
|---:|---|---|---:|---:|---:|---:|---:|---:|---|
{rows}

![RSS](benchmarks/peers-rss.svg) ![Requests per object-minute](benchmarks/peers-requests.svg)
"""

NAMES = {"controller": "rollback-controller", "argo-rollouts": "Argo Rollouts v1.9.1", "flagger": "Flagger v1.44.0"}
MEANING = {
    "controller": "watches every pod of every release for failures and missing progress, also long after the release; holds the Lease",
    "argo-rollouts": "keeps the ReplicaSets of its Rollouts, which stand in the place of Deployments; a release that is complete is not judged any more: no analysis runs",
    "flagger": "looks, once an interval, whether the Deployment has changed; has made a second Deployment that serves; a release that is complete is not judged any more",
}
