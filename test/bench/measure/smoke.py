"""Every tool once, with twelve workloads: that the benchmarks still run, not what they measure."""

from measure import events, scale, storm, tools

FEW = 12
AT_ONCE = 2  # six times
SETTLED = 0.3  # seconds


def check() -> str:
    rows = scale.measure([FEW], memory_at=FEW, idle=1, settled=SETTLED)
    assert [row["policies"] for row in rows] == [FEW, FEW]
    assert all(row["writes"] == 0 for row in rows), rows
    for row in events.replayed(FEW, seconds=0.5, settled=SETTLED):
        assert row["lists"] == 1 and row["events"] > 100, row
    tools.call("unguard", **{"from": 0, "to": FEW})
    tools.call("guard", **{"from": 0, "to": FEW, "triggers": storm.TRIGGER})
    seen = storm.stormed(AT_ONCE, SETTLED)
    assert all(each["template_writes"] == AT_ONCE for each in seen["controller"]) and seen["lost_lease"] == 0, seen
    return "well"
