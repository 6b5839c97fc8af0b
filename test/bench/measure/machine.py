"""What was measured on, as far as it explains numbers."""

import os
import re
from pathlib import Path


def described() -> dict:
    kilobytes = int(re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)[1])
    return {"cores": os.cpu_count(), "gib": round(kilobytes / 2**20), "load": os.getloadavg()[0]}
