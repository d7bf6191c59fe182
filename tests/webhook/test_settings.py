"""What may be set for a partner, and what is refused with its reason; no message shows a key."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.webhook.settings import PartnerSettings, WebhookSettings
from gateway.settings import records, secret_name
from tests.webhook.peers import AGAM, BANJAR, KEY, OLD_KEY, OTHER_KEY

READ = TypeAdapter(WebhookSettings).validate_python
LEAST = {"name": "agam", "title": "Aplikasi Agam"}

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": "Agam"}, "small letters"),
    ({"name": "agam_1"}, "small letters"),
    ({"name": "1708"}, "a letter first"),
    ({"name": "agam\n"}, "small letters"),
    ({"name": "a" * 25}, "name"),
    ({"title": ""}, "title"),
    ({"title": "  "}, "title"),
    ({"title": "a\nb"}, "title"),
    ({"key": "k" * 31}, "at least 32"),
    ({"key": "k k" * 20}, "without blanks"),
    ({"key": KEY, "previous_key": "short"}, "previous_key: at least 32"),
    ({"key": KEY, "previous_key": KEY}, "the same as key"),
    ({"callback_url": "http://agam.example/lapor"}, "only https"),
    ({"callback_url": "http://10.0.0.1/lapor"}, "only https"),
    ({"callback_url": "ftp://agam.example/lapor"}, "callback_url"),
    ({"callback_url": "agam.example/lapor"}, "callback_url"),
    ({"callback_url": "https://"}, "callback_url"),
    ({"callback_url": "https://u:p@agam.example/"}, "without name and password"),
    ({"callback_url": "https://agam.example/#a"}, "callback_url"),
    ({"callback_url": "https://agam.example/a b"}, "callback_url"),
    ({"callback_url": "https://agam.example:x/"}, "callback_url"),
    ({"callback_url": "https://agam.example:0/"}, "callback_url"),
    ({"callback_url": "https://[::1/"}, "callback_url"),
    ({"callback_url": "https://agam.example/v1/complaints"}, "any path but"),
    ({"window_seconds": 29}, "window_seconds"),
    ({"window_seconds": 901}, "window_seconds"),
    ({"body_octets_max": 262_145}, "body_octets_max"),
    ({"rate_per_minute": 0}, "rate_per_minute"),
    ({"connect_seconds": 10, "answer_seconds": 10}, "connect_seconds must be shorter"),
]


@pytest.mark.parametrize(("changes", "words"), WRONG, ids=repr)
def test_what_cannot_work_is_refused_with_its_reason(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        READ({"partner": [LEAST | changes]})
    said = "; ".join(f"{detail['loc']} {detail['msg']}" for detail in caught.value.errors())
    assert words in said
    assert KEY not in said
    assert "short" not in said.replace("must be shorter", "")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://agam.example",
        "https://agam.example:8443/lapor?a=b",
        "https://10.0.0.1/lapor",
        "http://127.0.0.1:8080/",
        "http://[::1]/",
        "http://localhost/x",
    ],
)
def test_where_a_partner_may_be_called(address: str) -> None:
    (partner,) = READ({"partner": [LEAST | {"callback_url": address}]}).partner
    assert partner.callback_url == address


def test_the_least_that_must_be_set() -> None:
    settings = READ({"partner": [LEAST]})
    assert settings == WebhookSettings((PartnerSettings("agam", "Aplikasi Agam"),))
    assert list(settings.without_key()) == ["agam"]
    assert list(WebhookSettings((AGAM,)).without_key()) == []
    assert AGAM.account == "app:agam"
    assert AGAM.keys == (KEY.encode(), OLD_KEY.encode())


@pytest.mark.parametrize(
    ("partners", "words"),
    [
        ((AGAM, replace(BANJAR, name="agam")), "share a name"),
        ((AGAM, replace(BANJAR, key=KEY)), "share a key"),
        ((AGAM, replace(BANJAR, key=OLD_KEY)), "share a key"),
        ((AGAM, replace(BANJAR, previous_key=KEY)), "share a key"),
    ],
)
def test_two_partners_can_be_told_apart(partners: tuple[PartnerSettings, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WebhookSettings(partners)
    assert WebhookSettings((AGAM, BANJAR, replace(BANJAR, name="c", key="c" * 32)))


def test_the_keys_are_secrets_with_names_of_their_own() -> None:
    secrets = [key for key, entry, _ in records(PartnerSettings) if entry.metadata.get("secret")]
    names = [secret_name(("webhook", "partner", 0, key), {}, "agam") for key in secrets]
    assert names == ["webhook_partner_agam_key", "webhook_partner_agam_previous_key"]
    assert OTHER_KEY not in repr(WebhookSettings((AGAM, BANJAR)))
    assert asdict(AGAM)["key"] == KEY
