"""State machines as tables: which moves exist, from where, to where, who may, and what is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from compliance.core.errors import NotAllowed, WrongState

Rule = Callable[[Any, Any], None]


@dataclass(frozen=True)
class Move:
    """One allowed step. `rule(actor, subject)` raises NotAllowed with the reason; `event` is the audit action."""

    name: str
    frm: frozenset[str]
    to: str
    event: str
    rule: Rule | None = None
    label: str = ""


class Workflow:
    """The moves of one kind of thing, asked by services (`check`) and by pages (`available`)."""

    def __init__(self, title: str, *moves: Move) -> None:
        self.title = title
        self.moves = moves
        self._by_name: dict[str, list[Move]] = {}
        for move in moves:
            self._by_name.setdefault(move.name, []).append(move)

    def __iter__(self) -> Iterator[Move]:
        return iter(self.moves)

    def check(self, name: str, subject: Any, actor: Any) -> Move:
        """The move to make. Raises WrongState if the state doesn't allow it, NotAllowed if the actor may not."""
        for move in self._by_name[name]:
            if subject.state in move.frm:
                if move.rule is not None:
                    move.rule(actor, subject)
                return move
        label = (self._by_name[name][0].label or name.replace("_", " ")).lower()
        state = subject.state.replace("_", " ")
        raise WrongState(f"{subject} is now “{state}”, so “{label}” is no longer possible. Reload to see what changed.")

    def allows(self, name: str, subject: Any, actor: Any) -> bool:
        """The same as `check`, as a yes or no."""
        try:
            self.check(name, subject, actor)
        except (WrongState, NotAllowed):
            return False
        return True

    def available(self, subject: Any, actor: Any) -> list[Move]:
        """The moves this actor can make now, for a page's buttons."""
        return [m for m in self.moves if subject.state in m.frm and self.allows(m.name, subject, actor)]
