"""Which keyword stands at the head, how sure that is, and what is left of the text (DOMAIN §1.1, §1.4, §5.1)."""

from __future__ import annotations

import datetime as dt

import pytest

from parsers import keyword, tags
from parsers.model import Candidate, Certainty, Decision, Hints
from tests.tables import DAY, HASHTAGS, REGIONS, TABLE, table

EXPLICIT, PROPOSED, AMBIGUOUS = Certainty.EXPLICIT, Certainty.PROPOSED, Certainty.AMBIGUOUS
NATIONAL, LATE, EARLY, HINTED = Certainty.NATIONAL, Certainty.LATE, Certainty.EARLY, Certainty.HINTED


def match(text: str) -> Decision:
    return keyword.match(TABLE, text, DAY)


def body(text: str) -> str:
    start, end = match(text).body
    return text[start:end]


PUBLISHED = [
    ("AGAM jalan rusak", "13.06"),
    ("TANGKAB jalan rusak", "36.03"),
    ("INHU jalan rusak", "14.02"),
    ("kulonprogo jalan rusak", "34.01"),
    ("BANJAR jalan rusak", "63.03"),
    ("BANJARBARU jalan rusak", "63.72"),
    ("MADIUNKOTA jalan rusak", "35.77"),
    ("PESSEL jalan rusak", "13.01"),
    ("halobupati jalan rusak", "33.27"),
    ("HALLO DEMAK jalan rusak", "33.21"),
    ("KAB. NGANJUK jalan rusak", "35.18"),
    ("HALLO\nDEMAK\njalan rusak", "33.21"),
    ("Kemsos jalan rusak", None),
]


@pytest.mark.parametrize(("text", "region"), PUBLISHED)
def test_every_published_keyword_is_explicit(text: str, region: str | None) -> None:
    decision = match(text)
    assert (decision.certainty, decision.region, body(text)) == (EXPLICIT, region, "jalan rusak")
    assert decision.version == TABLE.version
    assert decision.rule.startswith("routes.csv:")


COPIED = [
    ("AGAM (spasi) aduan", "13.06", "aduan"),
    ("SMS (AGAM (spasi) aduan) kirim ke 1708", "13.06", "aduan"),
    ("TANGKAB (spasi) isi aduan kirim ke 1708", "36.03", "isi aduan"),
    ("INHU (spasi) isi laporan/aduan", "14.02", "isi laporan/aduan"),
    ("format kulonprogo spasi isi aduan", "34.01", "isi aduan"),
    ("Ketik : BANJAR(SPASI) ISI ADUAN", "63.03", "ISI ADUAN"),
    ("BANJARBARU(spasi)isi keluhan", "63.72", "isi keluhan"),
    ("MADIUNKOTA(spasi)ISI ADUAN kirim ke 1708", "35.77", "ISI ADUAN"),
    ("PESSEL- spasi- Pengaduan", "13.01", "Pengaduan"),
    ('"halobupati (spasi) isikan aduan"', "33.27", "isikan aduan"),
    ('ketik "HALLO DEMAK" kirim ke nomor 1708', "33.21", ""),
    ("KAB. NGANJUK<spasi>isi aduan/aspirasi", "35.18", "isi aduan/aspirasi"),
    ("SMS ke 1708 dengan format: Kemsos (spasi) aduan", None, "aduan"),
    ("Ketik AGAM spasi jembatan putus kirim ke 1708", "13.06", "jembatan putus"),
]


@pytest.mark.parametrize(("text", "region", "left"), COPIED)
def test_a_published_instruction_copied_as_it_stands_is_understood(text: str, region: str | None, left: str) -> None:
    assert (match(text).certainty, match(text).region, body(text)) == (EXPLICIT, region, left)


