"""What the writer has open inside one transaction, and what it remembers between two."""

from __future__ import annotations

import itertools
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import apsw

from forwarder.core.contract import Course
from forwarder.journal.documents import Documents
from forwarder.journal.number import Numbering
from forwarder.journal.persons import Keyring, PersonKey, keep
from forwarder.journal.rows import Bulk, fetch, insert, read
from forwarder.journal.seal import Sealer
from forwarder.journal.settings import JournalSettings
from forwarder.records import AdditionId, Composer

DAY_MS = 86_400_000
WIB_MS = 7 * 3_600_000  # days begin in Jakarta
EARLY_MAX = 1_000  # Ours: tracking ids; in a second far fewer are filed, and each may hold 4 kB.
EARLY_SECONDS = 3_600.0  # Ours: a worker's answer may take minutes to come home.

_TALLY = Bulk(
    "INSERT INTO tally (noun, state, count) VALUES ", 3, " ON CONFLICT (noun, state) DO UPDATE SET count = count + excluded.count"
)
_ALARMED = "SELECT count(*) FROM alarm WHERE complaint = ? AND what = ? AND at_ms >= ?"
_ALARM = insert("alarm", "at_ms", "complaint", "what")
_MAXIMA = """
SELECT (SELECT max(id) FROM message), (SELECT max(id) FROM complaint), (SELECT max(id) FROM reply), (SELECT max(id) FROM part_set),
       (SELECT max(id) FROM session), (SELECT max(id) FROM person)
"""
_OPEN_SETS = "SELECT json_group_array(json_array(id, hex(sender_tag), operator, began_ms)) FROM part_set WHERE state = 'open'"


class Ids:
    """The next id of each table. `next()` of a count is one step of the interpreter, so any thread may take one."""

    def __init__(self) -> None:
        self.message = itertools.count(1)
        self.complaint = itertools.count(1)
        self.reply = itertools.count(1)
        self.part_set = itertools.count(1)
        self.session = itertools.count(1)
        self.person = itertools.count(1)

    def load(self, connection: apsw.Connection, at_least: int) -> None:
        """Begin above what is stored and above `at_least`; a count that is beyond already goes on (an id is never given twice)."""
        stored = [max(value or 0, at_least) for value in fetch(connection, _MAXIMA)[0]]
        for name, above in zip(("message", "complaint", "reply", "part_set", "session", "person"), stored, strict=True):
            if next(getattr(self, name)) <= above:
                setattr(self, name, itertools.count(above + 1))


def day_of(at_ms: int) -> int:
    """The WIB day of a time, in days since 1970."""
    return (at_ms + WIB_MS) // DAY_MS


def day_begins(day: int) -> int:
    """When a WIB day begins, in UTC milliseconds."""
    return day * DAY_MS - WIB_MS


@dataclass(slots=True)
class OpenSet:
    """A long message that waits for parts. `seen` is monotonic; `age` are the seconds it had waited before this process saw it."""

    id: int
    sender_tag: bytes
    operator: str
    seen: float
    age: float


class OpenSets:
    """All open sets, oldest first: whose time is up, and who has too many."""

    def __init__(self) -> None:
        self._sets: dict[int, OpenSet] = {}
        self._by_sender: dict[bytes, dict[int, OpenSet]] = {}

    def __len__(self) -> int:
        return len(self._sets)

    def __iter__(self) -> Iterator[OpenSet]:
        return iter(self._sets.values())

    def add(self, one: OpenSet) -> None:
        """A set began."""
        self._sets[one.id] = one
        self._by_sender.setdefault(one.sender_tag, {})[one.id] = one

    def drop(self, set_id: int) -> None:
        """A set was closed."""
        one = self._sets.pop(set_id, None)
        if one is not None:
            theirs = self._by_sender[one.sender_tag]
            del theirs[set_id]
            if not theirs:
                del self._by_sender[one.sender_tag]

    def of(self, sender_tag: bytes) -> int:
        """How many sets this sender has open."""
        return len(self._by_sender.get(sender_tag, ()))

    def watched(self, set_id: int, now: float) -> float:
        """How many seconds of it this process has seen."""
        return now - self._sets[set_id].seen

    def waited(self, set_id: int, now: float) -> float:
        """How many seconds an open set has waited, its time before this process included."""
        one = self._sets[set_id]
        return one.age + now - one.seen

    def oldest(self, sender_tag: bytes | None = None) -> OpenSet:
        """The oldest set, of one sender or of all; there must be one."""
        return next(iter((self._sets if sender_tag is None else self._by_sender[sender_tag]).values()))

    def load(self, connection: apsw.Connection, now_ms: int, now: float) -> None:
        """Read them again; those known to this process keep the time it has watched them."""
        known = dict(self._sets)
        self._sets.clear()
        self._by_sender.clear()
        for set_id, sender, operator, began_ms in sorted(read(connection, _OPEN_SETS), key=lambda row: row[3]):
            number = set_id
            age = max(0.0, (now_ms - began_ms) / 1000)
            self.add(known.get(number) or OpenSet(number, bytes.fromhex(sender), operator, now, age))


