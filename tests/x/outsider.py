"""Reads the simulated X as strangers do: with X's own library xdk, and against X's own API description. Run by tests.x.independent
in an environment of its own that has `xdk` and `openapi-schema-validator` and nothing of ours.

Standard input: what to ask and what to expect, as JSON. Standard output: rows of [endpoint, who read it, verdict, remark].
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import requests
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from pydantic import BaseModel
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4
from xdk import Client
from xdk.oauth1_auth import OAuth1

Row = tuple[str, str, str, str]
SECONDS = 10
ROOT = "urn:x"
REMARK_MAX = 160


def main() -> None:
    task = json.load(sys.stdin)
    rows = list(XdkReader(task).rows())
    for path in task["openapi"]:
        rows += list(Description(path, task).rows())
    versions = {name: metadata.version(name) for name in ("xdk", "pydantic", "requests", "openapi-schema-validator")}
    json.dump({"rows": rows, "versions": versions}, sys.stdout)


class XdkReader:
    """X's own client, told the base address and the authority to trust; nothing of it changed."""

    def __init__(self, task: dict[str, Any]) -> None:
        self._task = task
        keys = task["credentials"]
        signer = OAuth1(keys["consumer_key"], keys["consumer_secret"], "oob", keys["access_token"], keys["access_secret"])
        self._app = Client(base_url=task["base"], bearer_token=keys["bearer"])
        self._user = Client(base_url=task["base"], auth=signer)
        for client in (self._app, self._user):
            client.session.verify = task["ca"]

    def rows(self) -> Iterator[Row]:
        asked: dict[str, Any] = {
            "post_fields": ["created_at", "conversation_id", "entities", "lang", "note_post", "attachments", "edit_controls", "geo"],
            "expansions": ["author_id", "referenced_posts", "attachments.media_keys", "in_reply_to_user_id", "geo.place_id"],
            "user_fields": ["username", "protected", "location"],
            "media_fields": ["type", "url", "variants"],
            "place_fields": ["full_name", "geo", "country_code"],
        }
        expected, us = self._task["expected"], self._task["account"]
        for name, client in (("app", self._app), ("user", self._user)):
            pages = client.users.get_mentions(us, max_results=5, **asked)
            yield self._pages(f"GET mentions ({name})", pages, expected["mentions"])
            pages = client.posts.search_recent(self._task["query"], max_results=10, since_id=self._task["since_id"], **asked)
            yield self._pages(f"GET search/recent ({name})", pages, expected["search"])
            found = client.posts.get_by_ids(expected["ids"], **asked)
            yield self._read(
                f"GET tweets?ids ({name})", found, [expected["ids"][0]], rest=len(found.errors or []) == len(expected["ids"]) - 1
            )
        me = self._user.users.get_me(user_fields=["username"])
        yield self._told("GET users/me", _item(me.data)["id"] == us, str(type(me).__name__))
        made = self._user.posts.create(_create(self._task["reply"]))
        post_id = _item(made.data)["id"]
        yield self._told("POST tweets", bool(post_id), f"id {post_id}")
        own = self._user.users.get_posts(us, max_results=5, **asked)
        yield self._pages("GET own timeline", own, [post_id])
        gone = self._user.posts.delete(post_id)
        yield self._told("DELETE tweets/:id", _item(gone.data)["deleted"] is True, "")
        yield self._refusal("POST tweets, not called", self._task["uncalled"], 403)
        yield self._refusal("POST tweets, gone", self._task["gone"], 403)

    def _pages(self, endpoint: str, pages: Any, expected: list[str]) -> Row:
        got: list[str] = []
        count = 0
        for page in pages:
            count += 1
            got += [_item(post)["id"] for post in page.data or []]
            if count == 20:
                break
        whole = got == expected
        return self._told(endpoint, whole, f"{len(got)} posts on {count} pages" if whole else f"{got} instead of {expected}")

    def _read(self, endpoint: str, answer: BaseModel, expected: list[str], *, rest: bool) -> Row:
        got = [_item(post)["id"] for post in getattr(answer, "data", None) or []]
        return self._told(endpoint, got == expected and rest, f"{len(got)} posts, {len(getattr(answer, 'errors', None) or [])} errors")

    def _refusal(self, endpoint: str, target: str, status: int) -> Row:
        try:
            self._user.posts.create(_create({"text": "x", "reply": {"in_reply_to_tweet_id": target}}))
        except requests.HTTPError as error:
            return self._told(endpoint, error.response.status_code == status, error.response.json()["detail"])
        return self._told(endpoint, "", "posted")

    def _told(self, endpoint: str, good: object, remark: str) -> Row:
        return (endpoint, "xdk", "ok" if good else "WRONG", remark[:REMARK_MAX])


