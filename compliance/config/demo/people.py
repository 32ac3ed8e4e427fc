"""The people of the demo: invented, and only for the demo. In production none of them can sign in."""

from dataclasses import dataclass
from typing import Literal

DEMO_PASSWORD = "entity-desk-demo"  # noqa: S105 - printed at the start of the demo, on purpose

Role = Literal["officer", "manager", "auditor", "administrator"]


@dataclass(frozen=True)
class DemoPerson:
    username: str
    full_name: str
    role: Role


DEMO_PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson("rkowalski", "Rosa Kowalski", "officer"),
    DemoPerson("jmensah", "Joel Mensah", "officer"),
    DemoPerson("twells", "Tobias Wells", "manager"),
    DemoPerson("agrant", "Adele Grant", "manager"),
    DemoPerson("nlindqvist", "Nils Lindqvist", "auditor"),
    DemoPerson("pdasgupta", "Priya Dasgupta", "administrator"),
)