class Tally:
    """Rows by noun and state: what is committed, and what this transaction changes."""

    def __init__(self) -> None:
        self.committed: Counter[tuple[str, str]] = Counter()
        self.pending: Counter[tuple[str, str]] = Counter()

    def add(self, noun: str, state: str, count: int = 1) -> None:
        """`count` rows came into `state`."""
        self.pending[noun, state] += count

    def move(self, noun: str, source: str, target: str, count: int = 1) -> None:
        """`count` rows went from one state to another."""
        self.pending[noun, source] -= count
        self.pending[noun, target] += count

    def holds(self, noun: str, state: str) -> bool:
        """Whether any row is in this state now."""
        return self.committed[noun, state] + self.pending[noun, state] > 0

    def store(self, connection: apsw.Connection) -> None:
        """Write this transaction's changes."""
        _TALLY.run(connection, [(noun, state, count) for (noun, state), count in self.pending.items() if count])

    def commit(self) -> None:
        """The transaction is on disk."""
        for key, count in self.pending.items():
            self.committed[key] += count
        self.pending.clear()

    def load(self, connection: apsw.Connection) -> None:
        """Read what is committed."""
        rows = read(connection, "SELECT json_group_array(json_array(noun, state, count)) FROM tally")
        self.committed = Counter({(noun, state): count for noun, state, count in rows})
        self.pending.clear()


@dataclass(slots=True)
class Doubt:
    """What a transaction touched, needed if its commit fails: it may be on the disk or not, and nobody acted on it.

    `keys` went in with it, and are known to be on the disk only when it is.
    """

    messages: list[int] = field(default_factory=list)
    filings: list[int] = field(default_factory=list)
    replies: list[int] = field(default_factory=list)
    additions: list[AdditionId] = field(default_factory=list)
    keys: dict[PersonKey, None] = field(default_factory=dict)

    def take(self, other: Doubt) -> None:
        """The doubts of another, which has none any more."""
        self.messages += other.messages
        self.filings += other.filings
        self.replies += other.replies
        self.additions += other.additions
        other.clear()

    def kept(self) -> None:
        """The transaction is on disk."""
        for key in self.keys:
            key.sealed = None
        self.clear()

    def clear(self) -> None:
        """The transaction is on disk, or dealt with."""
        self.messages.clear()
        self.additions.clear()
        self.filings.clear()
        self.replies.clear()
        self.keys.clear()


class Early:
    """What the core said of tracking ids that nobody here has yet: its call may overtake the commit that settles its own answer.

    Kept in memory for an hour, the newest word of each, at most a thousand; what is lost with it is heard when the core is asked.
    """

    def __init__(self) -> None:
        self._said: OrderedDict[str, tuple[float, Course]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._said)

    def note(self, course: Course, now: float) -> None:
        """Keep it; `now` in monotonic seconds. The oldest goes where there are too many."""
        self._said.pop(course.tracking_id, None)
        self._said[course.tracking_id] = (now, course)
        while len(self._said) > EARLY_MAX or now - next(iter(self._said.values()))[0] > EARLY_SECONDS:
            self._said.popitem(last=False)

    def take(self, tracking_ids: Iterable[str], now: float) -> list[Course]:
        """What was said of these within the hour; it stays until it is old, so that nothing is lost when the commit fails."""
        if not self._said:
            return []
        found = [self._said[one] for one in tracking_ids if one in self._said]
        return [course for at, course in found if now - at <= EARLY_SECONDS]


class Changes:
    """Complaints and open sets that transactions changed; told by their ids after the commit, and a few too many after a failed one."""

    def __init__(self, tell: Callable[[frozenset[int], frozenset[int]], None]) -> None:
        self.complaints: set[int] = set()
        self.sets: set[int] = set()
        self._tell = tell

    def watch(self, connection: apsw.Connection) -> None:
        """SQLite itself says which complaints change, so that no way of changing one can be forgotten."""
        connection.set_update_hook(self._row)

    def committed(self) -> None:
        """They are on disk."""
        if self.complaints or self.sets:
            self._tell(frozenset(self.complaints), frozenset(self.sets))
            self.complaints.clear()
            self.sets.clear()

    def _row(self, _what: int, _database: str, table: str, row: int) -> None:
        if table == "complaint":
            self.complaints.add(row)


