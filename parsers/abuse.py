"""Pranks: texts with nothing in them that anybody could act upon, and never a citizen's anger.

*Pemerintah tolol, jalan rusak dari dulu* is a complaint; *tolol lu semua* is none. So a score is given to what is left when every word
that says something has had its chance: one word of trouble, danger or abuse of office, and the score is 0, whatever else is said. New
channels are swamped with pranks in their first weeks (Lapor Mas Wapres, 11-2024), and every one that is filed costs an officer his time;
what scores is laid before a person, with the ordinary receipt, and goes on by itself when nobody has time for it.
"""

from __future__ import annotations

import re
from itertools import pairwise

from parsers.text import Shadow, shadow_of
from parsers.text import words as found
from parsers.vocabulary import CUES, ORDINARY, Cue

PRANK_MIN = 3
"""From this score on a person should look first."""

WORDS_MAX = 40  # Ours: longer pranks exist, and are cheaper to read than a complaint is to lose.
SAYS = frozenset({Cue.TROUBLE, Cue.DANGER, Cue.OVERSIGHT, Cue.FUND, Cue.CUT, Cue.TAKEN, Cue.FEAR, Cue.RAHASIA, Cue.DISTRICT})
"""Cues of a matter: with one of them it is a complaint."""

_EMPTY = """
tidak tdk gak ga nggak gk belum blm blum lapor aduan keluhan rahasia parah salah mati gila sakit gelap kering bantuan lama
laporan minta gaji
"""
EMPTY = frozenset(_EMPTY.split())
"""Words with such a cue that say nothing alone: *gak lucu*, *mau lapor dong*, *otak mati*, *minta pulsa*."""

_INSULTS = """
anjing anjng anjg anjir anjrit anjay bangsat bgst bangsad babi monyet kunyuk tolol goblok goblog gblk bego bodoh bodo dungu idiot
kontol kntl memek ngentot ngentod entot tai taik tahi setan iblis bajingan bajingn brengsek brengsekk kampret keparat sialan pukimak kimak
cukimai bacot banci bencong lonte perek jablay edan sinting pepek itil kafir laknat jahanam bedebah kurap tempik fuck fck shit bitch
asu jancok jancuk dancok cuk cok gathel gatel gateli ndasmu matamu raimu rai cangkemmu lambemu kirik celeng wedus pekok gendeng kopok
anying anjis belegug kehed koplok jurig siah bagong eusleum cileuh
pantek pantak kanciang kalera ongok paja cirik anjiang kanciong ampang
sundal telaso tailaso kongkong suntili
"""
INSULTS = frozenset(_INSULTS.split())
"""Short lists: Indonesian, then Javanese, Sundanese, Minang, Bugis-Makassar and Ambon."""

_FILLERS = """
ya yah y iya lu lo loe elu kau kamu kalian km ente semua semuanya dasar emang memang si lah deh dong donk kok sih banget bgt aja saja
woi woy oi oy hey hei hai hi halo hallo helo p pp ping tes test testing tester ngetes coba cobacoba satu dua tiga cek ricek iseng
isengan gabut bosan bosen min mimin admin pak pa bu bapak bpk ibu mas mbak bro gan sis bang kak om tante itu ini yang yg dan juga kayak
kaya kyk kek otak muka mulut mata kepala otaknya mukanya udang kosong pemerintah presiden bupati gubernur walikota polisi dpr dprd
pejabat lurah camat kades menteri negara indonesia rakyat lapor laporan sms nomor no apa siapa mana kenapa ngapain haha wkwk he hehe
hihi huhu lol lucu ada di ke dari akan you sia sire ang waang koe kowe maneh kabeh gak ga tidak tdk nggak gk mau mw lg lagi orang jadi
to ta tuh nih nich eh ah oh uh ih aduh waduh hadeh hadeuh cie ciye ehem
"""
FILLERS = frozenset(_FILLERS.split())
"""Words that add nothing: address, courtesy, trying out."""

