"""The two CRDs on a real API server: what it fills in, accepts and refuses, and in which words.

Cases are files. All documents of a file in valid/ are accepted in their order; of a file in invalid/ the last one is
refused, with the words that its first line expects. Each is sent by kubectl apply, as a user would.
"""

import json
import pathlib

import pytest
import yaml
from schema import FILES, every, load

HERE = pathlib.Path(__file__).parent
UID = "5f0c1c1e-8a3b-4c1d-9e2f-0a1b2c3d4e5f"
OTHER_UID = "0b9e8d7c-6f5a-4b3c-8d2e-1f0a9b8c7d6e"
TIME = "2026-01-02T03:04:05Z"
FROZEN = "status.plan is frozen once it is written: a run goes to its end by the plan it began with"


def cases(kind):
    found = sorted(HERE.glob(f"*/{kind}/*.yaml"))
    return [pytest.param(path, id=f"{path.parent.parent.name}-{path.stem}") for path in found]


def expectation(path):
    first = path.read_text().splitlines()[0]
    assert first.startswith("# expect: "), f"{path}: the first line must be '# expect: <words of the server>'"
    return first.removeprefix("# expect: ")


def rollback(name, **spec):
    return {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "Rollback",
            "metadata": {"name": name}, "spec": {"policyName": "web", **spec}}


def policy(name, **spec):
    return {"apiVersion": "rollback.riptide.dev/v1alpha1", "kind": "RollbackPolicy", "metadata": {"name": name},
            "spec": {"targetRef": {"kind": "Deployment", "name": "web"}, **spec}}


def condition(kind, status, reason):
    return {"type": kind, "status": status, "reason": reason, "message": f"{kind} for a test.", "lastTransitionTime": TIME}


def apply(kubectl, document):
    return kubectl.run("apply", "--filename=-", stdin=json.dumps(document))


def stored(kubectl, resource, name):
    return json.loads(kubectl.ok("get", resource, name, "--output=json"))


def patch_status(kubectl, resource, name, status):
    return kubectl.run("patch", resource, name, "--subresource=status", "--type=merge", f"--patch={json.dumps({'status': status})}")


# What the server fills in

def test_five_lines_are_stored_complete(kubectl):
    kubectl.ok("apply", f"--filename={HERE / 'policies/valid/five-lines.yaml'}")
    assert stored(kubectl, "rbp", "five-lines")["spec"] == json.loads((HERE / "five-lines.json").read_text())


def test_empty_objects_are_filled_like_absent_ones(kubectl):
    empty = {"verification": {}, "stabilization": {}, "guards": {"maxRollbacks": {}}, "revisions": {}, "history": {}}
    assert apply(kubectl, policy("empty", **empty)).returncode == 0
    assert stored(kubectl, "rbp", "empty")["spec"] == json.loads((HERE / "five-lines.json").read_text())


def test_members_of_triggers_and_checks_are_filled(kubectl):
    memory = {"name": "memory", "type": "Memory", "memory": {"measure": "RSS", "above": "600M"}}
    http = {"port": 8080, "checks": [{"name": "health", "path": "/health"}]}
    assert apply(kubectl, policy("members", triggers=[memory], verification={"http": http})).returncode == 0
    spec = stored(kubectl, "rbp", "members")["spec"]
    assert spec["triggers"] == [{**memory, "memory": {**memory["memory"], "forSeconds": 30}}]
    assert spec["verification"]["http"] == {"port": 8080, "timeoutSeconds": 5, "checks": [
        {"name": "health", "path": "/health", "method": "GET", "contentType": "application/json"}]}


def test_rollback_is_filled(kubectl):
    assert apply(kubectl, rollback("filled")).returncode == 0
    assert stored(kubectl, "rbk", "filled")["spec"] == {"policyName": "web", "strategy": "Immediate", "depth": 0}


# What it accepts and refuses

@pytest.mark.parametrize("path", cases("valid"))
def test_accepted(kubectl, path):
    for document in yaml.safe_load_all(path.read_text()):
        done = apply(kubectl, document)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", cases("invalid"))
def test_refused_with_the_expected_words(kubectl, path):
    *before, wrong = yaml.safe_load_all(path.read_text())
    for document in before:
        assert apply(kubectl, document).returncode == 0
    done = apply(kubectl, wrong)
    assert done.returncode != 0, f"accepted: {done.stdout}"
    assert expectation(path) in done.stderr


