"""A Rollback under way."""

from typing import TYPE_CHECKING

from lib.kubectl import Object, conditions

if TYPE_CHECKING:
    from lib.scene import Scene

ENDS = ("Complete", "Failed")


class Run:
    def __init__(self, scene: "Scene", name: str) -> None:
        self.scene, self.name = scene, name

    def now(self) -> Object:
        return self.scene.kubectl.must_get("rollback", self.name)

    def status(self) -> Object:
        return self.now().get("status", {})

    def condition(self, kind: str) -> Object:
        return conditions(self.now()).get(kind, {"status": "absent", "reason": ""})

    def is_true(self, kind: str) -> bool:
        return self.condition(kind)["status"] == "True"

    def becomes(self, kind: str, reason: str | None = None, within: float = 120) -> Object:
        """Waits until the condition is True, and fails when the run ends another way."""
        def look() -> Object | None:
            all_of_it = conditions(self.now())
            ended = [each for each in ENDS if each != kind and all_of_it.get(each, {}).get("status") == "True"]
            found = all_of_it.get(kind, {})
            if found.get("status") == "True":
                return found
            assert not ended, f"{self.name} ended with {ended[0]}, {all_of_it[ended[0]]['reason']}: {all_of_it[ended[0]]['message']}"
            return None
        found = self.scene.eventually(f"{self.name} becomes {kind}", look, within)
        assert reason in (None, found["reason"]), f"{self.name} is {kind} for the reason {found['reason']}: {found['message']}"
        return found

    def says(self, kind: str, reason: str, within: float = 60) -> Object:
        """Waits until a condition has this reason, whatever its status."""
        def look() -> Object | None:
            found = self.condition(kind)
            return found if found["reason"] == reason else None
        return self.scene.eventually(f"{kind} of {self.name} says {reason}", look, within)

    def step(self, name: str) -> Object:
        """As it stands; empty if the run has not come to it."""
        return next((each for each in self.status().get("steps", []) if each["name"] == name), {})

    def reaches(self, step: str, within: float = 60) -> None:
        self.scene.eventually(f"{self.name} reaches {step}", lambda: self.step(step), within)

    def decide(self, state: str) -> None:
        """What a person does to approve or to abort."""
        self.scene.kubectl.patch("rollback", self.name, {"spec": {"decisions": [{"step": "Revert", "state": state}]}})
