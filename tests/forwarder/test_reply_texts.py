"""The shipped texts fit one SMS with their longest values, and a bad text is refused with its rule."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from forwarder import replies
from forwarder.core.contract import CourseStatus
from forwarder.records import ReplyJob
from parsers import charset
from parsers.errors import SettingsError

CONFIG = Path(__file__).parents[2] / "config"
LANGUAGES = ("id", "en", "jv", "min", "su")
SHIPPED = [(name, (CONFIG / name).read_text(encoding="utf-8")) for name in map("replies.{}.toml".format, LANGUAGES)]
DEFAULT = SHIPPED[:2]
NAMES = ("Kabupaten Banjar", "Kota Banjar", "Kabupaten Kepulauan Siau Tagulandang Biaro", "Kabupaten Agam")
FULL: dict[str, object] = {
    "instansi_name": replies.Longest().instansi, "number": replies.Longest().number, "tracking_id": replies.Longest().tracking_id,
    "pin": "9999", "choices": NAMES, "wish": "keberatan", "due": date(2026, 12, 31), "course": CourseStatus.IN_PROCESS,
    "answer": "Petugas kami sudah ke lokasi. " * 12,
}  # fmt: skip
"""The longest facts a reply can have."""


def job(**changes: object) -> ReplyJob:
    facts: dict[str, object] = {
        "reply_id": 1, "kind": "receipt", "channel": "SMS 1708", "operator": "telkomsel", "reporter_value": "+6281266010001",
        "reporter_kind": "msisdn", "ton": 1, "npi": 1, "address": "6281266010001", "number": "GA7K2Q", "instansi_name": "Kab. Agam",
        "tracking_id": "7841120", "language": "id", "rahasia": False, "attempt": 1, "again": False, "received_ms": 0,
    }  # fmt: skip
    return ReplyJob(**{**facts, **changes})  # type: ignore[arg-type]


def test_every_shipped_file_is_tested_here() -> None:
    assert sorted(path.name for path in CONFIG.glob("replies.*.toml")) == sorted(name for name, _ in SHIPPED)
    assert replies.load(SHIPPED).languages == LANGUAGES


@pytest.mark.parametrize("rahasia", [False, True])
@pytest.mark.parametrize("kind", sorted(replies.KINDS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_text_is_one_sms_for_any_phone(kind: str, language: str, rahasia: bool) -> None:  # noqa: FBT001 - a row
    text = replies.load(SHIPPED).render(job(kind=kind, language=language, rahasia=rahasia, **FULL))
    assert charset.fits_gsm7(text, extension=False)
    assert charset.septets(text) <= 160
    assert "{" not in text
    assert "None" not in text


@pytest.mark.parametrize("kind", sorted(replies.KINDS.keys() - replies.SMS_ONLY))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_text_of_posts_fits_one_post(kind: str, language: str) -> None:
    text = replies.load(SHIPPED).render(job(kind=kind, language=language, answering="once", **FULL))
    assert replies.post_characters(text) <= 280
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


@pytest.mark.parametrize("kind", sorted(replies.KINDS))
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("answering", [None, "once"])
def test_nothing_that_is_said_of_a_rahasia_complaint_names_its_place_or_matter(kind: str, language: str, answering: str | None) -> None:
    """Also not by what is asked, and not by what the instansi wrote; in public not even by its number."""
    told: dict[str, object] = {"instansi_name": "Kab. Agam", "choices": ("Kab. Agam",), "answer": "Pungli di pasar Agam kami periksa."}
    texts = replies.load(SHIPPED)
    hidden = texts.render(job(kind=kind, language=language, answering=answering, rahasia=True, pin="4821", **told))
    found = [one for one in ("Agam", "Pungli", "pasar") if one in hidden.replace("mis. AGAM", "")]
    public = answering is not None and kind not in replies.SMS_ONLY  # those only a program asks for, which passes them on to its citizen
    found += [one for one in ("GA7K2Q", "7841120", "4821") if public and one in hidden]
    assert not found, hidden


@pytest.mark.parametrize("kind", ["receipt", "receipt_filed", "receipt_danger", "ask_region", "news_answer", "news_asks"])
def test_of_any_other_complaint_it_is_said(kind: str) -> None:
    told: dict[str, object] = {"choices": ("Kab. Agam",), "answer": "Jalan di Agam kami periksa."}
    assert "Agam" in replies.load(SHIPPED).render(job(kind=kind, **told))


def test_a_language_without_texts_reads_indonesian() -> None:
    texts = replies.load(DEFAULT)
    assert texts.render(job(language="jv")) == texts.render(job(language="id"))
    assert texts.render(job(language="xx")) == texts.render(job(language="id"))
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
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filed_complaint_is_told_how_it_stands_at_the_core(course: CourseStatus | None, language: str) -> None:
    text = replies.load(SHIPPED).render(job(kind="status_filed", language=language, course=course))
    phrases = tomllib.loads(dict(SHIPPED)[f"replies.{language}.toml"])["status"]
    assert phrases[course or "unheard"] in text


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('\ndone = "', '\nfinished = "', "status.done is missing"),
        ('\ndone = "', '\ngone = "x"\ndone = "', "status.gone is no status"),
        ('\ndone = "sudah', "\ndone = 5 #", "status.done must be a text"),
        ('\ndone = "sudah', '\ndone = "\u20ac', "status.done must be a text"),
        ('\ndone = "sudah', '\ndone = "{number} sudah', "status.done must be a text"),
        ('\ndone = "sudah', '\ndone = "lihat lapor.go.id', "status.done has what networks"),
        ('\ndone = "sudah', f'\ndone = "{"x" * 120}', "texts.status_filed is "),
        ("\n[status]\n", "\n[more]\n", "status.unheard is missing"),
        ("\nkeberatan = ", "\nkeluhan = ", "wishes.keberatan is missing"),
        ("\nkeberatan = ", '\nlain = "x"\nkeberatan = ', "wishes.lain is no wish"),
        ('\nkeberatan = "', f'\nkeberatan = "{"x" * 80}', "texts.granted is "),
        ("\n[wishes]\n", "\n[more]\n", "wishes.rahasia is missing"),
        ('\nother = "', '\nother = "daerah ', "choices.other is 14 characters; at most 9"),
        ("\n[choices]\n", "\n[more]\n", "choices.yes is missing"),
        ("\n12 = ", "\n13 = ", "months.12 is missing"),
        ('\n12 = "', '\n12 = "Bulan ', "texts.status_filed_due is "),
    ],
)
def test_a_bad_phrase_is_refused_with_its_rule(old: str, new: str, problem: str) -> None:
    broken = SHIPPED[0][1].replace(old, new, 1)
    assert broken != SHIPPED[0][1]
    with pytest.raises(SettingsError) as raised:
        replies.load([("replies.id.toml", broken)])
    assert problem in "\n".join(raised.value.problems)


def test_words_that_are_no_table_are_refused() -> None:
    broken = SHIPPED[0][1].replace('language = "id"', 'language = "id"\nwishes = 5').replace("\n[wishes]\n", "\n[more]\n")
    with pytest.raises(SettingsError, match="wishes must be a table"):
        replies.load([("replies.id.toml", broken)])


@pytest.mark.parametrize(("field", "table"), [("status", "[status]"), ("wish", "[wishes]"), ("choices", "[choices]"), ("due", "[months]")])
def test_a_site_whose_own_texts_do_not_name_a_field_needs_no_words_for_it(field: str, table: str) -> None:
    head, tables = SHIPPED[0][1].split("\n# {status} of a filed", 1)
    kept = "".join(f"\n[{one}" for one in f"\n# {tables}".split("\n[")[1:] if not one.startswith(table[1:]))
    own = head.replace(f"{{{field}}}", "menunggu") + kept
    assert table not in own.split("\n")
    assert "menunggu" in replies.load([("replies.id.toml", own)]).render(job(kind=KIND_OF[field], **FULL))
    with pytest.raises(SettingsError, match="is missing"):
        replies.load([("replies.id.toml", head + kept)])


KIND_OF = {"status": "status_filed", "wish": "granted", "choices": "ask_region", "due": "status_filed"}


def test_two_files_of_one_language_are_refused() -> None:
    with pytest.raises(SettingsError, match="another file has language = 'id'"):
        replies.load([*DEFAULT, SHIPPED[0]])


def test_a_day_is_written_as_people_write_it() -> None:
    texts = replies.load(SHIPPED)
    said = {one: texts.render(job(kind="status_filed", language=one, due=date(2026, 12, 9))) for one in LANGUAGES}
    assert "menurut aturan paling lambat 9 Des 2026" in said["id"]
    assert "due on 9 Dec 2026" in said["en"]
    assert all("9 " in text and "2026" in text for text in said.values())
    assert "paling lambat" not in texts.render(job(kind="status_filed"))


@pytest.mark.parametrize("wish", ["rahasia", "anonim", "batal", "keberatan"])
@pytest.mark.parametrize("kind", ["granted", "denied"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_wished_stands_in_the_answer(kind: str, wish: str, language: str) -> None:
    phrase = tomllib.loads(dict(SHIPPED)[f"replies.{language}.toml"])["wishes"][wish]
    assert phrase in replies.load(SHIPPED).render(job(kind=kind, wish=wish, language=language))


def test_a_question_lists_its_choices_and_one_that_has_none_asks_for_the_place() -> None:
    texts = replies.load(SHIPPED)
    assert "1=Kab. Banjar 2=Kota Banjar 0=lainnya" in texts.render(job(kind="ask_region", choices=NAMES[:2]))
    assert "1=ya, Kab. Agam 0=bukan" in texts.render(job(kind="ask_region", choices=NAMES[3:]))
    assert texts.render(job(kind="ask_region")) == texts.render(job(kind="ask_place"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_instansi_wrote_fills_the_room_and_no_more(language: str) -> None:
    text = replies.load(SHIPPED).render(job(kind="news_answer", language=language, **FULL))
    assert 160 - len("lokasi. ") <= charset.septets(text) <= 160
    assert text.endswith("...")


@pytest.mark.parametrize("kind", ["news_answer", "news_asks"])
@pytest.mark.parametrize("answer", [None, "", "\U0001f64f", "https://lapor.go.id/x"])
def test_an_answer_without_words_is_told_without_them(kind: str, answer: str | None) -> None:
    texts = replies.load(SHIPPED)
    assert texts.render(job(kind=kind, answer=answer)) == texts.render(job(kind=kind, answer="Selesai", rahasia=True))


def test_an_answer_may_hold_brackets_and_fields() -> None:
    text = replies.load(SHIPPED).render(job(kind="news_answer", answer="isi {pin} dan {0} {", pin="4821"))
    assert "4821" not in text
    assert "isi (pin) dan (0) (" in text