def test_every_rule_has_a_case_that_it_refuses():
    expected = [expectation(path) for path in HERE.glob("*/invalid/*.yaml")] + [FROZEN]
    rules = [rule for _, _, node in every() for rule in node.get("x-kubernetes-validations", [])]
    missing = [rule["message"] for rule in rules if not any(words in rule["message"] for words in expected)]
    assert rules and not missing


CHANGES = {
    "policyName": "api",
    "reason": "another",
    "triggerName": "another",
    "strategy": None,  # its only value is the default
    "from": {"uid": UID, "number": 43},
    "to": {"uid": UID[:-1] + "0"},
    "previousRollbackName": "another",
    "depth": 2,
}


def test_all_of_a_rollbacks_spec_but_decisions_is_tried():
    assert set(CHANGES) == set(load("rollbacks")["properties"]["spec"]["properties"]) - {"decisions"}


def whole_rollback(name):
    return rollback(name, reason="by hand", triggerName="unstable", previousRollbackName="web-1", depth=1,
                    **{"from": {"uid": UID, "number": 42}, "to": {"uid": OTHER_UID}})


def assert_unchangeable(kubectl, before, after):
    assert apply(kubectl, before).returncode == 0
    done = apply(kubectl, after)
    assert done.returncode != 0
    assert "only spec.decisions can be changed" in done.stderr


@pytest.mark.parametrize("field", [field for field, value in CHANGES.items() if value is not None])
def test_field_of_a_rollback_cannot_change(kubectl, field):
    before, after = (whole_rollback(f"fixed-{field.lower()}") for _ in range(2))
    after["spec"][field] = CHANGES[field]
    assert_unchangeable(kubectl, before, after)


@pytest.mark.parametrize("field", ["reason", "triggerName", "from", "to", "previousRollbackName"])
def test_optional_field_of_a_rollback_cannot_be_dropped(kubectl, field):
    before, after = (whole_rollback(f"dropped-{field.lower()}") for _ in range(2))
    del after["spec"][field]
    assert_unchangeable(kubectl, before, after)


# Status

PLAN = {
    "version": 1, "targetName": "web", "targetUID": UID, "healthyTriggers": ["unstable"], "resolvedTime": TIME,
    "from": {"uid": UID, "name": "web-bad", "number": 42, "fingerprint": "abc"},
    "to": {"uid": OTHER_UID, "name": "web-good", "number": 41, "fingerprint": "def"},
    "chosen": "Good",
    "settings": {"verificationTimeoutSeconds": 300, "maxDepth": 2, "http": {"port": 8080}, "later": {"limit": 1}},
}


@pytest.mark.parametrize("change", [
    pytest.param({"plan": {"version": 2}}, id="value"),
    pytest.param({"plan": {"to": {"name": "web-other"}}}, id="nested-value"),
    pytest.param({"plan": {"settings": {"later": {"limit": 2}}}}, id="setting-unknown-to-the-schema"),
    pytest.param({"plan": {"settings": {"stabilizationPeriodSeconds": 60}}}, id="setting-added"),
    pytest.param({"plan": {"healthyTriggers": None}}, id="field-removed"),
    pytest.param({"plan": None}, id="plan-removed"),
    pytest.param(None, id="status-removed"),
])
def test_plan_is_frozen(kubectl, change, request):
    name = f"plan-{request.node.callspec.id}"
    assert apply(kubectl, rollback(name)).returncode == 0
    done = patch_status(kubectl, "rbk", name, {"plan": PLAN})
    assert done.returncode == 0, done.stderr
    assert stored(kubectl, "rbk", name)["status"]["plan"] == PLAN
    done = patch_status(kubectl, "rbk", name, change)
    assert done.returncode != 0
    assert FROZEN in done.stderr
    assert patch_status(kubectl, "rbk", name, {"reverts": 1}).returncode == 0


def test_spec_and_status_are_written_apart(kubectl):
    assert apply(kubectl, policy("apart") | {"status": {"observedGeneration": 1}}).returncode == 0
    assert "status" not in stored(kubectl, "rbp", "apart")
    assert patch_status(kubectl, "rbp", "apart", {"observedGeneration": 1}).returncode == 0
    after = stored(kubectl, "rbp", "apart")
    assert after["status"] == {"observedGeneration": 1} and after["metadata"]["generation"] == 1