LAUGHTER = re.compile(r"w?(?:k+w+)+k*|(?:ha|ah){2,}h?|(?:he|eh){2,}h?|(?:hi|ih){2,}h?|(?:hu){2,}|(?:xi){2,}|lo+l|rofl")
REPEATED = re.compile(r"(\w{1,3})\1{3,}\w?|(\w)\2{4,}")
"""One to three letters again and again: aaaaa, lalalala, tesstestes is none."""

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz", "abcdefghijklm", "1234567890", "0987654321")
ROW_LETTERS_MIN = 5
ROW_LETTERS_LEAST = 3  # beside other nonsense: *asdfgh jkl*
NUMBER_DIGITS_MIN = 9  # Ours: a shorter number may be ours, the core's, or part of an answer
BESIDE_A_JOKE_MAX = 2  # words: *petugas minta uang* has three
VOWELLESS_MIN = 7  # Ours: `spnjg`, `trsnyg` are short forms; seven consonants in a row no word and no short form has.
_VOWELLESS = re.compile(rf"[bcdfghjklmnpqrstvwxz]{{{VOWELLESS_MIN},}}")

_JOKES = r"""
\b(?:minta|mnta|kirim(?:in|i)?|isi(?:in)?|bagi|transfer|tf)\s(?:dong |aku |saya )*(?:pulsa|kuota|duit jajan|saldo|skin|diamond)\b
\b(?:cari(?:in|kan)?|butuh|minta|pengen|mau)\s(?:saya |aku |dong |punya )*(?:jodoh|pacar|istri|suami|janda|gebetan|cewek|cowok)\b
\b(?:kenalan|knalan|kenal(?:an)? (?:dong|yuk|donk))\b|\bboleh (?:kenalan|minta (?:nomor|no|wa|pin))
\b(?:i love you|i ?lo+ve? ?u|aku (?:cinta|sayang|kangen|rindu) (?:kamu|km|padamu|kau)|sayangku|kangen kamu|miss you)\b
\b(?:lagi apa|lg apa|(?:sudah|udah|dah|sdh) (?:makan|mandi)|tidur sana|bobo(?:k)? yuk|met bobo|selamat ulang tahun)\b
\b(?:cuma|cm|hanya|sekedar|sekadar)\s(?:iseng|ngetes|tes|coba|nyoba|test|mau tau|main2?|bercanda|becanda|gabut)\b
\b(?:salah|slh) (?:sambung|kirim)\b|\botak (?:udang|kosong|dengkul|kerbau)\b
\b(?:berani|brani)\s(?:gak|ga|nggak|kah|lu|balas|bales|tantang)\b|\bkalau berani\b|\bayo balas\b|\bbalas (?:kalo|kalau) (?:berani|bisa)\b
\b(?:sebar|sebarkan|forward|teruskan|kirim) (?:pesan |sms )?(?:ini )?ke \d+ (?:orang|teman|kontak)\b|\bkalau tidak (?:kamu )?akan sial\b
\b(?:hantu|pocong|kuntilanak|genderuwo|tuyul|vampir|alien|ufo|naga|godzilla|ultraman|spiderman|batman|doraemon|naruto)\b
\b(?:tebak|tebakan|tebak2an|pantun|teka[- ]teki)\b|\bk(?:e)?napa ayam\b
\b(?:mabar|push rank|mobile ?legends?|free ?fire|gacor|maxwin|zeus)\b
\b(?:mantan|pacar|gebetan|crush|doi|mertua)\s(?:saya|aku|ku|gue|gw)\s(?:selingkuh|ninggalin|jahat|cantik|ganteng|galak|cerewet)\b
\b(?:pr|tugas|ulangan|ujian) (?:matematika|mtk|ipa|ips)\b|\btolong kerj(?:ain|akan) pr\b
\bjadikan (?:saya|aku) (?:presiden|menteri|raja)\b
"""
JOKES = re.compile("|".join(_JOKES.strip().splitlines()))

