"""The machine that a figure was measured on, and the memory of a process."""

import contextlib
import os
import pathlib
import platform
import re

# What ratios differ by.
_SETS = ("avx2", "avx512f", "amx_tile")


def processor():
    """Returns what the processors are called, how many, and how wide."""
    name, sets = platform.processor() or platform.machine(), []
    with contextlib.suppress(OSError):
        text = pathlib.Path("/proc/cpuinfo").read_text("utf-8")
        found = re.search(r"model name\s*:\s*(.+)", text)
        name = found[1] if found else name
        sets = [word for word in _SETS if word in text]
    return ", ".join([f"{os.cpu_count()} x {name}", *sets])


def memory_mb(field="VmRSS", pid="self"):
    """Returns the memory of a process in MB.

    `ru_maxrss` of a process begins with that of who started it; this does not.

    Args:
        field: String, `VmRSS` for what it holds now, `VmHWM` for its peak.
        pid: Int, or `"self"`.
    """
    text = pathlib.Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(re.search(rf"{field}:\s+(\d+)", text)[1]) / 1024
