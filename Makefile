# The index of what can be done here; each target is a line onto a CMake preset or a script. `make help` lists them.
CLUSTER := test/cluster/cluster
PYTEST := /usr/bin/python3 -m pytest -q -p no:cacheprovider
JOBS := $(shell nproc)
BUILT := build/dev/controller/rollback-controller
.DEFAULT_GOAL := help
.PHONY: help setup build check test test-full bench bench-scale bench-smoke lint format crd demo demo-down asan tsan contract e2e e2e-full manifests

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install what the build and the tests need (Debian 12, root)
	hack/setup.sh

build: ## the controller and all test binaries
	@cmake --preset dev >/dev/null
	cmake --build --preset dev -j $(JOBS)

check: lint build ## lint, unit, contract and crash tests on the fake cluster
	ctest --test-dir build/dev -L 'unit|wire|contract-fake|crash' -j $(JOBS) --output-on-failure --no-tests=error
	$(PYTEST) test/hack

bench: build ## event -> first write, beside a bare watch-then-write probe
	test/e2e/bench_latency.py

bench-scale: ## memory, CPU, requests, events, a storm, beside Flagger and Argo Rollouts; writes doc/benchmarks.md (an hour)
	@cmake --preset release >/dev/null
	cmake --build --preset release -j $(JOBS) --target rollback-controller
	test/bench/bench

bench-smoke: build ## every tool of bench-scale once, with twelve workloads
	RBC_BENCH_CONTROLLER=$(BUILT) test/bench/bench smoke

crd: ## apply the CRDs to the cluster of the current kubeconfig
	kubectl apply --server-side -f crds/

test: check asan tsan contract bench-smoke e2e ## what CI runs: check, sanitizers, contract on a real API server, core e2e

test-full: lint-all test e2e-full demo demo-down ## everything

asan: ## check under ASan and UBSan, but for the cuts (each story is played once) and the quiet day: those take an hour
	@cmake --preset asan >/dev/null
	cmake --build --preset asan -j $(JOBS)
	ctest --test-dir build/asan -L 'unit|wire|contract-fake|crash' -E 'WhereverItIsCut|ADayOf' -j $(JOBS) --output-on-failure --no-tests=error

tsan:
	@cmake --preset tsan >/dev/null
	cmake --build --preset tsan -j $(JOBS) --target threaded_tests
	TSAN_OPTIONS="suppressions=$(CURDIR)/test/tsan.supp halt_on_error=1" ctest --test-dir build/tsan -L threaded -j $(JOBS) --output-on-failure --no-tests=error

contract: build ## the contract, the CRDs and the chart against a real API server
	$(CLUSTER) build --helm >/dev/null
	$(CLUSTER) up --light --controllers --name contract
	$(CLUSTER) exec --name contract -- ctest --test-dir build/dev -L '^contract$$' --output-on-failure --no-tests=error
	$(CLUSTER) exec --name contract -- $(PYTEST) test/contract/crd
	$(CLUSTER) exec --name contract -- $(PYTEST) test/helm
	$(CLUSTER) down --name contract
	$(PYTEST) test/health

e2e: build ## the core end-to-end tests on real pods
	test/e2e/run core

e2e-full: build ## all end-to-end tests
	test/e2e/run all

lint: ## formatting, rooms, sizes; clang-tidy on changed files
	hack/lint.sh

.PHONY: lint-all
lint-all:
	hack/lint.sh --all

manifests: ## render the chart into manifests/
	hack/manifests.sh

format: ## format all C++ sources
	git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp' | xargs "$$(hack/tools.sh)/clang-format" -i

demo: ## a bad release on a real cluster, rolled back by the controller that Helm installed
	examples/demo/demo

demo-down: ## remove what the demo left
	examples/demo/demo down
