"""The run-book, the alert rules and the dashboard agree with the alarms, the metrics, the commands and the settings that exist."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.alarms.page import explained
from gateway.alarms.rules import anchor, promql, rules
from gateway.alarms.settings import AlarmSettings
from gateway.alarms.table import ALARMS, BY_CODE, Alarm
from gateway.cli import parser
from gateway.metrics import ROWS
from gateway.settings import GatewaySettings, records
from parsers.errors import GatewayError
from tests.qa.promql import read
from tests.qa.tracked import ROOT, text

BOOK = text(Path("docs/runbook.md"))
RULES = text(Path("config/prometheus-rules.yaml"))
PAGE = json.loads(text(Path("config/grafana-dashboard.json")))
LEADS = ("Means", "Citizens", "First", "Never", "Over")
PROMETHEUS = {"up": {"job", "instance"}}
"""What Prometheus itself knows of whom it scrapes."""
ENTRIES = dict(re.findall(r"^### (A\d\d [^\n]*)\n(.*?)(?=^##|\Z)", BOOK, re.MULTILINE | re.DOTALL))
by_alarm = pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.code)


# The run-book


def test_each_alarm_has_its_entry_and_each_entry_its_alarm() -> None:
    assert sorted(ENTRIES) == sorted(f"{alarm.code} {alarm.name}" for alarm in ALARMS)


def test_the_table_says_each_code_name_and_severity() -> None:
    rows = re.findall(r"^\| (A\d\d) \| (.*?) \| (.*?) \| .+ \|$", BOOK, re.MULTILINE)
    assert rows == [(alarm.code, alarm.name, alarm.severity.value) for alarm in ALARMS]


@by_alarm
def test_an_entry_answers_the_five_questions(alarm: Alarm) -> None:
    entry = ENTRIES[f"{alarm.code} {alarm.name}"]
    assert tuple(re.findall(r"^- \*\*(\w+)\.\*\* \S", entry, re.MULTILINE)) == LEADS


@by_alarm
def test_the_terminal_explains_it_in_the_same_words(alarm: Alarm) -> None:
    shown = explained(alarm.code.lower())
    assert shown.startswith(f"### {alarm.code} {alarm.name}\n")
    assert shown.count("###") == 1
    assert "**Over.**" in shown


@pytest.mark.parametrize("code", ["", "A00", "A7", "07", "A07; rm", "../A07", "A07\n"])
def test_what_is_no_code_is_a_sentence(code: str) -> None:
    if code.strip() in BY_CODE:
        return
    with pytest.raises(GatewayError, match="is no alarm; they are A01"):
        explained(code)


def commands(page: str) -> Iterator[str]:
    """Every command of ours in a page: in a line of its own, or between backticks."""
    for typed in re.findall(r"^ {4}(lapor-gateway .*)$|`(lapor-gateway [^`]*)`", page, re.MULTILINE):
        yield " ".join(next(filter(None, typed)).split())


def understood(command: str) -> argparse.Namespace:
    """The command as the parser takes it: capital words are what a person fills in."""
    words = [word.replace("…", "x") for word in shlex.split(command)[1:]]
    return parser().parse_args(words)


def test_every_command_in_it_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    found = set(commands(BOOK)) | {one for alarm in ALARMS for one in commands(alarm.first)}
    assert len(found) > 20
    wrong = []
    for command in sorted(found):
        try:
            understood(command)
        except SystemExit:
            wrong.append(f"{command}: {capsys.readouterr().err.splitlines()[-1]}")
    assert not wrong


@pytest.mark.parametrize("words", ["desk lst", "desk list --all", "alarms --explein A01", "journal verify", "cluster forget"])
def test_a_command_that_is_none_is_noticed(words: str) -> None:
    with pytest.raises(SystemExit):
        understood(f"lapor-gateway {words}")


def test_every_option_named_alone_is_an_option_of_some_command() -> None:
    known = set(re.findall(r"`(--[a-z-]+)", text(Path("docs/commands.md"))))
    named = set(re.findall(r"`(--[a-z-]+)", BOOK)) | {option for option in re.findall(r"`(--[a-z -]+)`", BOOK) for option in option.split()}
    assert named <= known


def test_every_unit_and_journal_command_names_a_unit_that_ships() -> None:
    units = {path.stem.rstrip("@") for path in (ROOT / "systemd").iterdir()}
    named = re.findall(r"(?:systemctl \w+|journalctl -u) '?(lapor-[a-z-]+)", BOOK)
    assert named
    assert set(named) <= units


def test_every_setting_in_it_exists() -> None:
    keys: set[str] = set()

    def walk(kind: type, place: str) -> None:
        for key, _, nested in records(kind):
            keys.add(place + key)
            if nested is not None:
                walk(nested, f"{place}{key}.")

    walk(GatewaySettings, "")
    tables = {key.split(".")[0] for key in keys}
    named = {one for one in re.findall(r"`([a-z]+\.[a-z_]+)`", BOOK) if one.split(".")[0] in tables and not one.endswith((".db", ".toml"))}
    assert len(named) > 5
    assert not {one for one in named if not one.startswith("journal.db")} - keys


def test_every_place_in_it_that_is_linked_exists() -> None:
    headings = {re.sub(r"[^a-z0-9 -]", "", one.lower()).replace(" ", "-") for one in re.findall(r"^#+ (.*)$", BOOK, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]*)\)", BOOK)) <= headings


# The rules


def parsed(yaml: str) -> list[dict[str, str]]:
    """The rules of our file: block YAML with JSON's strings, whatever else is a mistake."""
    found: list[dict[str, str]] = []
    for line in yaml.splitlines():
        if line.startswith("#") or line in ("groups:", "  - name: lapor-gateway", "    rules:", "        labels:", "        annotations:"):
            continue
        match = re.fullmatch(r"(?:      - (?=alert)|        |          )(\w+): (\".*\"|[A-Za-z0-9]+)", line)
        assert match is not None, line
        if match[1] == "alert":
            found.append({})
        found[-1][match[1]] = json.loads(match[2]) if match[2].startswith('"') else match[2]
    return found


