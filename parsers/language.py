"""Which language a citizen wrote in, so that he is answered in it: by small words that the others have not.

Indonesian unless clearly another: everybody reads it, and most texts mix. So two different small words of one language are needed,
more than of Indonesian's own, and of no third language as many. Not in the lists: names of things, which all languages of a region share;
greetings (`nuwun sewu`, `punten`), which stand before Indonesian texts; and what Indonesian, its slang or a neighbour has too
(`ndak`, `lah`, `ado` and `kito` of Jambi and Palembang, `urang` of Banjar, `jan` for January). The cues of other languages in
parsers.vocabulary are wider: they only say that a word is no name.
"""

from __future__ import annotations

from collections.abc import Sequence

INDONESIAN = "id"
WORDS_MIN = 2  # Ours: one word may be borrowed, two different ones are a language.
ENGLISH_WORDS_MIN = 3  # Ours: two may be a phrase that everybody says (*please help*, *what is this*).

_WORDS = {
    INDONESIAN: """
        yang yg tidak tdk sudah sdh belum blm dengan dgn untuk utk karena krn saya sy kami kita itu ini ada adalah akan bisa dapat dari dan
        atau juga sangat sekali lagi saja tapi tetapi jika kalau sejak selama setiap kepada oleh pada agar supaya mohon tolong tlg bagaimana
        kenapa mengapa kapan siapa dimana sekarang kemarin telah sedang harus jangan masih mereka tersebut bukan hanya banyak lebih di
        nggak gak ga enggak aja banget udah gimana kok gue lu sampai baru apa
    """,
    "jv": """
        ora mboten kulo kula niki niku sampun dereng durung iki iku opo nopo wis wes iso saged wonten ono ana karo kalih kaliyan menawi yen
        sing ingkang panjenengan sampeyan mergo amargi piye pripun kepriye pundi endi suwe nyuwun tiyang dados dadi kanggo kangge mawon
        ngantos nganti inyong badhe arep nembe tulung ngarep kabeh maning nate gadah
    """,
    "su": """
        teu henteu abdi kuring kumaha naha aya geus parantos tos acan encan ieu eta nu jeung keur kanggo kedah kudu pisan teuing iraha
        saha naon hoyong bade oge keneh deui tiasa upami sadaya ayeuna kamari dugi nepi cenah
    """,
    "min": """
        indak ambo alah alun baa nan bilo bana juo untuak masuak kalua taruih bantuak supayo sanak dapek ancua iduik batanyo dima manga
    """,
    "en": """
        the is are was were has have been not and of for with please there here this that our we you they my because since when what where
        who how very from but does did could would should your
    """,
}
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _language)
_KNOWN = frozenset(_LANGUAGES)
_OTHERS = frozenset(word for word, languages in _LANGUAGES.items() if languages != (INDONESIAN,))


def of(words: Sequence[str]) -> str:
    """The language of a text by its words in lower case: id, jv, su, min or en (ISO 639)."""
    if _OTHERS.isdisjoint(words):
        return INDONESIAN
    counts = dict.fromkeys(_WORDS, 0)
    for word in _KNOWN.intersection(words):
        for language in _LANGUAGES[word]:
            counts[language] += 1
    own = counts.pop(INDONESIAN)
    most = max(counts.values())
    leaders = [language for language, count in counts.items() if count == most]
    least = ENGLISH_WORDS_MIN if leaders == ["en"] else WORDS_MIN
    return leaders[0] if len(leaders) == 1 and most >= least and most > own else INDONESIAN
