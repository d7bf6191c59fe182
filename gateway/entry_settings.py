"""How what officers type in for citizens is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntrySettings:
    """Walk-ins, letters and calls (`lapor-gateway enter`)."""

    operator: str = ""
    """Who carries the SMS to these citizens: a name of operators.toml. Empty: they get none, only what the officer hands them."""

    def problems(self, operators: Sequence[str]) -> list[str]:
        """What the operators there are make of it: empty when it is one of them."""
        if not self.operator or self.operator in operators:
            return []
        return [f"entry.operator: {self.operator} is no operator; operators.toml has {', '.join(operators) or 'none'}"]