FIXTURES = [
    ("AGAM jln rusak parah di nagari lawang kec matur, tlg diperbaiki", EXPLICIT, "13.06"),
    ("agam#lampu jalan mati dpn pasar lubuk basung sdh 2 mggu", EXPLICIT, "13.06"),
    ('"AGAM" (spasi) air pdam mati 3 hari', EXPLICIT, "13.06"),
    ("Ketik AGAM spasi jembatan putus kirim ke 1708", EXPLICIT, "13.06"),
    ("AGAM", EXPLICIT, "13.06"),
    ("AGM jalan berlubang", PROPOSED, "13.06"),
    ("KAB. NGANJUK pungutan di sekolah", EXPLICIT, "35.18"),
    ("kab nganjuk: pungutan di sekolah", EXPLICIT, "35.18"),
    ("HALLO DEMAK pupuk subsidi langka", EXPLICIT, "33.21"),
    ("BANJARBARU sampah menumpuk", EXPLICIT, "63.72"),
    ("BANJAR BARU sampah menumpuk", AMBIGUOUS, None),
    ("BANJAR ktp blm jadi", EXPLICIT, "63.03"),
    ("BADUNG pkl di pantai", NATIONAL, None),
    ("lapor 1708! rsud antri dr subuh, bengkulu", NATIONAL, None),
    ("LAPOR AGAM puskesmas tutup", EXPLICIT, "13.06"),
    ("kemsos bansos blm cair an. siti, nik 3507xxxxxxxxxxxx", EXPLICIT, None),
    ("Rahasia: kepala desa minta uang utk surat", NATIONAL, None),
]


@pytest.mark.parametrize(("text", "certainty", "region"), FIXTURES)
def test_the_fixtures_of_the_domain_notes_hold(text: str, certainty: Certainty, region: str | None) -> None:
    assert (match(text).certainty, match(text).region) == (certainty, region)


def test_banjar_baru_names_both_candidates() -> None:
    assert {candidate.region for candidate in match("BANJAR BARU sampah").candidates} == {"63.03", "63.72"}


@pytest.mark.parametrize("separator", [" ", "#", ":", "-", ",", ".", "/", "|", " - ", "\n", "\t", "\u00a0", "  ", "\u2014", "!", " : "])
def test_every_separator_parts_keyword_and_body(separator: str) -> None:
    text = f"AGAM{separator}jalan rusak"
    assert (match(text).certainty, body(text)) == (EXPLICIT, "jalan rusak")


@pytest.mark.parametrize(
    "head",
    [
        "agam",
        "Agam",
        "\uff21\uff27\uff21\uff2d",
        "\u00c1gam",
        "AG\u200bAM",
        '"AGAM"',
        "\u201cAGAM\u201d",
        "'AGAM'",
        "(AGAM)",
        "#AGAM",
        "*AGAM*",
        "\U0001f64f AGAM",
        "  AGAM",
    ],
)
def test_case_width_accents_quotes_and_emoji_do_not_hide_a_keyword(head: str) -> None:
    text = f"{head} jalan rusak"
    assert (match(text).region, body(text)) == ("13.06", "jalan rusak")


@pytest.mark.parametrize(
    "greeting",
    [
        "Assalamualaikum wr wb,",
        "Yth admin",
        "Selamat pagi min",
        "min",
        "LAPOR",
        "LAPOR!",
        "lapor 1708!",
        "@LAPOR1708",
        "Halo",
        "Selamat siang pak,",
        "Ketik",
        "izin lapor min",
        "saya mau lapor",
        "mohon maaf sebelumnya",
        "Mohon izin melapor:",
        "Sugeng enjing,",
        "Wilujeng siang min",
        "salam sejahtera bagi kita semua",
        "Lapor komandan,",
        "Selamat malam bapak/ibu",
        "Kepada Yth. Bapak Bupati Agam,",
        "Yth. Bapak Camat Lubuk Basung,",
        "Kpd Yth Kepala Dinas PU Agam,",
        "Bapak Jokowi,",
        "Bismillahirrahmanirrahim.",
        "aduan",
        "Perihal:",
        "1.",
        "ktk",
    ],
)
def test_greetings_and_national_prefixes_leave_the_head_to_the_keyword(greeting: str) -> None:
    assert match(f"{greeting} AGAM jalan rusak").certainty is EXPLICIT


NOT_A_KEYWORD = [
    "AGAMKU indah",
    "agama kami dihina",
    "jalan di AGAM rusak",
    "tolong AGAM",
    "jalan agam rusak",
    "banjir di desa kami",
    "Agamemnon",
    "nganjuk jalan rusak",
    "SMS saya tidak dibalas",
    "BBM langka di sini",
    "lapor jalan rusak",
    "1708",
    "",
    "   ",
    "?!",
    "saya warga AGAM jalan rusak",
    "tolong pak bupati AGAM jalan rusak",
    "pak jalan rusak, AGAM gelap",
    "kami mohon bupati turun, AGAM gelap",
    "2 AGAM jalan rusak",
]