ALERTS = parsed(RULES)


def test_alerts_have_names_of_their_own() -> None:
    names = [alert["alert"] for alert in ALERTS]
    assert len(set(names)) == len(names)


def test_each_alarm_has_a_rule_and_each_rule_an_alarm() -> None:
    assert {alert["code"] for alert in ALERTS} == set(BY_CODE)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_a_rule_says_what_the_alarm_says(alert: dict[str, str]) -> None:
    alarm, settings = BY_CODE[alert["code"]], GatewaySettings()
    assert alert["severity"] == alarm.severity.value
    assert float(alert.get("for", "0s")[:-1]) == alarm.hold(settings)
    assert float(alert["keep_firing_for"][:-1]) == settings.alarms.clear_seconds
    assert alert["runbook_url"] == f"docs/runbook.md#{anchor(alarm)}"
    assert re.sub(r"[^a-z0-9 -]", "", f"{alarm.code} {alarm.name}".lower()).replace(" ", "-") == anchor(alarm)
    assert alarm.first in alert["description"]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_a_rule_asks_for_metrics_and_labels_that_exist(alert: dict[str, str]) -> None:
    asked_well(alert["expr"])


def asked_well(expression: str, *, grouped: bool = True) -> None:
    query = read(expression)
    assert query.names
    every: set[str] = {"instance", "job"}
    for name, labels in query.metrics:
        known = PROMETHEUS.get(name) or {*ROWS[name].labels, "instance", "job"}
        assert labels <= known, f"{name} has no {labels - known}"
        every |= known
        if name in ROWS:
            assert (ROWS[name].kind == "counter") == (name in query.growing), f"{name} is a {ROWS[name].kind}"
    if grouped:
        assert query.groups <= every, query.groups - every


