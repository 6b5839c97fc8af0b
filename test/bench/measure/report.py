"""doc/benchmarks.md and its plots, from what the parts have left."""

import json
from pathlib import Path

from measure import plot, texts

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "doc/benchmarks.md"


def write(results: Path, parts: list[str], latency: Path) -> None:
    """A part without results is named on the page; what was measured stands there without it."""
    found = {part: json.loads((results / f"{part}.json").read_text()) for part in parts if (results / f"{part}.json").exists()}
    assert found, "there are no results yet: run test/bench/bench, or some of its parts"
    seen = {part: each["seen"] for part, each in found.items()}
    missing = [part for part in parts if part not in seen] + ([] if latency.exists() else [latency.stem])
    scale = [row for part in ("scale", "scale-10000") for row in seen.get(part, [])]
    peers = [row for part, rows in seen.items() if part.startswith("peers") for row in rows]
    plot.draw(ROOT / "doc/benchmarks", scale, peers)
    page = [head([each["machine"] for each in found.values()])]
    page += [texts.MISSING.format(parts=", ".join(missing))] if missing else []
    page += [texts.SCALE.format(rows=scale_rows(scale), calls=calls(scale))] if scale else []
    page += [texts.EVENTS.format(rows=event_rows(seen["events"]))] if "events" in seen else []
    page += [storm(seen["storm"])] if "storm" in seen else []
    page += [texts.LATENCY.format(text=latency.read_text().strip())] if latency.exists() else []
    page += [texts.PEERS.format(rows=peer_rows(peers))] if peers else []
    PAGE.write_text("".join(page))


def head(machines: list[dict]) -> str:
    loads = [each["load"] for each in machines]
    return texts.HEAD.format(cores=machines[0]["cores"], gib=machines[0]["gib"], lowest=min(loads), highest=max(loads))


def table(rows: list[list[object]]) -> str:
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def minute(row: dict, objects: str, count: int) -> str:
    """A count of the window, by object and minute."""
    return f"{count / row['seconds'] * 60 / row[objects]:.3f}" if row[objects] else ""


def scale_rows(rows: list[dict]) -> str:
    return table([[f"{row['policies']:,}", f"{row['pods']:,}", row["triggers"], f"{row['synced']:.2f}", f"{row['cpu_to_synced']:.2f}", f"{row['rss']:.1f}",
                   f"{row['peak']:.1f}", f"{row['cpu'] * 100:.2f}", row["requests"], minute(row, "policies", row["requests"]), row["writes"]] for row in rows])


def calls(rows: list[dict]) -> str:
    return "; ".join(f"{row['policies']:,} ({row['triggers']}): " + ", ".join(f"{count} {call}" for call, count in row["calls"].items()) for row in rows)


def event_rows(rows: list[dict]) -> str:
    return table([["as many as are taken" if row["asked"] == 0 else f"{row['asked']:,}", "what a policy sees" if row["changing"] else "nothing that is kept",
                   f"{row['rate']:,.0f}", f"{row['size']:,.0f}", f"{row['cpu'] * 100:.0f}", f"{row['micros']:.1f}",
                   f"{row['late'] * 1000:.0f}" if row["asked"] else "", row["lists"] - 1, f"{row['rss']:.1f}"] for row in rows])


def storm(seen: dict) -> str:
    bare, with_reads = (sum(seen[name]) / len(seen[name]) for name in ("bare", "bare_with_reads"))
    rows = table([[f"{took:.3f}", f"{took / bare:.2f}", f"{took / with_reads:.2f}", each["template_writes"], each["reads"], len(each["refused"])]
                  for each in seen["controller"] for took in [each["from_first_crash"]]])
    bares = {name: " and ".join(f"{each:.3f}" for each in seen[name]) for name in ("bare", "bare_with_reads")}
    return texts.STORM.format(rows=rows, **bares, **{name: seen[name] for name in ("storm", "policies", "workers", "writes", "lost_lease")})


def peer_rows(rows: list[dict]) -> str:
    return table([[f"{row['objects']:,}", texts.NAMES[row["who"]], row["how"], f"{row['rss']:.1f}", f"{row['peak']:.1f}", f"{row['cpu'] * 100:.2f}", row["requests"],
                   minute(row, "objects", row["requests"]), row["writes"], texts.MEANING[row["who"]]] for row in rows])
