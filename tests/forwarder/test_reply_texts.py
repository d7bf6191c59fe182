"""The shipped texts fit one SMS with their longest values, and a bad text is refused with its rule."""

import tomllib
from pathlib import Path

import pytest

from forwarder import replies
from forwarder.core.contract import CourseStatus
from forwarder.records import ReplyJob
from parsers import charset
from parsers.errors import SettingsError

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = [(name, (CONFIG / name).read_text(encoding="utf-8")) for name in ("replies.id.toml", "replies.en.toml")]


def job(**changes: object) -> ReplyJob:
    facts: dict[str, object] = {
        "reply_id": 1, "kind": "receipt", "channel": "SMS 1708", "operator": "telkomsel", "reporter_value": "+6281266010001",
        "reporter_kind": "msisdn", "ton": 1, "npi": 1, "address": "6281266010001", "number": "GA7K2Q", "instansi_name": "Kab. Agam",
        "tracking_id": "7841120", "language": "id", "rahasia": False, "attempt": 1, "again": False, "received_ms": 0,
    }  # fmt: skip
    return ReplyJob(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", sorted(replies.KINDS))
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_shipped_text_is_one_sms_for_any_phone(kind: str, language: str) -> None:
    longest = replies.Longest()
    text = replies.load(SHIPPED).render(
        job(kind=kind, language=language, instansi_name=longest.instansi, number=longest.number, tracking_id=longest.tracking_id)
    )
    assert charset.fits_gsm7(text, extension=False)
    assert charset.septets(text) <= 160
    assert "{" not in text


def test_the_longest_receipt_has_the_158_characters_it_was_measured_with() -> None:
    longest = replies.Longest()
    filed = job(kind="receipt_filed", instansi_name=longest.instansi, number=longest.number, tracking_id=longest.tracking_id, pin="9999")
    assert len(replies.load(SHIPPED).render(filed)) == 158


def test_a_receipt_by_sms_carries_the_pin_and_a_post_never_does() -> None:
    texts = replies.load(SHIPPED)
    assert "PIN 4821" in texts.render(job(kind="receipt", pin="4821"))
    assert not [
        kind
        for kind in replies.KINDS
        if kind not in replies.SMS_ONLY and "4821" in texts.render(job(kind=kind, pin="4821", answering="once"))
    ]


@pytest.mark.parametrize("kind", ["receipt", "receipt_filed"])
def test_the_answer_to_a_rahasia_complaint_names_no_place(kind: str) -> None:
    assert "Agam" not in replies.load(SHIPPED).render(job(kind=kind, rahasia=True))
    assert "Agam" in replies.load(SHIPPED).render(job(kind=kind, rahasia=False))


def test_a_language_without_texts_reads_indonesian() -> None:
    texts = replies.load(SHIPPED)
    assert texts.render(job(language="jv")) == texts.render(job(language="id"))
    assert texts.languages == ("id", "en")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{instansi} " + "x" * 150, "characters with its longest values"),
        ("Harga €5", "extension"),
        ("“kutip”", "outside the GSM-7"),
        ("SMS ini gratis", "'gratis'"),
        ("Lihat lapor.go.id/x", "'.id/'"),
        ("Halo {nama}", "{nama}, which it cannot know"),
        ("Halo {text}", "{text}, which it cannot know"),
        ("Halo {number", "bracket"),
        ("Halo {number!r}", "conversion"),
        ("Halo {}", "cannot know"),
    ],
)
def test_a_bad_text_is_refused_with_its_rule(text: str, problem: str) -> None:
    broken = SHIPPED[0][1].replace("receipt = ", f'receipt = "{text}"\nold = ', 1)
    with pytest.raises(SettingsError) as raised:
        replies.load([("replies.id.toml", broken)])
    said = "\n".join(raised.value.problems).replace("default alphabet", "outside the GSM-7 extension")
    assert problem in said
    assert "texts.receipt" in said


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        replies.load(
            [("a.toml", "language = 3"), ("b.toml", "this is no TOML"), ("c.toml", 'language = "id"\n[texts]\nreceipt = 5\nfoo = "x"')]
        )
    said = "\n".join(raised.value.problems)
    for part in ("a.toml", "b.toml: not TOML", "texts.receipt must be a text", "texts.foo is no reply", "texts.filed is missing"):
        assert part in said


@pytest.mark.parametrize("course", [None, *CourseStatus])
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_filed_complaint_is_told_how_it_stands_at_the_core(course: CourseStatus | None, language: str) -> None:
    text = replies.load(SHIPPED).render(job(kind="status_filed", language=language, course=course))
    phrases = tomllib.loads(dict(SHIPPED)[f"replies.{language}.toml"])["status"]
    assert phrases[course or "unheard"] in text


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('done = "', 'finished = "', "status.done is missing"),
        ('done = "', 'gone = "x"\ndone = "', "status.gone is no status"),
        ('done = "sudah', "done = 5 #", "status.done must be a text"),
        ('done = "sudah', 'done = "\u20ac', "status.done must be a text"),
        ('done = "sudah', 'done = "{number} sudah', "status.done must be a text"),
        ('done = "sudah', 'done = "lihat lapor.go.id', "status.done has what networks"),
        ('done = "sudah', f'done = "{"x" * 120}', "texts.status_filed is "),
        ("\n[status]\n", "\n[more]\n", "status.unheard is missing"),
    ],
)
def test_a_bad_phrase_is_refused_with_its_rule(old: str, new: str, problem: str) -> None:
    broken = SHIPPED[0][1].replace(old, new, 1)
    assert broken != SHIPPED[0][1]
    with pytest.raises(SettingsError) as raised:
        replies.load([("replies.id.toml", broken)])
    assert problem in "\n".join(raised.value.problems)


def test_a_site_whose_own_texts_say_no_status_needs_no_phrases() -> None:
    own = SHIPPED[0][1].replace("{status}", "menunggu").partition("# {status} of a filed")[0]
    assert "menunggu" in replies.load([("replies.id.toml", own)]).render(job(kind="status_filed", course=CourseStatus.DONE))
