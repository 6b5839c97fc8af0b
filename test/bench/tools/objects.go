package main

import (
	"fmt"
	"time"
)

const (
	perNamespace = 1000 // workloads
	perNode      = 100  // pods
	hashBefore   = "5d4f8c7b9c"
	hashNow      = "6b7d9c5f8d"
)

// The names of the workload of this number; they have one length, so that one can be put in the place of another.
func namespaceOf(number int) string { return fmt.Sprintf("bench-%02d", number/perNamespace) }
func nameOf(number int) string      { return fmt.Sprintf("web-%05d", number) }
func nodeName(number int) string    { return fmt.Sprintf("node-%03d", number) }

// nodeAddress is an address of the loopback network, so that a kubelet of the bench can answer at it.
func nodeAddress(number int) string { return fmt.Sprintf("127.1.%d.%d", number/250, number%250+1) }

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func node(number int) (object, object) {
	return object{"apiVersion": "v1", "kind": "Node", "metadata": object{"name": nodeName(number)}},
		object{"addresses": []object{{"type": "InternalIP", "address": nodeAddress(number)}, {"type": "Hostname", "address": nodeName(number)}},
			"daemonEndpoints": object{"kubeletEndpoint": object{"Port": kubeletPort}},
			"capacity":        object{"cpu": "32", "memory": "256Gi", "pods": "250"},
			"conditions":      []object{{"type": "Ready", "status": "True", "reason": "KubeletReady"}}}
}

// template is a pod template of ordinary size: two probes, resources, some variables, a volume.
func template(name, image string) object {
	variables := []object{}
	for _, variable := range []string{"LOG_LEVEL", "LISTEN_ADDRESS", "DATABASE_HOST", "DATABASE_NAME", "FEATURE_FLAGS", "OTLP_ENDPOINT"} {
		variables = append(variables, object{"name": variable, "value": "value-of-" + variable})
	}
	probe := object{"httpGet": object{"path": "/health", "port": 8080}, "periodSeconds": 5}
	container := object{"name": "web", "image": image, "imagePullPolicy": "IfNotPresent", "env": variables,
		"ports":          []object{{"name": "http", "containerPort": 8080}},
		"resources":      object{"requests": object{"cpu": "100m", "memory": "128Mi"}, "limits": object{"memory": "512Mi"}},
		"readinessProbe": probe, "livenessProbe": probe,
		"securityContext": object{"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 65532},
		"volumeMounts":    []object{{"name": "scratch", "mountPath": "/tmp"}}}
	return object{"metadata": object{"labels": object{"app": name}},
		"spec": object{"containers": []object{container}, "volumes": []object{{"name": "scratch", "emptyDir": object{}}}}}
}

func deployment(number, replicas int, image string) object {
	name := nameOf(number)
	return object{"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": object{"name": name, "labels": object{"app": name}, "annotations": object{"deployment.kubernetes.io/revision": "2"}},
		"spec":     object{"replicas": replicas, "selector": object{"matchLabels": object{"app": name}}, "template": template(name, image)}}
}

func deploymentStatus(replicas int) object {
	now := stamp(time.Now())
	return object{"observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas,
		"conditions": []object{
			{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "lastUpdateTime": now, "lastTransitionTime": now},
			{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastUpdateTime": now, "lastTransitionTime": now}}}
}

func owner(kind, name string, uid any) []object {
	version := "apps/v1"
	return []object{{"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": true, "blockOwnerDeletion": true}}
}

// labelled adds the hash by which the deployment controller tells the pods of its ReplicaSets apart.
func labelled(template object, hash string) object {
	template["metadata"].(object)["labels"].(object)["pod-template-hash"] = hash
	return template
}

func replicaSet(number, replicas int, image, hash, revision string, uid any) object {
	name := nameOf(number)
	annotations := object{"deployment.kubernetes.io/revision": revision}
	if replicas == 0 {
		annotations["rollback.riptide.dev/mark"] = "good" // nobody has seen it run, so somebody says that it may be gone back to
	}
	return object{"apiVersion": "apps/v1", "kind": "ReplicaSet",
		"metadata": object{"name": name + "-" + hash, "labels": object{"app": name, "pod-template-hash": hash},
			"annotations": annotations, "ownerReferences": owner("Deployment", name, uid)},
		"spec": object{"replicas": replicas, "selector": object{"matchLabels": object{"app": name, "pod-template-hash": hash}},
			"template": labelled(template(name, image), hash)}}
}

func pod(number, replica, replicas int, image string, uid any) object {
	name := nameOf(number)
	made := labelled(template(name, image), hashNow)
	made["apiVersion"], made["kind"] = "v1", "Pod"
	meta := made["metadata"].(object)
	meta["name"] = podName(number, replica)
	meta["ownerReferences"] = owner("ReplicaSet", name+"-"+hashNow, uid)
	made["spec"].(object)["nodeName"] = nodeName((number*replicas + replica) / perNode)
	return made
}

func podName(number, replica int) string {
	return fmt.Sprintf("%s-%s-%05d", nameOf(number), hashNow, replica)
}

// podStatus is that of a pod that runs and is ready, its container having crashed so many times.
func podStatus(restarts int) object {
	now := stamp(time.Now())
	conditions := []object{}
	for _, condition := range []string{"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"} {
		conditions = append(conditions, object{"type": condition, "status": "True", "lastTransitionTime": now})
	}
	container := object{"name": "web", "ready": true, "started": true, "restartCount": restarts, "image": "localhost/web:2",
		"imageID":     "localhost/web@sha256:4bcff63911fcb4448bd4fdacec207030997caf25e9bea4045fa6c8c44de311d1",
		"containerID": "containerd://0f7b3f1d7b7a4b6a9d0f4ad8d9d5f1f0b2f7f5a4f1c6d8e9a0b1c2d3e4f5a6b7",
		"state":       object{"running": object{"startedAt": now}}}
	if restarts > 0 {
		container["lastState"] = object{"terminated": object{"exitCode": 1, "reason": "Error", "startedAt": now, "finishedAt": now}}
	}
	return object{"phase": "Running", "hostIP": "127.1.0.1", "podIP": "10.244.0.10", "podIPs": []object{{"ip": "10.244.0.10"}}, "startTime": now,
		"qosClass": "Burstable", "conditions": conditions, "containerStatuses": []object{container}}
}

func rollbackPolicy(number int, triggers []object) object {
	spec := object{"targetRef": object{"kind": "Deployment", "name": nameOf(number)}}
	if triggers != nil {
		spec["triggers"] = triggers
		spec["revisions"] = object{"soakSeconds": 0}
	}
	return object{"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "RollbackPolicy", "metadata": object{"name": nameOf(number)}, "spec": spec}
}
