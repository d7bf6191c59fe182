"""`lapor-gateway route …` on a site without a running gateway: every task, good tables and bad ones."""

from __future__ import annotations

import pytest

from tests.gateway.site import HEADER, SHIPPED, Folder

WIDER = SHIPPED.replace("PESSEL,13.01", "PESSEL|PESISIR,13.01")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (SHIPPED.encode("utf-16"), "bad.csv:1: not UTF-8 text (UTF-16); save it as 'CSV UTF-8'"),
        (f"{HEADER}\nAGAM,13.06,\nBL\u00c9,13.01,\n".encode("cp1252"), "bad.csv:3: not UTF-8 text (octet 0xC9, perhaps Windows-1252)"),
        ("alias,instansi\nAGAM,x\n", "bad.csv:1: column 'region' is missing"),
        ("alias,region,instansi,nama\nAGAM,13.06,,\n", "bad.csv:1: unknown column 'nama'"),
        (f"{HEADER}\nAGAM,13.06,\n\n# a note\nAGAM,36.03,\n", "bad.csv:5: alias 'AGAM' is also in row 2, for the same days"),
        (
            f"{HEADER},valid_from,valid_to\nAGAM,13.06,,2026-05-01,2026-04-30\n",
            "bad.csv:2: valid_to 2026-04-30 is before valid_from 2026-05-01",
        ),
        (f"{HEADER}\nDHARMA,13.1,\n", "bad.csv:2: 13.1 is no region; meant 13.10 Dharmasraya or 13.01 Pesisir Selatan?"),
        (f"{HEADER}\n" + "AB,13.06,\n" * 1_000_000, "bad.csv:1: more than 20000 rows; this is not a routing table"),
        (f"{HEADER}\n" + "".join(f"Q{n}X,13.06,\n" for n in range(20_001)), "bad.csv:20002: more than 20000 rows"),
        ("", "bad.csv:1: there is no row in it"),
        (b"\0" * 5000, "bad.csv:1: column 'alias' is missing"),
        (f'{HEADER}\n"AGAM,13.06,\n', "bad.csv:2: cannot be read as CSV"),
    ],
    ids=["UTF-16", "cp1252", "missing", "unknown", "duplicate", "backwards", "zero", "million", "many", "empty", "NULs", "quote"],
)
def test_a_bad_table_is_refused_with_its_lines_and_the_running_one_stays(folder: Folder, content: str | bytes, sentence: str) -> None:
    assert folder.route("install", folder.file("good.csv", WIDER), "--why", "wider").code == 0
    before = folder.versions()
    bad = folder.file("bad.csv", content)
    for arguments in (("install", bad, "--why", "worse"), ("install", bad, "--why", "worse", "--owner", "13.06")):
        said = folder.route(*arguments)
        assert said.code == 1
        assert sentence in said.err
        assert "nothing is installed, the old table goes on" in said.err
    said = folder.route("lint", bad)
    assert said.code == 1
    assert sentence in said.out + said.err
    assert folder.versions() == before
    assert "Kab. Pesisir Selatan" in folder.route("explain", "PESISIR jalan rusak").out


def test_what_an_indonesian_excel_writes_is_read_silently(folder: Folder) -> None:
    excel = "\ufeffalias;region;instansi;valid_from;valid_to\r\nAGAM|KABAG;13.06;;01/01/2026;31/12/2099\r\nSUMBER;13.01;;;\r\n"
    said = folder.route("install", folder.file("excel.csv", excel), "--why", "from Excel")
    assert (said.code, said.err) == (0, "")
    explained = folder.route("explain", "KABAG jalan rusak", "--at", "2026-05-01").out
    assert "EXPLICIT" in explained
    assert "routes.csv:2" in explained
    assert "LATE" in folder.route("explain", "KABAG jalan rusak", "--at", "1-1-2100").out
    assert "EARLY" in folder.route("explain", "KABAG jalan rusak", "--at", "2025-12-31").out


def test_lint_says_warnings_and_exits_with_zero_in_both_languages(folder: Folder) -> None:
    table = folder.file("t.csv", f"{HEADER}\nBADUNG,51.03,\n")
    said = folder.route("lint", table)
    assert said.code == 0
    assert f"warning: {table}:2: 'BADUNG' is one slip from bandung" in said.out
    assert said.out.endswith("0 errors, 1 warnings\n")
    said = folder.route("lint", table, "--lang", "id")
    assert f"peringatan: {table}:2: 'BADUNG' hanya beda satu huruf dari bandung" in said.out
    zero = folder.route("lint", folder.file("z.csv", f"{HEADER}\nDHARMA,13.1,\n"), "--lang", "id")
    assert "13.1 bukan kode wilayah; maksudnya 13.10 Dharmasraya atau 13.01 Pesisir Selatan?" in zero.out
    assert folder.route("lint").code == 0


