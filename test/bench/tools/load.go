package main

import "fmt"

const (
	deployments = "/apis/apps/v1/namespaces/%s/deployments"
	replicaSets = "/apis/apps/v1/namespaces/%s/replicasets"
	pods        = "/api/v1/namespaces/%s/pods"
	policies    = "/apis/rollback.riptide.dev/v1alpha1/namespaces/%s/rollbackpolicies"
	rollouts    = "/apis/argoproj.io/v1alpha1/namespaces/%s/rollouts"
	canaries    = "/apis/flagger.app/v1beta1/namespaces/%s/canaries"
)

// span is a range of workloads, [from, to), with so many pods each.
type span struct {
	from, to, replicas, atOnce int
}

func (of span) each(one func(number int) error) error { return each(of.from, of.to, of.atOnce, one) }

// places makes the nodes and namespaces that the span needs and that no span before it has made; each span but the first begins where
// one has ended. The service account is what the controller manager would make: without it no pod is admitted.
func (of span) places(to *api, accounts bool) error {
	for number := of.from / perNamespace; number*perNamespace < of.to; number++ {
		if number*perNamespace < of.from {
			continue // has begun with an earlier span
		}
		name := namespaceOf(number * perNamespace)
		if _, err := to.made("/api/v1/namespaces", object{"metadata": object{"name": name}}); err != nil {
			return err
		}
		if !accounts {
			continue
		}
		if _, err := to.made("/api/v1/namespaces/"+name+"/serviceaccounts", object{"metadata": object{"name": "default"}}); err != nil {
			return err
		}
	}
	first, end := nodesOf(of.from*of.replicas), nodesOf(of.to*of.replicas)
	return each(first, end, of.atOnce, func(number int) error {
		made, status := node(number)
		if _, err := to.made("/api/v1/nodes", made); err != nil {
			return err
		}
		return to.setStatus("/api/v1/nodes/"+nodeName(number), status)
	})
}

func nodesOf(pods int) int { return (pods + perNode - 1) / perNode }

// load makes workloads as the deployment controller, the scheduler and kubelets would have: the second release of each is complete.
func (of span) load(to *api) error {
	if err := of.places(to, true); err != nil {
		return err
	}
	return of.each(func(number int) error { return of.workload(to, number) })
}

func (of span) workload(to *api, number int) error {
	ns, name := namespaceOf(number), nameOf(number)
	const before, now = "localhost/web:1", "localhost/web:2"
	made, err := to.made(fmt.Sprintf(deployments, ns), deployment(number, of.replicas, now))
	if err != nil {
		return err
	}
	uid := made["metadata"].(object)["uid"]
	if _, err := to.made(fmt.Sprintf(replicaSets, ns), replicaSet(number, 0, before, hashBefore, "1", uid)); err != nil {
		return err
	}
	set, err := to.made(fmt.Sprintf(replicaSets, ns), replicaSet(number, of.replicas, now, hashNow, "2", uid))
	if err != nil {
		return err
	}
	for replica := range of.replicas {
		if err := of.pod(to, number, replica, now, set["metadata"].(object)["uid"]); err != nil {
			return err
		}
	}
	counts := object{"replicas": of.replicas, "fullyLabeledReplicas": of.replicas, "readyReplicas": of.replicas, "availableReplicas": of.replicas, "observedGeneration": 1}
	if err := to.setStatus(fmt.Sprintf(replicaSets, ns)+"/"+name+"-"+hashNow, counts); err != nil {
		return err
	}
	return to.setStatus(fmt.Sprintf(deployments, ns)+"/"+name, deploymentStatus(of.replicas))
}

func (of span) pod(to *api, number, replica int, image string, set any) error {
	path := fmt.Sprintf(pods, namespaceOf(number))
	if _, err := to.made(path, pod(number, replica, of.replicas, image, set)); err != nil {
		return err
	}
	return to.setStatus(path+"/"+podName(number, replica), podStatus(0))
}

// guard gives each workload a policy with the default triggers, or with those given.
func (of span) guard(to *api, triggers []object) error {
	return of.each(func(number int) error {
		_, err := to.made(fmt.Sprintf(policies, namespaceOf(number)), rollbackPolicy(number, triggers))
		return err
	})
}

// remove takes what has the workload's name away again.
func (of span) remove(to *api, path string) error {
	return of.each(func(number int) error {
		_, err := to.call("DELETE", fmt.Sprintf(path, namespaceOf(number))+"/"+nameOf(number), "", nil)
		return err
	})
}

// crash lets the container of every pod end once with an error and run again.
func (of span) crash(to *api) error {
	return of.each(func(number int) error {
		for replica := range of.replicas {
			if err := to.setStatus(fmt.Sprintf(pods, namespaceOf(number))+"/"+podName(number, replica), podStatus(1)); err != nil {
				return err
			}
		}
		return nil
	})
}