@by_alarm
def test_a_rule_has_the_limits_of_the_alarm(alarm: Alarm) -> None:
    """Found in the text by a reader of its own, and held against the table's."""
    in_rules: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for alert in ALERTS:
        if alert["code"] == alarm.code:
            query = read(alert["expr"])
            (name, *_) = [name for name, _ in query.metrics]
            in_rules[name] += query.compared
    for sign in alarm.signs(GatewaySettings()):
        assert (sign.compare, pytest.approx(sign.limit)) in in_rules[sign.metric]
        if sign.least:
            assert (">=", sign.least) in in_rules[sign.metric]


@pytest.mark.parametrize(
    "wrong",
    [
        "max by (instance) (lapor_core_falt) >= 1",
        'max by (instance) (lapor_oldest_seconds{status=~"x"}) > 5',
        "max by (instance, bind) (lapor_core_fault) >= 1",
        "sum by (instance) (lapor_refusals_total) >= 50",
        "sum by (instance) (increase(lapor_refusals_total)) >= 50",
        "sum by (instance) (increase(lapor_bind_up[5m])) >= 50",
        "max by (instance) (lapor_core_fault) >=",
        "max by (instance) (lapor_core_fault >= 1",
        "lapor_core_fault >= 1)",
        "lapor_core_fault ?? 1",
        "quantile(lapor_core_fault) > 1",
        'lapor_oldest_seconds{state="x} > 5',
    ],
)
def test_a_wrong_query_is_noticed(wrong: str) -> None:
    with pytest.raises((AssertionError, KeyError, SyntaxError)):
        asked_well(wrong)


def test_another_limit_of_a_site_is_in_its_rules() -> None:
    mine = GatewaySettings(alarms=AlarmSettings(wait_minutes={"ready": 7.0}, silent_messages=0, backup_hours=12, bind_down_seconds=42))
    alerts = parsed(rules(mine))
    assert [alert["expr"] for alert in alerts if alert["code"] == "A04"] == [
        'max by (instance, state) (lapor_oldest_seconds{state=~"ready"}) > 420'
    ]
    assert not [alert for alert in alerts if alert["code"] == "A03"]
    assert {alert["for"] for alert in alerts if alert["code"] == "A01"} == {"42s"}
    (old,) = [alert for alert in alerts if alert["code"] == "A19"]
    assert ("> 43200") in old["expr"]


def test_what_only_prometheus_can_see_is_asked_of_prometheus() -> None:
    dead = next(alert["expr"] for alert in ALERTS if alert["code"] == "A29")
    assert 'up{job="lapor-gateway"} == 0' in dead
    assert "absent(lapor_info)" in dead


def test_a_sign_that_counts_every_series_asks_for_the_best_of_them() -> None:
    (cut_off,) = BY_CODE["A02"].signs(GatewaySettings())
    assert promql(cut_off) == "min by (instance, operator) (lapor_bind_down) >= 1"


# The dashboard

TARGETS = [(f"{panel['title']} {target['refId']}", target) for panel in PAGE["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("target", [target for _, target in TARGETS], ids=[name for name, _ in TARGETS])
def test_a_picture_asks_for_metrics_and_labels_that_exist(target: dict[str, str]) -> None:
    asked_well(target["expr"].replace("$gateway", ".*"))
    query = read(target["expr"])
    known = {"instance", *(label for name in query.names for label in ROWS[name].labels)}
    shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
    assert shown <= (query.groups or known)


def test_the_page_shows_what_matters() -> None:
    shown = {name for _, target in TARGETS for name in read(target["expr"]).names}
    wanted = "bind_up arrivals_total filings_total reply_sendings_total complaints oldest_seconds core_window core_breaker_open"
    wanted += " journal_queue_rows journal_commit_seconds_total workers alarm"
    assert {f"lapor_{name}" for name in wanted.split()} <= shown


def test_pictures_lie_beside_each_other() -> None:
    covered: set[tuple[int, int]] = set()
    for panel in PAGE["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & covered
        assert place["x"] + place["w"] <= 24
        covered |= cells
    assert len({panel["id"] for panel in PAGE["panels"]}) == len(PAGE["panels"])
