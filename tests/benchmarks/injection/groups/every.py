"""All cases of all groups, by name."""

from collections.abc import Mapping

from tests.benchmarks.injection.case import Case
from tests.benchmarks.injection.groups import answers, change, disguise, exfiltration, hijack, misuse, people, pressure

GROUPS = (hijack, disguise, misuse, exfiltration, answers, change, people, pressure)
EVERY: Mapping[str, Case] = {one.name: one for group in GROUPS for one in group.cases()}
