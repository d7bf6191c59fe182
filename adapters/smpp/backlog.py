"""The messages that a peer handed us and that we have not answered yet: every one gets exactly one answer, or the connection ends."""

from __future__ import annotations


class Backlog:
    """Owed answers by the peer's sequence number. Some peers use one number for everything, so a number may be owed many times."""

    def __init__(self) -> None:
        self._owed: dict[int, int] = {}
        self._again: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._owed) + len(self._again)

    def add(self, sequence: int, command: int) -> None:
        """Owe an answer; `command` is the id of the response."""
        if sequence in self._owed:
            self._again.append((sequence, command))
        else:
            self._owed[sequence] = command

    def settle(self, sequence: int) -> int:
        """The response to write for the oldest message of this number; LookupError if none is owed."""
        command = self._owed.pop(sequence, None)
        if command is None:
            raise LookupError(f"no message {sequence} waits for an answer")
        if self._again:
            self._promote(sequence)
        return command

    def clear(self) -> None:
        """Forget all: the connection is gone and the peer will send again."""
        self._owed.clear()
        self._again.clear()

    def _promote(self, sequence: int) -> None:
        index = next((index for index, (number, _) in enumerate(self._again) if number == sequence), None)
        if index is not None:
            _, self._owed[sequence] = self._again.pop(index)