_HINTS = """
pulsa kuota jajan saldo skin diamond jodoh pacar istri suami janda gebetan cewek cowok kenalan knalan kenal boleh love cinta sayang kangen
rindu sayangku miss lagi lg makan mandi tidur bobo bobok ulang cuma cm hanya sekedar sekadar salah slh otak berani brani balas sebar
sebarkan forward teruskan kirim sial hantu pocong kuntilanak genderuwo tuyul vampir alien ufo naga godzilla ultraman spiderman batman
doraemon naruto tebak tebakan tebak2an pantun teka kenapa knapa mabar push mobile mobilelegend mobilelegends free freefire gacor maxwin zeus
mantan crush doi mertua pr tugas ulangan ujian jadikan
"""
HINTS = frozenset(_HINTS.split())
"""A word of each joke: without one of them no joke is looked for."""

SURE, LIKELY = 3, 2


def score(text: str | Shadow) -> int:
    """How much speaks for a prank and nothing against it: 0 for whatever may be a complaint; never raises."""
    shadow = shadow_of(text)
    words = shadow.words
    if not words:
        return SURE if shadow.folded.strip() else 0
    if says_something(shadow):
        return 0
    if not HINTS.isdisjoint(words):
        rest, jokes = JOKES.subn(" ", shadow.folded)
        if jokes and len(_left(found(rest))) <= BESIDE_A_JOKE_MAX:
            return SURE
    insults = sum(word in INSULTS for word in words)
    if not insults and any(map(_speaks, words)):
        return 0
    left = _left(words)
    if insults == len(left):  # who tries the number with *halo* or *tes* wants to know whether somebody is there
        return SURE * (insults > 0 or any(map(_silly, words)))
    return LIKELY * (insults > 1) + (insults * 3 >= len(left) and not _of_something(left))


def says_something(shadow: Shadow) -> bool:
    """Whether it is so long, or has such a word, that it is looked at no further."""
    return len(shadow.words) > WORDS_MAX or any(map(_says, shadow.words))


def is_prank(text: str | Shadow) -> bool:
    """Whether a person should look first."""
    return score(text) >= PRANK_MIN


def _says(word: str) -> bool:
    """Whether a word names a matter."""
    return word not in EMPTY and word not in INSULTS and CUES.get(word) in SAYS


def _left(words: list[str]) -> list[str]:
    """The words that may say something."""
    return [word for word in words if _speaks(word)]


def _speaks(word: str) -> bool:
    if word in FILLERS:
        return False
    return word in ORDINARY or not (_on_a_row(word) or _silly(word) or _short_number(word))


def _short_number(word: str) -> bool:
    return word.isdecimal() and len(word) < NUMBER_DIGITS_MIN


def _silly(word: str) -> bool:
    """Whether a word is laughter, one letter again and again, or keys struck at random."""
    if _short_number(word):
        return False
    if LAUGHTER.fullmatch(word) or REPEATED.fullmatch(word):
        return True
    return bool(_VOWELLESS.search(word)) or (len(word) >= ROW_LETTERS_MIN and _on_a_row(word))


def _on_a_row(word: str) -> bool:
    """Whether a word is struck along the keys: asdfgh, qwerty, jkl."""
    if len(word) < ROW_LETTERS_MIN:
        return len(word) >= ROW_LETTERS_LEAST and any(word in row for row in ROWS)
    steps = sum(any(one + two in row for row in ROWS) for one, two in pairwise(word))
    return steps >= len(word) * 2 // 3 and any(word[at : at + ROW_LETTERS_MIN - 1] in row for row in ROWS for at in range(len(word) - 3))


def _of_something(left: list[str]) -> bool:
    """Whether everyday words beside the insults may still speak of something."""
    return sum(word in ORDINARY and word not in INSULTS for word in left) > 1