class Description:
    """One version of X's OpenAPI description; answers are asked for in the dialect it describes."""

    def __init__(self, path: str, task: dict[str, Any]) -> None:
        self._document = json.loads(Path(path).read_text(encoding="utf-8"))
        self._task = task
        self._name = f"OpenAPI {self._document['info']['version']}"
        self._new = "post.fields" in json.dumps(self._document["components"]["parameters"])
        resource = Resource(contents=self._document, specification=DRAFT4)
        self._registry: Registry[Any] = Registry().with_resource(ROOT, resource)

    def rows(self) -> Iterator[Row]:
        for endpoint, method, path, address, body, status, who in self._calls():
            sent = requests.request(
                method, self._task["base"] + address, json=body, headers=self._login(who), verify=self._task["ca"], timeout=SECONDS
            )
            if sent.status_code != status:
                yield (endpoint, self._name, "WRONG", f"{sent.status_code} {sent.text}"[:REMARK_MAX])
                continue
            yield self._judged(endpoint, method, path, sent)
            if endpoint == "GET mentions, all fields":
                yield self._self_check(endpoint, method, path, sent.json())
        yield from self._parameters()

    def _login(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._task['credentials'][who]}"}

    def _wishes(self) -> str:
        """Every field and expansion that the description knows."""
        found = []
        for parameter in self._document["components"]["parameters"].values():
            values = parameter["schema"].get("items", {}).get("enum")
            mine = parameter["name"] in ("tweet.fields", "post.fields", "user.fields", "media.fields", "place.fields")
            if values and (mine or (parameter["name"] == "expansions" and "author_id" in values)):
                found.append(f"{parameter['name']}={','.join(values)}")
        return "&".join(found)

    def _calls(self) -> Iterator[tuple[str, str, str, str, Any, int, str]]:
        us, all_of_it, expected = self._task["account"], self._wishes(), self._task["expected"]
        mentions, search = "/2/users/{id}/mentions", "/2/tweets/search/recent"
        since = f"query={self._task['query_encoded']}&since_id={self._task['since_id']}"
        ids = ",".join(expected["ids"])
        least = "post.fields=id" if self._new else ""
        for name, wish in (("", least), (", all fields", all_of_it), (", page 1 of 2", f"{all_of_it}&max_results=5")):
            yield f"GET mentions{name}", "get", mentions, f"/2/users/{us}/mentions?{wish}", None, 200, "bearer"
        yield "GET mentions, none", "get", mentions, f"/2/users/{us}/mentions?until_id=5", None, 200, "bearer"
        for name, wish in (("", least), (", all fields", all_of_it)):
            yield f"GET search/recent{name}", "get", search, f"{search}?{since}&{wish}", None, 200, "bearer"
            yield f"GET tweets?ids, partial{name}", "get", "/2/tweets", f"/2/tweets?ids={ids}&{wish}", None, 200, "bearer"
        yield "GET users/me", "get", "/2/users/me", f"/2/users/me?{self._user_wish()}&{least}", None, 200, "user_token"
        yield "POST tweets", "post", "/2/tweets", "/2/tweets", self._task["reply"] | {"text": f"No. {self._name}"}, 201, "user_token"
        timeline = "/2/users/{id}/tweets"
        yield "GET own timeline, all fields", "get", timeline, f"/2/users/{us}/tweets?{all_of_it}", None, 200, "user_token"
        yield "DELETE tweets/:id", "delete", "/2/tweets/{id}", "/2/tweets/5", None, 200, "user_token"
        yield "GET mentions, bad max_results", "get", mentions, f"/2/users/{us}/mentions?max_results=1", None, 400, "bearer"
        yield "GET search/recent, bad query", "get", search, f"{search}?query=has:media", None, 400, "bearer"
        yield "POST tweets, app only", "post", "/2/tweets", "/2/tweets", {"text": "x"}, 403, "bearer"
        gone = {"text": "x", "reply": {"in_reply_to_tweet_id": self._task["gone"]}}
        yield "POST tweets, gone", "post", "/2/tweets", "/2/tweets", gone, 403, "user_token"
        yield "GET users/me, stranger", "get", "/2/users/me", "/2/users/me", None, 401, "nobody"

    def _user_wish(self) -> str:
        return next(part for part in self._wishes().split("&") if part.startswith("user.fields"))

    def _judged(self, endpoint: str, method: str, path: str, sent: requests.Response) -> Row:
        responses = self._document["paths"][path][method]["responses"]
        if str(sent.status_code) in responses:
            schema = responses[str(sent.status_code)]["content"]["application/json"]["schema"]["$ref"]
        else:
            schema = responses["default"]["content"]["application/problem+json"]["schema"]["$ref"]
        body = sent.json()
        if sent.status_code >= 400 and not self._described(body["type"]):
            return (endpoint, self._name, "silent", f"it has no problem of type {body['type']}")
        errors = self._errors(schema, body)
        strange = sorted(set(self._strange(schema, body, "")))
        remark = "; ".join([error.message for error in errors[:3]] + [f"not described: {name}" for name in strange[:5]])
        count = len(body.get("data", [])) if isinstance(body.get("data"), list) else 1
        verdict = "WRONG" if errors else "more" if strange else "ok"
        return (endpoint, self._name, verdict, (remark or f"{sent.status_code}, {count} checked")[:REMARK_MAX])

    def _self_check(self, endpoint: str, method: str, path: str, body: Any) -> Row:
        """Whether this judge notices a wrong type, a broken time and a strange name."""
        schema = self._document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        item = body["data"][0] if isinstance(body["data"], list) else body["data"]
        wrong = [{"id": 5}, {"created_at": "yesterday"}]
        noticed = [
            bool(self._errors(schema, body | {"data": [item | change] if isinstance(body["data"], list) else item | change}))
            for change in wrong
        ]
        strange = list(self._strange(schema, body | {"nobody": 1}, ""))
        good = all(noticed) and ".nobody" in strange
        return (f"{endpoint}: the judge notices", self._name, "ok" if good else "WRONG", "" if good else str(noticed))

    def _errors(self, schema: str, body: Any) -> list[Any]:
        validator = OAS30Validator({"$ref": ROOT + schema}, registry=self._registry, format_checker=oas30_format_checker)
        return sorted(validator.iter_errors(body), key=str)

    def _described(self, kind: str) -> bool:
        mapping = self._document["components"]["schemas"]["Problem"]["discriminator"]["mapping"]
        return kind.rpartition("/")[2] in {name.rpartition("/")[2] for name in mapping}

    def _strange(self, schema: Any, value: Any, place: str) -> Iterator[str]:
        """Names in an answer that the description does not have there."""
        schema = self._resolved(schema, value)
        if isinstance(value, list):
            for item in value:
                yield from self._strange(schema.get("items", {}), item, place)
        elif isinstance(value, dict) and schema.get("properties"):
            for name, inner in value.items():
                if name not in schema["properties"]:
                    yield f"{place}.{name}"
                else:
                    yield from self._strange(schema["properties"][name], inner, f"{place}.{name}")

    def _resolved(self, schema: Any, value: Any) -> dict[str, Any]:
        """References, parts and the kind that the discriminator names, as one schema."""
        if isinstance(schema, str):
            schema = {"$ref": schema}
        for _ in range(10):
            if "$ref" not in schema:
                break
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        kinds = schema.get("discriminator", {}).get("mapping", {})
        if isinstance(value, dict) and kinds and "allOf" not in schema:
            wanted = str(value.get("type", "")).rpartition("/")[2]
            named = [target for name, target in kinds.items() if name.rpartition("/")[2] == wanted]
            if named:
                target = self._document["components"]["schemas"][named[0].rpartition("/")[2]]
                parts = [schema, *target.get("allOf", [target])]
                return self._merged([part if "discriminator" in part else self._plain(part) for part in parts])
        return self._merged([self._plain(part) for part in schema["allOf"]]) if "allOf" in schema else schema

    def _plain(self, part: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._document["components"]["schemas"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        return found

    def _merged(self, parts: list[dict[str, Any]]) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        for part in parts:
            properties |= part.get("properties", {})
        return {"properties": properties}

    def _parameters(self) -> Iterator[Row]:
        """Whether our lists of parameters, fields and expansions are those of the description."""
        ours = self._task["names"]
        for path, endpoint in (
            ("/2/users/{id}/mentions", "mentions"),
            ("/2/users/{id}/tweets", "timeline"),
            ("/2/tweets/search/recent", "search"),
            ("/2/tweets", "posts"),
            ("/2/users/me", "me"),
        ):
            names = {self._parameter(item)["name"] for item in self._document["paths"][path]["get"]["parameters"]} - {"id"}
            missing = sorted(names - set(ours["parameters"][endpoint]))
            yield (f"parameters of {endpoint}", self._name, "ok" if not missing else "WRONG", ", ".join(missing) or f"{len(names)} known")
        dialect = "new" if self._new else "old"
        for kind in ("fields", "expansions", "user", "media", "place"):
            mine = set(ours[dialect].get(kind, ours["both"].get(kind, ())))
            theirs = self._enumeration(kind)
            verdict = "ok" if mine == theirs or (kind == "user" and mine >= theirs) else "WRONG"
            yield (f"{kind}", self._name, verdict, f"{len(theirs)} known" if verdict == "ok" else str(mine ^ theirs)[:REMARK_MAX])

    def _parameter(self, item: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._document["components"]["parameters"][item["$ref"].rpartition("/")[2]] if "$ref" in item else item
        return found

    def _enumeration(self, kind: str) -> set[str]:
        name = {"fields": "post.fields" if self._new else "tweet.fields", "expansions": "expansions"}.get(kind, f"{kind}.fields")
        for item in self._document["paths"]["/2/users/{id}/mentions"]["get"]["parameters"]:
            parameter = self._parameter(item)
            if parameter["name"] == name:
                return set(parameter["schema"]["items"]["enum"])
        return set()


def _item(value: Any) -> dict[str, Any]:
    """A model or an object as an object."""
    found: dict[str, Any] = value.model_dump(exclude_none=True) if isinstance(value, BaseModel) else value
    return found


def _create(body: dict[str, Any]) -> Any:
    from xdk.posts.models import CreateRequest  # noqa: PLC0415 - where xdk has it

    return CreateRequest(**body)


if __name__ == "__main__":
    main()