@dataclass(slots=True)
class Books:
    """The writer's view of the journal. `now_ms` and `now` (monotonic seconds) are read once per transaction."""

    settings: JournalSettings
    sealer: Sealer
    documents: Documents
    numbering: Numbering
    composer: Callable[[], Composer]
    connection: apsw.Connection
    ring: Keyring
    run: int = 0
    now_ms: int = 0
    now: float = 0.0
    step_ms: int = 0
    """How far the wall clock was set forward (or back: negative) since a commit heeded it."""
    ahead_ms: int = 0
    """How far the wall clock was set forward lately: so much longer is a message remembered, until `ahead_until_ms`."""
    ahead_until_ms: int = 0
    boot: str = ""
    """Names the host's boot: while it is the same, `now` goes on from run to run. Empty: nobody knows."""
    filing_paused: bool = False
    restored_ms: int = 0
    """When this journal was restored from a backup; 0: never. A post older than that may have been filed by the journal that is lost."""
    turns_from: int = 0
    """Turns of additions that a journal lost before may have given: new ones begin above."""
    strays: int = 0
    """Delivery receipts that matched nothing: while there are none, nobody looks for them."""
    ids: Ids = field(default_factory=Ids)
    sets: OpenSets = field(default_factory=OpenSets)
    tally: Tally = field(default_factory=Tally)
    doubt: Doubt = field(default_factory=Doubt)
    follows: bool = False
    """Whether somebody asks the core how filed complaints stand: then each gets its row in `course`."""
    early: Early = field(default_factory=Early)
    """What the core said before we knew of whom."""
    shared: Sealer | None = None
    """Has the key of all gateways, where there are several."""
    empty_log: bool = False
    """Something was erased that may still lie in the log: it is emptied after this transaction, or as soon as nobody reads it."""
    blocked: dict[bytes, int] = field(default_factory=dict)
    """The block list: until when, by the person's tag."""
    changes: Changes | None = None
    """What the other gateways must hear of, where there are some."""

    @property
    def remembered_since_ms(self) -> int:
        """Messages since then are known when they come again."""
        return self.now_ms - self.settings.tombstone_days * DAY_MS - self.stepped_ms

    @property
    def stepped_ms(self) -> int:
        """By how much what is lately stored looks older than it is, because the wall clock was set forward."""
        return self.ahead_ms if self.now_ms < self.ahead_until_ms else 0

    def load(self, at_least: int = 0) -> None:
        """Read everything that is kept in memory; after opening and after every failed commit."""
        kept = dict(
            fetch(self.connection, "SELECT name, CAST(value AS TEXT) FROM meta WHERE name IN ('ids_from', 'restored_ms', 'turns_from')")
        )
        self.restored_ms = int(kept.get("restored_ms", 0))
        self.turns_from = int(kept.get("turns_from", 0))
        self.ids.load(self.connection, max(at_least, int(kept.get("ids_from", 0))))
        self.sets.load(self.connection, self.now_ms, self.now)
        self.tally.load(self.connection)
        self.know_blocked()
        self.strays = self.connection.execute("SELECT count(*) FROM stray_report").get
        self.filing_paused = self.connection.execute("SELECT count(*) FROM meta WHERE name = 'filing_paused'").get > 0

    def know_blocked(self) -> None:
        """Read the block list again."""
        self.blocked = dict(fetch(self.connection, "SELECT reporter_tag, until_ms FROM blocked"))

    @property
    def access_ms(self) -> int:
        """So long after its last message a number sees its cases without a PIN."""
        return self.composer().conversation.access_days * DAY_MS

    @property
    def day_ms(self) -> int:
        """When this day (WIB) began."""
        return day_begins(day_of(self.now_ms))

    def keep_keys(self, keys: Sequence[PersonKey]) -> None:
        """Put the keys into this transaction that are in none yet."""
        new = dict.fromkeys(key for key in keys if key.sealed is not None and key not in self.doubt.keys)
        if new:
            keep(self.connection, tuple(new))
            self.doubt.keys |= new

    def key_of(self, reporter_tag: bytes | None) -> PersonKey | None:
        """What seals for this person in this transaction; None where nobody knows whose it is: then the house's key does."""
        if reporter_tag is None:
            return None
        key = self.ring.of(reporter_tag, self.now_ms)
        self.keep_keys((key,))
        return key

    def alarm(self, what: str, complaint_id: int | None = None) -> None:
        """Keep a row of what must never happen: of one complaint once a day, however often it is seen."""
        if complaint_id is not None and self.connection.execute(_ALARMED, (complaint_id, what, self.day_ms)).get:
            return
        _ALARM.run(self.connection, [(self.now_ms, complaint_id, what)])
        self.tally.add("alarm", "raised")
