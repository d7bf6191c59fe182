"""Every kind of job that the writer knows, and what does it."""

from __future__ import annotations

from forwarder.journal import arrivals, cases, desk, purge, replies, runs, salvage, sets, shelf
from forwarder.journal.jobs import Work

ACCEPT = Work("accept", arrivals.accept, alone=arrivals.refused, inbound=True)
EXPIRE = Work("expire", lambda books, items: [sets.expire(books) for _ in items])
BEGIN_SESSION = Work("begin_session", runs.begin_sessions)
END_SESSION = Work("end_session", runs.end_sessions)
LATE = Work("late", runs.note_late)
REFUSAL = Work("refusal", runs.note_refusals)
START = Work("start", cases.start)
SETTLE = Work("settle", cases.settle, alone=cases.unsettled)
ABSENT = Work("absent", cases.absent)
START_REPLIES = Work("start_replies", lambda books, items: [replies.start(books, limit, due_ms) for limit, due_ms in items])
SETTLE_REPLIES = Work("settle_replies", replies.settle)
DELIVERY = Work("delivery", replies.note_delivery)
MOVE = Work("move", desk.move)
FOUND = Work("found", desk.found)
REROUTE = Work("reroute", desk.reroute)
REDECODE = Work("redecode", desk.redecode)
NOTE = Work("note", desk.note)
ERASE = Work("erase", purge.erase)
TIDY = Work("tidy", purge.tidy)
RESTORE = Work("restore", salvage.restore)
RESTORED = Work("restored", salvage.finish)
INSTALL = Work("install", shelf.install)
