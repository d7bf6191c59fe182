"""What the simulated X answers: an Answer, and X's own words for each "no" (seen in public issues in 2025 and 2026 where X prints none)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROBLEMS = "https://api.x.com/2/problems/"
BLANK = "about:blank"
ENROLLED = 1_949_003_093_120_876_544  # an account of the developer platform, in X's words about money
INVALID = "One or more parameters to your request was invalid."
GONE = "You attempted to reply to a Tweet that is deleted or not visible to you."
BLOCKED = "You have been blocked from the author of this tweet."
RESTRICTED = "The original Tweet author restricted who can reply to this Tweet."
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
TOO_LONG = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see https://github.com/twitter/twitter-text."
)
STRANGE = "You are not permitted to perform this action."
NOT_ENGAGED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are "
    "replying to."
)
NOT_MENTIONED = "You can only reply to or quote posts where you are mentioned or are the author."
HTML = b"<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>Over capacity</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer before it is sent. `body` is JSON to be, `posts` how many it holds, `micros` what it cost."""

    status: int
    body: Any
    posts: int = 0
    micros: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, title: str, detail: str, kind: str = BLANK) -> Answer:
    """A "no" as a problem object."""
    return Answer(status, {"title": title, "detail": detail, "type": kind if kind == BLANK else PROBLEMS + kind, "status": status})


def forbidden(detail: str) -> Answer:
    """403, in X's words for it; the second wording about mentions has a type of its own."""
    return problem(403, "Forbidden", detail, "not-authorized-for-resource" if detail == NOT_MENTIONED else BLANK)


def unauthorized() -> Answer:
    """401: nobody X knows."""
    return problem(401, "Unauthorized", "Unauthorized")


def app_only() -> Answer:
    """403: an app alone may not do this."""
    detail = (
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported authentication types are "
        "[OAuth 1.0a User Context, OAuth 2.0 User Context]."
    )
    return problem(403, "Unsupported Authentication", detail, "unsupported-authentication")


def too_many(headers: Mapping[str, str]) -> Answer:
    """429: a window is full."""
    return Answer(429, problem(429, "Too Many Requests", "Too Many Requests").body, headers=headers)


def credits_depleted() -> Answer:
    """402: nothing is left of what was paid in."""
    body = {
        "account_id": ENROLLED,
        "title": "CreditsDepleted",
        "detail": f"Your enrolled account [{ENROLLED}] does not have any credits to fulfill this request.",
        "type": "https://api.twitter.com/2/problems/credits",
    }
    return Answer(402, body)


def usage_capped(status: int) -> Answer:
    """403 or 429: the month's posts are used up."""
    body = {
        "account_id": ENROLLED,
        "product_name": "standard-basic",
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": PROBLEMS + "usage-capped",
    }
    return Answer(status, body)


def invalid(message: str, **parameters: str) -> Answer:
    """400: something of the request is wrong."""
    error = {"parameters": {name.replace("__", "."): [value] for name, value in parameters.items()}, "message": message}
    return Answer(400, {"errors": [error], "title": "Invalid Request", "detail": INVALID, "type": PROBLEMS + "invalid-request"})


def not_found(value: str, parameter: str, kind: str = "tweet") -> dict[str, Any]:
    """A partial error: there is no such post or user, any more or at all."""
    return {
        "value": value,
        "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": PROBLEMS + "resource-not-found",
    }


def not_authorized(value: str, parameter: str, section: str) -> dict[str, Any]:
    """A partial error: a post of somebody who hides or was suspended."""
    return {
        "value": value,
        "detail": f"Sorry, you are not authorized to see the Tweet with {parameter}: [{value}].",
        "title": "Authorization Error",
        "resource_type": "tweet",
        "parameter": parameter,
        "resource_id": value,
        "section": section,
        "type": PROBLEMS + "not-authorized-for-resource",
    }


def one_of(parameter: str, value: str, known: Sequence[str]) -> Answer:
    """400: a value that no dialect knows."""
    message = f"The `{parameter}` query parameter value [{value}] is not one of [{','.join(sorted(known))}]"
    return invalid(message, **{parameter: value})