@pytest.mark.parametrize(
    ("text", "channel", "lines"),
    [
        ("LAPOR AGAM lampu mati di Lubuk Basung, hp 081234567890", "sms", ["(lapor: passed over) agam", "EXPLICIT", "13.06 Kab. Agam"]),
        ("BANDNG jalan rusak " * 40, "sms", ["candidates", "characters"]),
        ("banjar baru air mati", "sms", ["AMBIGUOUS", "63.72", "63.03"]),
        ("STATUS G7K2QP", "sms", ["1 command    STATUS G7K2QP"]),
        ("@lapor1708 lampu mati #aduanagam", "x", ["hashtags.csv:", "only hashtags count"]),
        ("AGAM", "sms", ["empty: the citizen is asked to write again"]),
        ("\x1b \u202e", "sms", ["no word in it"]),
        ("AGAM petugas minta uang pungli", "sms", ["abuse of office", "also to"]),
    ],
)
def test_explain_is_one_screen_of_eighty_columns(folder: Folder, text: str, channel: str, lines: list[str]) -> None:
    said = folder.route("explain", text, "--channel", channel)
    page = said.out.split("\nnote: nothing is installed")[0]
    assert not [line for line in lines if line not in page], page
    assert max(map(len, page.splitlines())) <= 80
    assert len(page.splitlines()) <= 25
    assert "\x1b" not in page
    assert "081234567890" not in page


def test_diff_shows_rows_and_decisions_now_and_on_the_days_that_come(folder: Folder) -> None:
    old = folder.file("old.csv", f"{HEADER},valid_to,ordinary\nAGAM,13.06,,,\nJEPARA,33.20,,,ukir\nINHU,14.02,,,\n")
    rows = "AGAM|GAM,13.06,,,\nJEPARA,33.20,,,\nINHU,14.02,,2099-12-31,\nTANGKAB,36.03,,,\n"
    new = folder.file("new.csv", f"{HEADER},valid_to,ordinary\n{rows}")
    said = folder.route("diff", old, new)
    assert said.code == 0
    for line in (
        "~     2  AGAM|GAM → 13.06",
        "         alias: AGAM → AGAM|GAM",
        "+     5  TANGKAB → 36.03",
        "TANGKAB                  national desk (national) → Kab. Tangerang",
        "JEPARA UKIR              national desk (proposed) → Kab. Jepara",
        "INHU                     Kab. Indragiri Hulu → national desk (late)  from 01-01-2100",
    ):
        assert line in said.out, said.out
    same = folder.route("diff", old, old).out
    assert "No row differs." in same
    assert "0 keywords are decided differently." in same
    assert folder.route("diff", old, "nothing").code == 1


def test_an_owner_changes_only_rows_of_the_region(folder: Folder) -> None:
    agam = folder.file("agam.csv", f"{HEADER},unit\nAGAM|KAB AGAM,13.06,,\nAGAM+PDAM,13.06,PDAM Tirta Antokan,PDAM\n")
    said = folder.route("install", agam, "--owner", "13.06", "--why", "our unit")
    assert said.code == 0
    assert "unit: PDAM" in folder.route("explain", "AGAM pdam mati").out
    assert "Kab. Tangerang" in folder.route("explain", "TANGKAB jalan rusak").out
    before = folder.versions()
    cases = {
        f"{HEADER}\nAGAM,13.06,\nTANGKAB2,36.03,\n": ":3: region 36.03 is not in 13.06, for which this is installed",
        f"{HEADER}\nAGAM,13.06,\nKEMENX,,Kementerian X\n": ":3: region - is not in 13.06",
        f"{HEADER}\nAGAM,13.06|36.03,\n": ":2: region 13.06|36.03 is not in 13.06",
        f"{HEADER}\nAGAM,13.06,\nTANGKAB,13.06,\n": ":3: alias 'TANGKAB' is also in row 9, for the same days",
        f"{HEADER}\nAGAM,13.06,\nTANGKAB,36.03,\n": ":3: region 36.03 is not in 13.06",
        f"{SHIPPED}TANGKAB+PDAM,13.06,PDAM,,PDAM,,,,,,,,\n": "'TANGKAB+PDAM' is a unit below a keyword that is not of 13.06",
    }
    for content, sentence in cases.items():
        said = folder.route("install", folder.file("wrong.csv", content), "--owner", "13.06", "--why", "more")
        assert said.code == 1, content
        assert sentence in said.err, said.err
    assert "99.99 is no region code" in folder.route("install", agam, "--owner", "99.99", "--why", "x").err
    assert folder.versions() == before


