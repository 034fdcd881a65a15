"""Sizes of Fargate tasks (rule ECS-T3)."""

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ecs.fargate import SIZES, size_problem, units


@pytest.mark.parametrize(
    ("given", "kept"),
    [(512, "512"), ("512", "512"), ("0.5 vCPU", "512"), (".25 vcpu", "256"), ("2 GB", "2048"), ("0.5GB", "512"), ("much", "much")],
)
def test_units(given: object, kept: str) -> None:
    assert units(given) == kept


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [
        (256, 512),
        (256, 2048),
        ("512", "4096"),
        (1024, 8192),
        ("2 vCPU", "16 GB"),
        (4096, 30720),
        (8192, 20480),
        (16384, 122880),
        (32768, 249856),
    ],
)
def test_sizes_that_exist(cpu: object, memory: object) -> None:
    assert size_problem(cpu, memory) is None


@pytest.mark.parametrize(
    ("cpu", "memory", "said"),
    [
        (None, 512, "needs cpu and memory"),
        (300, 512, "cpu is one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768"),
        ("lots", 512, "has no task with cpu lots"),
        (256, 4096, "with cpu 256 memory is one of 512, 1024, 2048"),
        (512, 512, "with cpu 512 memory is one of 1024, 2048, 3072, 4096"),
        (1024, 1024, "with cpu 1024 memory is 2048 to 8192 in steps of 1024"),
        (8192, 17408, "with cpu 8192 memory is 16384 to 61440 in steps of 4096"),
        (32768, 61441, "memory is one of 61440, 122880, 249856"),
    ],
)
def test_sizes_that_do_not_exist(cpu: object, memory: object, said: str) -> None:
    assert said in str(size_problem(cpu, memory))


def test_the_table_has_as_many_sizes_as_aws() -> None:
    assert {cpu: len(sizes) for cpu, sizes in SIZES.items()} == {256: 3, 512: 4, 1024: 7, 2048: 13, 4096: 23, 8192: 12, 16384: 12, 32768: 3}
