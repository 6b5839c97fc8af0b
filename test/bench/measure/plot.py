"""The plots, drawn by gnuplot."""

import subprocess
from pathlib import Path

LOOK = """set terminal svg size 640,360 font 'sans,12' background 'white'
set grid ytics lc rgb '#dddddd'
set key left top
set output '{output}'
"""
RSS = """set logscale xy
set xlabel 'policies, with three pods each'
set ylabel 'MB'
set yrange [10:200]
plot '-' using 1:2 with linespoints lw 2 title 'RSS', '-' using 1:2 with linespoints title 'peak', '-' using 1:2 with points pt 8 ps 1.5 title 'aim, at most'
"""
BARS = """set style data histogram
set style fill solid 0.8 border -1
set boxwidth 0.8
set logscale y
set ylabel '{label}'
set xtics rotate by -20
unset key
plot '-' using 2:xtic(1)
"""


def draw(folder: Path, scale: list[dict], peers: list[dict]) -> None:
    folder.mkdir(exist_ok=True)
    if scale:
        plain = [row for row in scale if row["policies"] and "Memory" not in row["triggers"]]
        plotted(folder / "rss.svg", RSS, points((row["policies"], row["rss"]) for row in plain), points((row["policies"], row["peak"]) for row in plain),
                points([(1000, 40), (10_000, 120)]))
    if peers:
        most = max(row["objects"] for row in peers)
        rows = [row for row in peers if row["objects"] == most]
        plotted(folder / "peers-rss.svg", BARS.format(label=f"RSS in MB, {most} objects"), points((name(row), row["rss"]) for row in rows))
        plotted(folder / "peers-requests.svg", BARS.format(label=f"requests per object-minute, {most} objects"),
                points((name(row), row["requests"] / row["seconds"] * 60 / most) for row in rows))


def name(row: dict) -> str:
    return f'"{row["who"]} {row["how"]}"' if row["who"] == "flagger" else f'"{row["who"]}"'


def points(pairs: object) -> str:
    return "".join(f"{x} {y}\n" for x, y in pairs) + "e\n"


def plotted(file: Path, script: str, *data: str) -> None:
    subprocess.run(["gnuplot"], input=LOOK.format(output=file) + script + "".join(data), text=True, check=True)
