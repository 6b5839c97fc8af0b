package main

import "fmt"

// whole makes workloads whose ReplicaSets and pods the controllers of the cluster make. The kind is "Deployment", or "Rollout" of Argo.
func (of span) whole(to *api, kind string) error {
	if err := of.places(to, false); err != nil {
		return err
	}
	return of.each(func(number int) error {
		made := deployment(number, of.replicas, "localhost/web:2")
		delete(made["metadata"].(object), "annotations")
		path := fmt.Sprintf(deployments, namespaceOf(number))
		if kind == "Rollout" {
			made["apiVersion"], made["kind"] = "argoproj.io/v1alpha1", kind
			made["spec"].(object)["strategy"] = object{"canary": object{}}
			path = fmt.Sprintf(rollouts, namespaceOf(number))
		}
		_, err := to.made(path, made)
		return err
	})
}

// flag gives each Deployment a Canary of Flagger, without a router, that looks every so often.
func (of span) flag(to *api, interval string) error {
	return of.each(func(number int) error {
		made := object{"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": object{"name": nameOf(number)},
			"spec": object{"provider": "kubernetes", "targetRef": object{"apiVersion": "apps/v1", "kind": "Deployment", "name": nameOf(number)},
				"service": object{"port": 80, "targetPort": 8080}, "analysis": object{"interval": interval, "threshold": 1, "iterations": 10}}}
		_, err := to.made(fmt.Sprintf(canaries, namespaceOf(number)), made)
		return err
	})
}