# What kubectl shows

def object_paths():
    """(resource, path) of every object that has fields to be explained."""
    return [(resource, path.replace("[]", "")) for resource, path, node in every() if "properties" in node]


@pytest.mark.parametrize("resource, path", [pytest.param(r, p, id=f"{r}{p}") for r, p in object_paths()])
def test_explain_describes_every_field(kubectl, resource, path):
    shown = " ".join(kubectl.poll("explain", f"{resource}{path}", "--api-version=rollback.riptide.dev/v1alpha1").split())
    assert "<no description>" not in shown
    node = next(node for r, p, node in every() if r == resource and p.replace("[]", "") == path and "properties" in node)
    for name, field in node["properties"].items():
        if path or name in ("spec", "status"):
            assert " ".join(field["description"].split()) in shown, name


@pytest.mark.parametrize("resource", FILES)
def test_server_finds_nothing_to_say_against_it(kubectl, resource):
    crd = stored(kubectl, "crd", f"{resource}.rollback.riptide.dev")
    assert {c["type"]: c["status"] for c in crd["status"]["conditions"]} == {"NamesAccepted": "True", "Established": "True"}


@pytest.mark.parametrize("word", ["rbp", "rollbackpolicy", "rollbackpolicies"])
def test_names_of_a_policy(kubectl, word):
    assert apply(kubectl, policy("named")).returncode == 0
    assert kubectl.ok("get", word, "named", "--output=name") == "rollbackpolicy.rollback.riptide.dev/named\n"


@pytest.mark.parametrize("word", ["rbk", "rollback", "rollbacks"])
def test_names_of_a_rollback(kubectl, word):
    """The category must not be called rollback: kubectl would take it for both kinds, and no name would fit."""
    assert apply(kubectl, rollback("named")).returncode == 0
    assert kubectl.ok("get", word, "named", "--output=name") == "rollback.rollback.riptide.dev/named\n"


def test_category_lists_both(kubectl):
    assert apply(kubectl, policy("listed")).returncode == 0
    assert apply(kubectl, rollback("listed")).returncode == 0
    shown = kubectl.ok("get", "riptide", "--output=name").split()
    assert {"rollbackpolicy.rollback.riptide.dev/listed", "rollback.rollback.riptide.dev/listed"} <= set(shown)


def columns(kubectl, resource, name):
    """One object as kubectl get -o wide shows it: column -> cell (cells without blanks, but for the last)."""
    header, row = kubectl.ok("get", resource, name, "--output=wide").splitlines()
    names = header.split()
    return dict(zip(names, row.split(maxsplit=len(names) - 1)))


def test_columns_of_a_policy(kubectl):
    assert apply(kubectl, policy("columns")).returncode == 0
    status = {"conditions": [condition("Reconciling", "False", "Idle"), condition("Ready", "True", "Armed")],
              "rollbacks": [{"name": "columns-new"}, {"name": "columns-old"}]}
    assert patch_status(kubectl, "rbp", "columns", status).returncode == 0
    shown = columns(kubectl, "rbp", "columns")
    assert shown.pop("AGE")
    assert shown == {"NAME": "columns", "TARGET": "web", "MODE": "Enforce", "READY": "True", "REASON": "Armed",
                     "LAST-ROLLBACK": "columns-new", "MESSAGE": "Ready for a test."}


def test_columns_of_a_rollback(kubectl):
    assert apply(kubectl, rollback("columns")).returncode == 0
    status = {"plan": PLAN, "conditions": [
        condition("Approved", "True", "Automatic"), condition("Reverted", "True", "RolledOut"),
        condition("Restored", "Unknown", "VerificationInconclusive"), condition("Complete", "False", "Verifying"),
        condition("Failed", "False", "Running")]}
    assert patch_status(kubectl, "rbk", "columns", status).returncode == 0
    shown = columns(kubectl, "rbk", "columns")
    assert shown.pop("AGE")
    assert shown == {"NAME": "columns", "POLICY": "web", "FROM": "web-bad", "TO": "web-good", "REVERTED": "True",
                     "RESTORED": "Unknown", "COMPLETE": "False", "FAILED": "False", "REASON": "Verifying",
                     "MESSAGE": "Complete for a test."}
