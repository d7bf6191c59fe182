"""Opening a journal: ours alone, of our version, sealed with our key, sound; or set aside and begun anew."""

from __future__ import annotations

import logging
from collections.abc import Callable

import apsw

from forwarder.journal import revival, runs, salvage, shelf
from forwarder.journal.books import Books
from forwarder.journal.documents import Documents
from forwarder.journal.number import Numbering
from forwarder.journal.orders import Opening
from forwarder.journal.seal import Sealer, SealError
from forwarder.journal.settings import JournalSettings
from forwarder.journal.storage import JournalCorrupt, Storage, check, closed_on_error, empty_log, migrate
from forwarder.records import Composer
from parsers.errors import JournalError, JournalFull

log = logging.getLogger(__name__)

KEY_WORD = b"lapor-gateway"


def numbering(sealer: Sealer, settings: JournalSettings) -> Numbering:
    """The numbers of this gateway's complaints, for whoever composes before the journal is open."""
    return Numbering(sealer.derived("number"), settings.gateway_letter)


class Openings:
    """Opens a storage, at the start and again after damage."""

    def __init__(  # noqa: PLR0913 - clocks and composer come in by name
        self,
        storage: Storage,
        sealer: Sealer,
        settings: JournalSettings,
        *,
        clock: Callable[[], int],
        monotonic: Callable[[], float],
        composer: Composer,
        boot: str,
    ) -> None:
        self.composer = composer
        self._boot = boot
        self._storage, self._sealer, self._settings = storage, sealer, settings
        self._clock, self._monotonic = clock, monotonic

    def open(self) -> tuple[Books, Opening]:
        """The journal's books and what was found; JournalLocked, JournalFull, JournalError."""
        self._storage.lock(self._clock())
        try:
            return self._open()
        except apsw.FullError as error:
            self._storage.unlock()
            raise JournalFull("the disk is full") from error
        except (apsw.Error, OSError) as error:
            self._storage.unlock()
            raise JournalError(f"{self._storage.path} cannot be opened: {type(error).__name__}") from error
        except BaseException:
            self._storage.unlock()
            raise

    def begin_anew(self, books: Books) -> str:
        """Set the damaged file aside and begin a new one, with filing paused; the name of the old one."""
        aside = self._storage.set_aside(self._clock())
        log.critical("the journal's file is damaged; it is set aside and nothing is filed until it is salvaged", extra={"file": aside.name})
        connection = self._storage.writer()
        with closed_on_error(connection):
            migrate(connection)
            books.connection = connection
            self._check_key(connection)
            shelf.carry_over(connection, aside)
            books.load(salvage.highest(aside, self._clock()))
            self._begin(books, aside.name)
        books.filing_paused = True
        return aside.name

    def _open(self) -> tuple[Books, Opening]:
        aside: str | None = None
        if self._storage.restoring.exists():
            raise JournalError(
                f"{self._storage.restoring}: a restore was broken off; give it again, or delete this file to go on without it"
            )
        if self._storage.damaged:
            connection, created = None, True
        else:
            connection, created = self._sound()
        numbers = numbering(self._sealer, self._settings)
        placeholder = connection if connection is not None else apsw.Connection(":memory:")
        books = Books(self._settings, self._sealer, Documents(self._sealer), numbers, lambda: self.composer, placeholder)
        books.now_ms, books.now, books.boot = self._clock(), self._monotonic(), self._boot
        if connection is None:
            aside = self.begin_anew(books)
            clean, unknown, again = False, 0, 0
        else:
            with closed_on_error(connection):
                self._check_key(connection)
                books.load()
                clean, unknown, again = self._begin(books, None)
        return books, Opening(books.run, created, clean, unknown, again, len(books.sets), aside, revival.of_this_run(books))

    def _sound(self) -> tuple[apsw.Connection | None, bool]:
        """A connection to a sound file of our version, and whether it is new; no connection when the file is damaged."""
        try:
            connection = self._storage.writer()
            with closed_on_error(connection):
                if self._storage.file_octets() <= self._settings.check_background_octets:
                    check(connection)
                created = migrate(connection)
                empty_log(connection)
        except (apsw.CorruptError, apsw.NotADBError, JournalCorrupt):
            return None, True
        return connection, created

    def _check_key(self, connection: apsw.Connection) -> None:
        """JournalError when the file was sealed with another key: before a single row is mixed."""
        sealed = connection.execute("SELECT value FROM meta WHERE name = 'key_check'").get
        if sealed is None:
            value = self._sealer.seal("key_check", 0, KEY_WORD)
            connection.execute("INSERT INTO meta (name, value) VALUES ('key_check', ?)", (value,))
            return
        try:
            self._sealer.open("key_check", 0, sealed)
        except SealError:
            raise JournalError("the journal is sealed with another key") from None

    def _begin(self, books: Books, aside: str | None) -> tuple[bool, int, int]:
        connection = books.connection
        connection.execute("BEGIN IMMEDIATE")
        found = runs.begin(books, aside)
        books.tally.store(connection)
        connection.execute("COMMIT")
        books.tally.commit()
        books.doubt.clear()
        return found
