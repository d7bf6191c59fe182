"""gateway.toml, operators.toml and the secrets become frozen settings; every mistake is said at once, each with its line and remedy.

The classes and their defaults belong to the wings that use them; only the house's own stand here. Scalars have their default once, in
the class; config/gateway.toml shows them and a test proves that they agree. Tables (operators, routes, replies) have no default in code.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar, get_args, get_type_hints

from annotated_types import Ge, Le
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from adapters.smpp.profile import SmppSettings
from adapters.webhook.settings import WebhookSettings
from adapters.x.settings import XSettings
from forwarder.cluster_settings import ClusterSettings
from forwarder.core import dialects
from forwarder.core.settings import CoreSettings, DispatchSettings
from forwarder.journal.settings import JournalSettings
from forwarder.mirror_settings import MirrorSettings
from forwarder.queue_settings import QueueSettings, WorkerSettings
from forwarder.talk_settings import ConversationSettings
from gateway.alarms.settings import AlarmSettings
from gateway.entry_settings import EntrySettings
from gateway.files import SHIPPED, find_table, octets, text_of
from gateway.house_settings import DeskSettings, HttpSettings, LedgerSettings, LogSettings
from gateway.privacy import PrivacySettings
from gateway.secrets import Secrets, how_to_give
from parsers.complaint import Disclosure
from parsers.errors import SettingsError
from parsers.toml_lines import line_of, lines_of

SOCKET = "control.sock"
X_SECRETS = ("bearer", "consumer_key", "consumer_secret", "access_token", "access_secret")
Place = tuple[str | int, ...]
Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class FileSettings:
    """Where the tables are: beside gateway.toml, else among the shipped ones. A file replaces the shipped one whole."""

    operators: str = "operators.toml"
    routes: str = "routes.csv"
    """Which keyword leads where; seeds the first version, afterwards the newest that was installed runs (`lapor-gateway route`)."""
    hashtags: str = "hashtags.csv"
    """The same for hashtags on X."""
    regions: str = "regions.csv"
    topics: str = "topics.csv"
    holidays: str = "holidays.csv"
    """Days on which offices are closed: deadlines are counted in working days."""
    deadlines: str = "deadlines.csv"
    """How many working days each step of a complaint may take by rule."""
    replies: tuple[str, ...] = ("replies.id.toml", "replies.en.toml")


@dataclass(frozen=True, slots=True)
class HouseSettings:
    """What this gateway is called and what it counts as itself."""

    our_numbers: tuple[str, ...] = ("1708",)
    """Messages from these are ours coming back, and are never answered."""
    state: str = ""
    """Folder of journal, lock and control socket; empty: $STATE_DIRECTORY, else `state` beside gateway.toml."""


@dataclass(frozen=True, slots=True)
class ReplySettings:
    """When and how often citizens hear from us."""

    receipt_wait_seconds: Annotated[float, Ge(0), Le(60)] = 10.0
    """The receipt waits this long for the core, so that one SMS can carry both numbers."""
    unsettled_max: Annotated[int, Ge(1), Le(1_000)] = 16
    """Replies of one operator that have left us and whose answer is not on our disk yet: so many its citizens may hear twice after a
    crash. At 100 ms an answer that carries 140 replies a second."""
    enabled: bool = True
    """False sends nothing to anybody: a gateway beside another one, or a load test."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """gateway.toml as a whole."""

    house: HouseSettings = field(default_factory=HouseSettings)
    files: FileSettings = field(default_factory=FileSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    mirror: MirrorSettings = field(default_factory=MirrorSettings)
    core: CoreSettings = field(default_factory=CoreSettings)
    dispatch: DispatchSettings = field(default_factory=DispatchSettings)
    queue: QueueSettings = field(default_factory=QueueSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    identity: Disclosure = field(default_factory=Disclosure)
    replies: ReplySettings = field(default_factory=ReplySettings)
    conversation: ConversationSettings = field(default_factory=ConversationSettings)
    desk: DeskSettings = field(default_factory=DeskSettings)
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    entry: EntrySettings = field(default_factory=EntrySettings)
    http: HttpSettings = field(default_factory=HttpSettings)
    x: XSettings = field(default_factory=XSettings)
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    log: LogSettings = field(default_factory=LogSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)


@dataclass(frozen=True, slots=True)
class Site:
    """Everything one gateway runs with. `secrets` has been asked for all it needs; the key is not kept in any settings class."""

    path: Path
    settings: GatewaySettings
    smpp: SmppSettings
    state: Path
    secrets: Secrets

    def text(self, name: str) -> tuple[str, str]:
        """A table as (path to show, text); SettingsError when it is nowhere or is no UTF-8."""
        return text_of(self.path.parent, name)

    def octets(self, name: str, most: int) -> tuple[str, bytes]:
        """The first `most` octets of a file as (path to show, octets), for tables whose reader knows their encodings."""
        path = find_table(self.path.parent, name)
        return str(path), octets(path, most)

    @property
    def journal_path(self) -> Path:
        """The journal's file."""
        return self.state / "journal.db"

    @property
    def socket_path(self) -> Path:
        """The control socket, beside the journal."""
        return self.state / SOCKET


