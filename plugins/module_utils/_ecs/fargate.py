# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Fargate offers. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""

from __future__ import annotations

import re

# Rule ECS-T3: the memory in MiB that goes with each number of CPU units.
SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
    32768: (61440, 122880, 249856),
}
# What AWS makes of LATEST, or did; it answers with either of them.
LATEST = "1.4.0"
UNITS = {"vcpu": 1024, "gb": 1024, "": 1}


def units(value: object) -> str:
    """CPU units or MiB as AWS keeps them: "512" for 512, "512" and "0.5 vCPU", "2048" for "2 GB". Other texts stay as they are."""
    match = re.fullmatch(r"\s*(\d*\.?\d+)\s*(vcpu|gb|)\s*", str(value), re.IGNORECASE)
    return str(int(float(match[1]) * UNITS[match[2].lower()])) if match else str(value)


def size_problem(cpu: object, memory: object) -> str | None:
    """Why Fargate has no task of this size (CPU units, MiB), with what would be right, or None."""
    if cpu is None or memory is None:
        return "Fargate needs cpu and memory of the task"
    cpu_units, mib = units(cpu), units(memory)
    if not cpu_units.isdigit() or int(cpu_units) not in SIZES:
        return f"Fargate has no task with cpu {cpu}; cpu is one of {_listed(SIZES)}"
    fitting = SIZES[int(cpu_units)]
    if not mib.isdigit() or int(mib) not in fitting:
        return f"Fargate has no task with cpu {cpu} and memory {memory}; with cpu {cpu} memory is {_choices(fitting)}"
    return None


def _choices(sizes: tuple[int, ...]) -> str:
    step = sizes[1] - sizes[0]
    if len(sizes) > 4 and sizes == tuple(range(sizes[0], sizes[-1] + 1, step)):
        return f"{sizes[0]} to {sizes[-1]} in steps of {step}"
    return f"one of {_listed(sizes)}"


def _listed(numbers: dict[int, tuple[int, ...]] | tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)
