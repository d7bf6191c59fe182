"""Every kind of job that the writer knows, and what does it."""

from __future__ import annotations

from forwarder.journal import (
    adding,
    addition_desk,
    arrivals,
    audit,
    blocking,
    cases,
    claims,
    closing,
    course,
    cursors,
    deliveries,
    desk,
    erasure,
    habit,
    holds,
    linked,
    masters,
    posts,
    purge,
    questions,
    replies,
    reseal,
    restriction,
    revival,
    runs,
    salvage,
    sets,
    shelf,
    standing,
    untouched,
    wishes,
)
from forwarder.journal.jobs import Work

ACCEPT = Work("accept", arrivals.accept, alone=arrivals.refused, inbound=True)
ACCEPT_PAGE = Work("accept_page", posts.take, inbound=True)
CURSOR = Work("cursor", cursors.keep_cursors)
STANDING = Work("standing", standing.note)
LAPSE = Work("lapse", lambda books, items: [questions.lapse(books) for _ in items])
EXPIRE = Work("expire", lambda books, items: [sets.expire(books) for _ in items])
BEGIN_SESSION = Work("begin_session", runs.begin_sessions)
END_SESSION = Work("end_session", runs.end_sessions)
LATE = Work("late", runs.note_late)
REFUSAL = Work("refusal", runs.note_refusals)
START = Work("start", cases.start)
SETTLE = Work("settle", cases.settle, alone=cases.unsettled)
ABSENT = Work("absent", cases.absent)
FORGET_WORKER = Work("forget_worker", cases.forget_worker)
START_REPLIES = Work("start_replies", lambda books, items: [replies.start(books, *item) for item in items])
LOOK_UPS = Work("look_ups", lambda books, items: [replies.start_look_ups(books, limit, due_ms) for limit, due_ms in items])
RESOLVE_REPLIES = Work("resolve_replies", replies.resolve)
SETTLE_REPLIES = Work("settle_replies", replies.settle)
DELIVERY = Work("delivery", deliveries.note_delivery)
MOVE = Work("move", desk.move)
FOUND = Work("found", desk.found)
REROUTE = Work("reroute", desk.reroute)
REDECODE = Work("redecode", desk.redecode)
NOTE = Work("note", desk.note)
ERASE = Work("erase", purge.erase)
TIDY = Work("tidy", purge.tidy)
RESTORE = Work("restore", salvage.restore)
RESTORED = Work("restored", salvage.finish)
SHARE = Work("share", claims.share)
CLAIMED = Work("claimed", claims.note_claimed)
LINK = Work("link", linked.link)
REDIRECT = Work("redirect", claims.redirect)
LOSE = Work("lose", claims.lose)
REVIVE = Work("revive", revival.revive)
START_ADDITIONS = Work("start_additions", adding.start)
SETTLE_ADDITIONS = Work("settle_additions", adding.settle, alone=adding.unsettled)
ABSENT_ADDITIONS = Work("absent_additions", adding.absent)
LEAVE_ADDITIONS = Work("leave_additions", adding.leave)
LEAVE_ALL_ADDITIONS = Work("leave_all_additions", adding.leave_all)
MOVE_ADDITIONS = Work("move_additions", addition_desk.move)
TIE = Work("tie", addition_desk.tie)
DECIDE = Work("decide", wishes.decide)
BEGIN_FOLLOWING = Work("begin_following", course.begin)
FOLLOW = Work("follow", course.follow)
HEAR = Work("hear", course.hear)
INSTALL = Work("install", shelf.install)
CLOSE_DAY = Work("close_day", closing.close)
PASS_ON = Work("pass_on", untouched.pass_on)
ALARM_UNTOUCHED = Work("alarm_untouched", untouched.alarm)
AUDIT = Work("audit", audit.append)
HABIT = Work("habit", habit.count)
RESEAL = Work("reseal", reseal.move)
BEGIN_ROTATION = Work("begin_rotation", masters.begin)
RESEAL_KEYS = Work("reseal_keys", masters.reseal)
END_ROTATION = Work("end_rotation", masters.finish)
BLOCK = Work("block", blocking.settle)
RESTRICT = Work("restrict", restriction.settle)
BEGIN_ERASURE = Work("begin_erasure", erasure.begin)
FORGET = Work("forget", erasure.forget)
FORGET_SETS = Work("forget_sets", erasure.forget_sets)
EMPTY_LOG = Work("empty_log", erasure.empty_log)
LEGAL_HOLD = Work("legal_hold", holds.settle)
CUT_AUDIT = Work("cut_audit", audit.cut_all)