def test_the_whole_table_with_only_own_rows_changed_is_an_owners_table_too(folder: Folder) -> None:
    whole = folder.file("whole.csv", SHIPPED.replace("\nAGAM,13.06", "\nAGAM|LUBUKBASUNG,13.06"))
    said = folder.route("install", whole, "--owner", "13.06", "--why", "a name more")
    assert (said.code, said.err) == (0, "")
    assert [line for line in said.out.splitlines() if line.startswith(("~", "+", "-"))] == ["~     7  AGAM|LUBUKBASUNG → 13.06"]


def test_an_exported_region_comes_back_without_a_change(folder: Folder) -> None:
    assert folder.route("install", folder.file("a.csv", WIDER), "--why", "first").code == 0
    assert folder.route("export", "--region", "13", "sumbar.csv").code == 0
    assert [line.split(",")[0] for line in (folder.path / "sumbar.csv").read_text().splitlines()] == ["alias", "AGAM", "PESSEL|PESISIR"]
    said = folder.route("install", "sumbar.csv", "--owner", "13", "--why", "the same")
    assert said.code == 0
    assert "No row differs." in said.out
    assert "PESSEL|PESISIR" in folder.route("export").out
    assert folder.route("export", "--region", "77.77").code == 1


def test_history_and_rollback_name_who_and_why(folder: Folder) -> None:
    assert "Nothing is installed" in folder.route("history").out
    for number in (1, 2):
        table = folder.file("t.csv", SHIPPED + f"QWX{number},13.01,,,,,,,,,,,\n")
        assert folder.route("install", table, "--why", f"step {number}", "--who", "Bu Siti").code == 0
    assert len(folder.versions()) == 3
    assert folder.route("rollback", "--why", "too early").code == 0
    page = folder.route("history").out
    assert "Bu Siti (" in page
    assert "too early" in page
    assert "the first table, from" in page
    assert "EXPLICIT" in folder.route("explain", "QWX1 lampu").out
    assert "EXPLICIT" not in folder.route("explain", "QWX2 lampu").out
    assert folder.route("rollback", "--why", "more").code == 0
    said = folder.route("rollback", "--why", "more")
    assert (said.code, "there is nothing to go back to" in said.err) == (1, True)
    assert "QWX" not in folder.route("export").out


def test_learning_a_word_writes_a_table_and_with_yes_installs_it(folder: Folder) -> None:
    said = folder.route("learn", "BASUNG", "13.06")
    assert said.code == 0
    assert "'BASUNG' is one slip from badung" in said.out
    assert "there is no journal here yet" in said.out
    assert (folder.path / "routes-basung.csv").read_text().splitlines()[-1].startswith("BASUNG,13.06,")
    assert folder.versions() == []
    assert folder.route("learn", "BASUNG", "13.06", "--yes").code == 0
    assert "EXPLICIT" in folder.route("explain", "BASUNG lampu mati").out
    assert "is also in row" in folder.route("learn", "AGAM", "36.03").err
    assert "no region code" in folder.route("learn", "FOO", "99.99").err


def test_check_warns_when_the_file_differs_from_what_is_installed(folder: Folder) -> None:
    assert "differs" not in folder.call("check").out
    assert folder.route("install", folder.file("a.csv", WIDER), "--why", "first").code == 0
    assert "differs from the installed routes" in folder.call("check").out
    folder.file("routes.csv", WIDER)
    assert "differs" not in folder.call("check").out


@pytest.mark.parametrize("arguments", [("--since", "7 days"), ("--since", "d"), ("--at", "tomorrow")])
def test_a_wrong_time_is_answered_with_the_right_form(folder: Folder, arguments: tuple[str, str]) -> None:
    said = folder.route("rehearse", "file", *arguments)
    assert said.code == 1
    assert "write" in said.err


def test_config_may_stand_before_the_task_and_behind_it(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAPOR_CONFIG")
    folder.file("routes.csv", f"{HEADER}\nQWXYZ,13.01,\n")
    config = ("--config", str(folder.path / "gateway.toml"))
    for arguments in ((*config, "explain", "QWXYZ lampu"), ("explain", *config, "QWXYZ lampu")):
        assert "EXPLICIT" in folder.route(*arguments).out