@pytest.mark.parametrize("text", NOT_A_KEYWORD)
def test_a_word_inside_the_text_or_inside_a_word_never_routes(text: str) -> None:
    assert match(text).certainty is NATIONAL
    assert match(text).region is None


DOUBTFUL = [
    ("BANJAR NEGARA sampah", AMBIGUOUS, {"63.03", "33.04"}),
    ("BANJAR MASIN sampah", AMBIGUOUS, {"63.03", "63.71"}),
    ("KOTA BANJAR sampah", AMBIGUOUS, {"63.03", "32.79"}),
    ("BANJAR KOTA sampah", AMBIGUOUS, {"63.03", "32.79"}),
    ("BANJAR-BARU sampah", AMBIGUOUS, {"63.03", "63.72"}),
    ("banjar dinas kami rusak", PROPOSED, {"63.03"}),
    ("pak Agam memukul saya", PROPOSED, {"13.06"}),
    ("halo bupati, jalan rusak", PROPOSED, {"33.27"}),
]


@pytest.mark.parametrize(("text", "certainty", "regions"), DOUBTFUL)
def test_what_may_mean_another_place_or_nothing_is_asked(text: str, certainty: Certainty, regions: set[str]) -> None:
    decision = match(text)
    assert decision.certainty is certainty
    assert {candidate.region for candidate in decision.candidates} == regions


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("KAB AGAM jalan", "13.06"),
        ("Kabupaten Agam: jalan", "13.06"),
        ("KAB BANJAR sampah", "63.03"),
        ("KULON PROGO jalan", "34.01"),
        ("MADIUN KOTA x", "35.77"),
    ],
)
def test_the_official_name_of_the_keywords_region_is_as_good_as_the_keyword(text: str, region: str | None) -> None:
    assert (match(text).certainty, match(text).region) == (EXPLICIT, region)


TYPOS = [
    ("KUL0NPR0G0 irigasi kering", "34.01"),
    ("AGAAM jalan", "13.06"),
    ("AGMA jalan", "13.06"),
    ("4GAM jalan", "13.06"),
    ("AGAMjalan rusak", "13.06"),
    ("agamjalan rusak", "13.06"),
    ("TANGKBA jalan", "36.03"),
    ("PESSSEL jalan", "13.01"),
    ("BANJARBARUU sampah", "63.72"),
    ("HALO DEMAK pupuk", "33.21"),
    ("hallo demk pupuk", "33.21"),
    ("KULON PRGO jalan", "34.01"),
    ("banjarbarusampah numpuk", "63.72"),
    ("KAB NGANJK jalan", "35.18"),
    ("MADIUNKTA jalan", "35.77"),
    ("H4LOBUPATI jalan", "33.27"),
    ("KEMSO5 bansos", None),
]


@pytest.mark.parametrize(("text", "region"), TYPOS)
def test_a_typo_proposes_and_never_decides(text: str, region: str | None) -> None:
    decision = match(text)
    assert (decision.certainty, decision.region) == (PROPOSED, region)
    assert decision.body == (0, len(text))


NEAR = table("BADUNG,51.03,", "BANDUNG,32.73,", "BINJAI,12.75,", "SINJAI,73.07,", "SABANG,11.72,", "SUBANG,32.13,")


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("BADUNG x", "51.03"),
        ("BANDUNG x", "32.73"),
        ("BINJAI x", "12.75"),
        ("SINJAI x", "73.07"),
        ("SABANG x", "11.72"),
        ("SUBANG x", "32.13"),
    ],
)
def test_one_of_a_near_pair_is_never_corrected_to_the_other(text: str, region: str | None) -> None:
    assert keyword.match(NEAR, text, DAY).region == region


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("BANDNG jalan", {"51.03", "32.73"}),
        ("BADNUNG jalan", {"51.03", "32.73"}),
        ("INJAI jalan", {"12.75", "73.07"}),
        ("SBANG jalan", {"11.72", "32.13"}),
    ],
)
def test_a_typo_between_a_near_pair_is_ambiguous(text: str, regions: set[str]) -> None:
    decision = keyword.match(NEAR, text, DAY)
    assert decision.certainty is AMBIGUOUS
    assert regions <= {candidate.region for candidate in decision.candidates}