@dataclass(frozen=True, slots=True)
class Workplace:
    """What workers of one machine run with: no operator, no table, no master key."""

    path: Path
    settings: GatewaySettings
    state: Path


def find(given: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Which gateway.toml counts: --config, $LAPOR_CONFIG, $CONFIGURATION_DIRECTORY/gateway.toml, the shipped one."""
    if given or environment.get("LAPOR_CONFIG"):
        path = Path(given or environment["LAPOR_CONFIG"])
        return path / "gateway.toml" if path.is_dir() else path
    folder = environment.get("CONFIGURATION_DIRECTORY")
    if folder and Path(folder, "gateway.toml").is_file():
        return Path(folder, "gateway.toml")
    return SHIPPED / "gateway.toml"


def load(path: Path, secrets: Secrets, environment: Mapping[str, str] = os.environ) -> Site:
    """Read gateway.toml and the operators; SettingsError carries every problem of both files and of the secrets."""
    problems: list[str] = []
    settings = GatewaySettings()
    smpp = SmppSettings()
    try:
        settings = _read(GatewaySettings, path, problems, secrets)
    except SettingsError as error:
        problems += error.problems
    try:
        smpp = _read(SmppSettings, find_table(path.parent, settings.files.operators), problems, secrets)
    except SettingsError as error:
        problems += error.problems
    try:
        secrets.masters()
    except SettingsError as error:
        problems += error.problems
    if problems:
        raise SettingsError(problems)
    return Site(path, settings, smpp, _state(path, settings, environment), secrets)


def without_secrets(path: Path, environment: Mapping[str, str] = os.environ) -> Site:
    """What a look at the tables needs: no operator, no key. SettingsError carries every problem of gateway.toml."""
    problems: list[str] = []
    settings = _read(GatewaySettings, path, problems, Secrets({}))
    if problems:
        raise SettingsError(problems)
    return Site(path, settings, SmppSettings(), _state(path, settings, environment), Secrets({}))


def workplace(path: Path, secrets: Secrets, environment: Mapping[str, str] = os.environ) -> Workplace:
    """What a worker needs of gateway.toml and the secrets; SettingsError carries every problem."""
    problems: list[str] = []
    settings = _read(GatewaySettings, path, problems, secrets)
    if problems:
        raise SettingsError(problems)
    given = settings.worker.state
    state = path.parent / given if given else Path(environment.get("STATE_DIRECTORY", "").split(":")[0] or path.parent / "worker")
    return Workplace(path, settings, state.resolve())


def socket_of(path: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The control socket of the gateway that runs with `path`; needs no secrets, as commands do not."""
    problems: list[str] = []
    settings = _read(GatewaySettings, path, problems, Secrets({}))
    return _state(path, settings, environment) / SOCKET


def _state(path: Path, settings: GatewaySettings, environment: Mapping[str, str]) -> Path:
    if settings.house.state:
        return (path.parent / settings.house.state).resolve()
    return Path(environment.get("STATE_DIRECTORY", "").split(":")[0] or path.parent / "state").resolve()


def _read(kind: type[Settings], path: Path, problems: list[str], secrets: Secrets) -> Settings:
    if not path.is_file():
        example = SHIPPED / path.name if (SHIPPED / path.name).is_file() else SHIPPED / "gateway.toml"
        raise SettingsError([f"{path}: no such file; name one with --config, or copy {example} and change it"])
    name, toml = text_of(path.parent, path.name)
    try:
        content = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{name}: not TOML: {error}"]) from None
    lines = lines_of(toml)

    def at(place: Place) -> str:
        return f"{name}:{line_of(lines, place) or 1}: {shown(place)}"

    found = [f"{at(place)} {problem}" for place, problem in _strange(kind, content, ())]
    found += _fill_secrets(kind, content, secrets, at)
    try:
        settings = TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        found += [f"{at(_place(detail))} {_sentence(detail)}" for detail in error.errors()]
    if found:
        problems += found
        return kind()
    return settings


def shown(place: Place) -> str:
    """A path as people write it: `operator[2].mt.window` counts from 1, like the tables of the file."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "the file"


def records(kind: type) -> Iterator[tuple[str, dataclasses.Field[object], type | None]]:
    """The settings of a class: key, field, and the class of a nested table or list of tables."""
    hints = get_type_hints(kind)
    for entry in dataclasses.fields(kind):
        yield entry.name, entry, _nested(hints[entry.name])


def _nested(hint: object) -> type | None:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint
    return next((found for part in get_args(hint) if (found := _nested(part)) is not None), None)


def _tables(kind: type, content: Mapping[str, object], place: Place) -> Iterator[tuple[type, dict[str, object], Place]]:
    """Every nested table of the content that has a class, with that class."""
    for key, _, nested in records(kind):
        value = content.get(key)
        if nested is None:
            continue
        if isinstance(value, dict):
            yield nested, value, (*place, key)
        elif isinstance(value, list):
            yield from ((nested, one, (*place, key, number)) for number, one in enumerate(value) if isinstance(one, dict))


def _strange(kind: type, content: Mapping[str, object], place: Place) -> Iterator[tuple[Place, str]]:
    """Keys that are no settings, and secrets that stand in the file."""
    known = {key: entry for key, entry, _ in records(kind)}
    for key in content:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            yield (*place, key), f"is no setting here; {'meant ' + near[0] + '?' if near else 'known are ' + ', '.join(known)}"
        elif known[key].metadata.get("secret"):
            name = secret_name((*place, key), content)
            yield (*place, key), f"is a secret and must not stand in a file; take it out, and {how_to_give(name)}"
    for nested, table, inner in _tables(kind, content, place):
        yield from _strange(nested, table, inner)


def secret_name(place: Place, table: Mapping[str, object], owner: str = "") -> str:
    """What a secret is called: `core_token`; inside a list by the name of its table: `operator_telkomsel_password`."""
    owner = owner or str(table.get("name", ""))
    return "_".join(owner if isinstance(part, int) else part for part in place)


def _fill_secrets(kind: type, content: dict[str, object], secrets: Secrets, at: Callable[[Place], str]) -> list[str]:
    """Put the secrets into the content; a secret that cannot be read is a problem like any other."""
    problems: list[str] = []

    def fill(kind: type, table: dict[str, object], place: Place, owner: str) -> None:
        for key, entry, nested in records(kind):
            if nested is not None and isinstance(entry.default_factory, type):
                table.setdefault(key, {})  # a table that is left out has its secrets all the same
            if not entry.metadata.get("secret"):
                continue
            table.pop(key, None)  # _strange has said it already
            try:
                value = secrets.find(secret_name((*place, key), table, owner))
            except SettingsError as error:
                problems.extend(f"{at((*place, key))} {problem}" for problem in error.problems)
                continue
            if value is not None:
                table[key] = value
        for nested, inner, where in _tables(kind, table, place):
            fill(nested, inner, where, str(inner.get("name", "")) or owner)

    fill(kind, content, (), "")
    return problems


def _place(detail: ErrorDetails) -> Place:
    return tuple(part for part in detail["loc"] if isinstance(part, int) or not part[:1].isupper())


def _sentence(detail: ErrorDetails) -> str:
    """What is wrong and what would be right; never the value, which may be a secret put in the wrong place."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "is missing; add it"
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            bound = next(iter(context.values()))
            return f"must be {detail['type'].replace('_', ' ').replace('than equal', 'than or equal to')} {bound}"
        case "enum" | "literal_error":
            return f"must be one of {context.get('expected')}"
        case "value_error":
            return f"is wrong: {context.get('error')}"
        case _:
            message = detail["msg"]
            return f"is wrong: {message[:1].lower()}{message[1:]}"


def disagreements(site: Site) -> list[str]:
    """What single bounds cannot say: settings that contradict each other."""
    found = [f"{site.path}: journal.{problem}" for problem in site.settings.journal.problems()]
    if site.settings.journal.ack_after == "mirror" and not site.settings.mirror.redis:
        found.append(f'{site.path}: journal.ack_after is "mirror", and mirror.redis does not say where that is')
    if not site.settings.core.token:
        found.append(f"secret core_token is missing: the core takes nothing without it; {how_to_give('core_token')}")
    found += [f"{site.path}: {one}" for one in site.settings.entry.problems([operator.name for operator in site.smpp.operator])]
    if site.settings.queue.enabled and site.settings.queue.key_octets() is None:
        remedy = f"make one with `lapor-gateway key`, the same for all machines, and {how_to_give('queue_key')}"
        found.append(f"secret queue_key must be 32 octets in base64 or hexadecimal; {remedy}")
    letter = site.settings.journal.gateway_letter
    found += [f"{site.path}: cluster.{one}" for one in site.settings.cluster.problems(letter, queue=site.settings.queue.enabled)]
    files = {"core.ca": site.settings.core.ca, "x.ca": site.settings.x.ca if site.settings.x.enabled else None}
    lost = {key: file for key, file in files.items() if file and not file.is_file()}
    found += [f"{site.path}: {key}: {file} cannot be read; write the whole path" for key, file in lost.items()]
    found += dialects.problems(site.settings.core, site.path)
    for name in site.settings.webhook.without_key():
        secret = f"webhook_partner_{name}_key"
        found.append(f"secret {secret} is missing: nobody could be known as {name}; {how_to_give(secret)}")
    if site.settings.x.enabled:
        missing = [name for name in X_SECRETS if not getattr(site.settings.x, name)]
        found += [f"secret x_{name} is missing: [x] is enabled; {how_to_give(f'x_{name}')}" for name in missing]
    return found
