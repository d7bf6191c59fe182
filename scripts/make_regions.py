"""Write config/regions.csv from the npm package idn-area-data; run by hand, never by a build or a test.

Usage: npm pack idn-area-data@4.0.1 && tar xzf idn-area-data-4.0.1.tgz
       python scripts/make_regions.py package > config/regions.csv

The names and codes are the package's (ODbL 1.0, docs/regions.md). Ours are two columns: `short`, the names that people write
instead, and `cue`, which says how much company a name needs before it counts as a place: `di` a preposition or an office
before it, `kab` an office before it, empty nothing. Malang is also bad luck, Batu a stone.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

PACKAGE = "idn-area-data"
PREFIXES = (("Kabupaten Administrasi ", "kabupaten"), ("Kota Administrasi ", "kota"), ("Kabupaten ", "kabupaten"), ("Kota ", "kota"))

HEADER = """\
# Regions of Indonesia by Kemendagri code: 38 provinces, 514 kabupaten and kota, 7285 kecamatan.
# Source: npm {package} {version}, https://github.com/fityannugroho/idn-area-data; written by scripts/make_regions.py.
# Licence: Open Database License (ODbL) 1.0, https://opendatacommons.org/licenses/odbl/1-0/ ; this file is a derived database
# and stays under it. Contains information from idn-area-data, which is made available here under the ODbL. See docs/regions.md.
# short: names people write instead, separated by |.  cue: what must stand before a name that is also a word (di, kab).
"""

SHORT = """
11 nad|nanggroe aceh darussalam
12 sumut|sumatra utara
13 sumbar|sumatra barat
16 sumsel|sumatra selatan
19 babel|bangka belitung|kep bangka belitung
21 kepri|kep riau
31 dki|dki jakarta|jakarta|dkj
32 jabar
33 jateng
34 diy|di yogyakarta|d i yogyakarta|daerah istimewa jogjakarta
35 jatim
52 ntb
53 ntt
61 kalbar
62 kalteng
63 kalsel
64 kaltim
65 kaltara
71 sulut
72 sulteng
73 sulsel
74 sultra
76 sulbar
82 malut
11.12 abdya
11.05 meulaboh
12.01 tapteng
12.02 taput
12.03 tapsel
12.07 deliserdang
12.10 labuhan batu
12.12 toba samosir|tobasa
12.13 madina
12.16 humbahas
12.18 sergai
12.19 batubara
12.20 paluta
12.22 labusel|labuhan batu selatan
12.23 labura|labuhan batu utara
12.72 pematang siantar|siantar
12.74 tanjung balai
12.77 padang sidempuan|padangsidempuan|padang sidimpuan|sidimpuan
12.78 gunung sitoli
13.01 pessel|painan
13.07 50 kota|limapuluh kota
13.09 mentawai
13.11 solsel
13.12 pasbar
13.73 sawah lunto
13.75 bukit tinggi
14.02 inhu
14.04 inhil
14.06 rohul
14.07 rohil
14.09 kuansing
14.10 meranti
14.71 pekan baru|pakanbaru
15.05 muaro jambi|muara jambi
15.06 tanjabbar|tanjab barat
15.07 tanjabtim|tanjab timur
16.01 oku
16.02 oki
16.06 muba
16.08 oku timur|okut
16.09 oku selatan
16.12 pali
16.13 muratara
16.74 prabu mulih
17.06 muko muko
18.05 tuba
18.09 pesawaran
18.10 pring sewu
18.12 tubaba
19.03 basel
19.04 bateng
19.06 beltim
21.01 tanjung uban
21.05 anambas
31.01 kep seribu|pulau seribu
31.71 jakpus
31.72 jakut
31.73 jakbar
31.74 jaksel
31.75 jaktim
32.17 kbb
32.15 krawang
33.04 banjar negara
33.13 karang anyar
33.72 solo
34.03 gunung kidul
34.71 jogja|yogya|jogjakarta|jogyakarta|yogjakarta
35.04 tulung agung
36.74 tangsel
51.07 karang asem
51.05 semarapura
52.01 lobar
52.02 loteng
52.03 lotim
52.07 ksb
52.08 klu
53.02 tts
53.03 ttu
53.06 flotim
53.15 manggarai barat
53.18 sbd
61.12 kuburaya
62.01 kobar
62.02 kotim
62.71 palangka raya
63.04 batola
63.06 hss
63.07 hst
63.08 hsu
63.10 tanbu
63.71 banjar masin
63.72 banjar baru
64.02 kukar
64.07 kubar
64.08 kutim
64.09 ppu
64.11 mahulu
71.01 bolmong
71.03 sangihe
71.04 talaud
71.05 minsel
71.06 minut
71.08 bolmut
71.09 sitaro
71.10 boltim
71.11 bolsel
72.07 bangkep
72.08 parimo
72.09 touna|tojo unauna
72.12 morut
73.01 selayar
73.10 pangkep|pangkajene kepulauan
73.14 sidrap
73.22 lutra
73.24 lutim
73.26 torut
73.71 ujung pandang
73.72 pare pare
74.05 konsel
74.08 kolut
74.09 konut
74.10 butur
74.11 koltim
74.12 konkep
74.13 mubar
74.14 buteng
74.15 busel
74.72 baubau
75.03 bonebol
75.05 gorut
76.01 mamuju utara|matra
76.04 polman|polewali
76.06 mateng
81.01 malteng
81.02 malra
81.03 mtb|maluku tenggara barat|tanimbar
81.05 sbt
81.06 sbb
81.08 mbd
81.07 aru
82.01 halbar
82.02 halteng
82.03 halut
82.04 halsel
82.06 haltim
82.07 morotai
82.08 taliabu
82.72 tidore
91.05 yapen|yapen waropen
91.06 biak
92.03 fakfak
95.01 wamena
96.03 raja ampat
"""

CUES = {
    "kab": "batu batang buru landak puncak bone alor karo tebo mitra tala matra oki aru tuba bone pati kaur sigi buol basel mateng",
    "di": "malang serang padang tegal metro lebak sampang banjar ende bima kediri solok subang sabang kupang palu solo kudus rembang "
    "natuna bangka siak toba asmat sikka belu malaka dairi asahan pidie bungo bintan batam berau paser tual",
}


def main(folder: Path) -> None:
    """Read the package's three tables and print ours."""
    version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    sys.stdout.write(HEADER.format(package=PACKAGE, version=version))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("code", "name", "kind", "parent", "short", "cue"))
    short = dict(line.split(" ", 1) for line in SHORT.strip().splitlines())
    cues = {word: cue for cue, words in CUES.items() for word in words.split()}
    for code, name, kind, parent in sorted(areas(folder)):
        word = name.lower()
        cue = cues.get(word, "") if kind in ("kabupaten", "kota") else ""
        writer.writerow((code, name, kind, parent, short.get(code, ""), cue))


def areas(folder: Path) -> list[tuple[str, str, str, str]]:
    """Every province, kabupaten, kota and kecamatan as (code, name without its kind, kind, code of the parent)."""
    found = [(row["code"], row["name"], "provinsi", "") for row in table(folder, "provinces")]
    for row in table(folder, "regencies"):
        prefix, kind = next((prefix, kind) for prefix, kind in PREFIXES if row["name"].startswith(prefix))
        found.append((row["code"], row["name"].removeprefix(prefix), kind, row["province_code"]))
    found += [(row["code"], row["name"], "kecamatan", row["regency_code"]) for row in table(folder, "districts")]
    return found


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """One of the package's CSV files."""
    with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