TWINS = sorted({name for name, codes in REGIONS.by_name.items() if {"kabupaten", "kota"} <= {REGIONS[code].kind for code in codes}})


@pytest.mark.parametrize("name", TWINS)
def test_the_other_one_of_twins_is_never_taken_for_the_keywords_region(name: str) -> None:
    own, other = (next(code for code in REGIONS.by_name[name] if REGIONS[code].kind == kind) for kind in ("kabupaten", "kota"))
    small = table(f"{name.upper()},{own},")
    assert keyword.match(small, f"{name.upper()}: jalan rusak", DAY).region == own
    assert keyword.match(small, f"KAB {name} jalan rusak", DAY).region == own
    decision = keyword.match(small, f"KOTA {name} jalan rusak", DAY)
    assert decision.certainty is AMBIGUOUS
    assert other in {candidate.region for candidate in decision.candidates}


BARE = {name: codes for name, codes in REGIONS.by_name.items() if any(len(code) == 5 for code in codes)}
PREFIXES = sorted(
    (short, long)
    for short in BARE
    for long in BARE
    if long.startswith(short) and long != short and len(long) - len(short) > 2 and not set(BARE[short]) & set(BARE[long])
)


@pytest.mark.parametrize(("short", "long"), PREFIXES)
def test_a_longer_name_that_begins_with_a_keyword_is_not_the_keyword(short: str, long: str) -> None:
    own = next(code for code in BARE[short] if len(code) == 5)
    small = table(f"{short.upper()},{own},")
    for head in (long.upper(), f"{short.upper()} {long[len(short) :].upper()}"):
        assert keyword.match(small, f"{head} jalan rusak", DAY).certainty is not EXPLICIT, head


EVERYDAY = table("BATANG,33.25,,pohon|kayu", "MALANG,35.07,,nasib", "SABANG,11.72,,*", columns="alias,region,instansi,ordinary")


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("BATANG pohon tumbang", PROPOSED),
        ("MALANG nasib kami", PROPOSED),
        ("SABANG hari jalan rusak", PROPOSED),
        ("SABANG jalan rusak", PROPOSED),
        ("BATANG jalan rusak", EXPLICIT),
        ("MALANG: nasib kami", EXPLICIT),
        ("SABANG# jalan rusak", EXPLICIT),
        ("SABANG (spasi) jalan", EXPLICIT),
        ("SABANG", EXPLICIT),
    ],
)
def test_a_keyword_that_is_an_everyday_word_needs_its_company(text: str, certainty: Certainty) -> None:
    assert keyword.match(EVERYDAY, text, DAY).certainty is certainty


@pytest.mark.parametrize(
    ("text", "keyword_", "heirs"),
    [
        ("Kumham (spasi) Aduan", "KUMHAM", 3),
        ("BBM: antri panjang", "BBM", 1),
        ("SMS(spasi)1234567890(spasi)bantuan belum cair", "SMS <nomor>", 1),
    ],
)
def test_dead_campaigns_and_renamed_bodies_are_late_and_name_their_heirs(text: str, keyword_: str, heirs: int) -> None:
    decision = match(text)
    assert (decision.certainty, decision.region, decision.keyword, len(decision.candidates)) == (LATE, None, keyword_, heirs)


def test_a_row_counts_from_its_first_day_to_its_last() -> None:
    dated = table("AGAM,13.06,,2026-01-10,2026-01-20", columns="alias,region,instansi,valid_from,valid_to")
    seen = [keyword.match(dated, "AGAM jalan", dt.date(2026, 1, day)).certainty for day in (9, 10, 20, 21)]
    assert seen == [EARLY, EXPLICIT, EXPLICIT, LATE]


def test_an_alias_may_pass_to_another_region_on_a_day() -> None:
    moved = table("ABC,13.06,,,2026-01-20", "ABC,13.07,,2026-01-21,", columns="alias,region,instansi,valid_from,valid_to")
    assert [keyword.match(moved, "ABC jalan", dt.date(2026, 1, day)).region for day in (20, 21)] == ["13.06", "13.07"]


def test_the_longest_alias_counts_and_a_unit_word_names_the_unit() -> None:
    small = table("AGAM,13.06,,", "AGAM BARAT,13.07,,", "AGAM+PDAM,13.06,PDAM Tirta Agam,PDAM", columns="alias,region,instansi,unit")
    assert keyword.match(small, "AGAM BARAT jalan", DAY).region == "13.07"
    assert keyword.match(small, "AGAM air pdam mati", DAY).unit == "PDAM"
    assert keyword.match(small, "AGAM jalan rusak", DAY).unit is None


def test_a_hint_gives_a_region_only_where_no_keyword_did() -> None:
    hints = Hints(regions=("17", "17.71"))
    assert keyword.weigh(TABLE, match("lapor 1708! rsud antri"), hints).certainty is HINTED
    assert keyword.weigh(TABLE, match("lapor 1708! rsud antri"), hints).region is None
    assert keyword.weigh(TABLE, match("rsud antri"), Hints(regions=("13.06",))).region == "13.06"


def test_other_regions_in_an_explicit_text_are_recorded_and_change_nothing() -> None:
    decision = match("AGAM jalan")
    assert keyword.weigh(TABLE, decision, Hints(regions=("13", "13.06"))) == decision
    weighed = keyword.weigh(TABLE, decision, Hints(regions=("13.06", "13.71")))
    assert (weighed.certainty, weighed.region, weighed.body) == (EXPLICIT, "13.06", decision.body)
    assert [candidate.region for candidate in weighed.candidates] == ["13.71"]
    assert keyword.weigh(TABLE, match("BANJAR ktp"), Hints(regions=("32.79", "63.03"))).candidates == ()


def test_an_abuse_of_office_never_goes_to_the_office_alone() -> None:
    assert keyword.weigh(TABLE, match("AGAM pungli"), Hints(oversight=True)).oversight == "Admin Nasional SP4N-LAPOR!"
    watched = table("AGAM,13.06,,Inspektorat Kab. Agam", columns="alias,region,instansi,oversight")
    decision = keyword.match(watched, "AGAM pungli", DAY)
    assert keyword.weigh(watched, decision, Hints(oversight=True)).oversight == "Inspektorat Kab. Agam"
    assert keyword.weigh(watched, decision, Hints()).oversight is None


@pytest.mark.parametrize(
    ("tag", "certainty", "region"),
    [
        ("#AduanAgam", EXPLICIT, "13.06"),
        ("\uff03aduanagam", EXPLICIT, "13.06"),
        ("#laporjogja", AMBIGUOUS, None),
        ("#lapor", NATIONAL, None),
        ("#aduanagamku", NATIONAL, None),
    ],
)
def test_a_hashtag_counts_whole(tag: str, certainty: Certainty, region: str | None) -> None:
    decision = tags.match_tag(HASHTAGS, tag, DAY)
    assert (decision.certainty, decision.region) == (certainty, region)


def test_citizens_read_the_name_of_the_row_that_decided_and_else_the_national_desks() -> None:
    assert TABLE.name_of(match("AGAM jalan")) == "Kab. Agam"
    assert TABLE.name_of(match("AGM jalan")) == "Admin Nasional"


def test_a_head_of_nothing_but_greetings_is_read_to_its_end() -> None:
    text = "assalamualaikum wr wb selamat pagi yth admin " * 3 + "AGAM jalan rusak"
    assert (match(text).region, body(text)) == ("13.06", "jalan rusak")


def test_the_citizens_own_sentence_about_1708_stays() -> None:
    assert body("AGAM jalan rusak sudah saya kirim ke 1708") == "jalan rusak sudah saya kirim ke 1708"


def test_candidates_carry_who_answers_and_what_suggested_it() -> None:
    assert match("AGM jalan").candidates == (Candidate("13.06", "Pemerintah Kabupaten Agam", "AGAM"),)


def test_digits_for_letters_are_read_before_a_slip_in_the_words_behind() -> None:
    assert {candidate.region for candidate in match("B4NJAR kartu keluarga").candidates} == {"63.03", "32.79"}


def test_a_typo_in_the_rest_of_a_longer_name_does_not_leave_the_shorter_keyword() -> None:
    small = table("NIAS,12.04,", "BANDUNG,32.04,")
    for text in ("NIAS SELTAN jalan rusak", "BANDUNG BRAT jalan rusak", "NIAS UTRAA jalan rusak"):
        assert keyword.match(small, text, DAY).certainty is AMBIGUOUS, text
    assert keyword.match(small, "NIAS udara kotor", DAY).certainty is EXPLICIT
