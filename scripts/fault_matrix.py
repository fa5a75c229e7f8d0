"""What is to happen under every fault: the parameters of the fault tests, and the rows of ``docs/faults.md``.

Nothing here names a gateway, except where its documentation makes it say things in its own way: what happens follows
from what the gateway can do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pulumi_whatsapp.gateways.base import Capabilities, Gateway
from pulumi_whatsapp.gateways.graph import BlockUsers
from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox import FAULTS
from whatsapp_sandbox.gateways import fault_kinds

Lifecycle = Literal["create", "read", "update", "replace", "delete"]
Tries = Literal["once", "again", "looked up", "read again"]
Ends = Literal["done", "nothing", "pending", "unknown", "refused"]

LIFECYCLES: Final[tuple[Lifecycle, ...]] = ("create", "read", "update", "replace", "delete")
KINDS: Final = ("BlockedContact", "Blocklist", "PrivacySetting")
READS: Final = frozenset({"list", "privacy_read"})
LISTINGS: Final = 5
UNREACHABLE: Final = "unreachable"


@dataclass(frozen=True)
class Case:
    """A fault as it is asked for.

    Attributes:
        text: what goes wrong, for the documentation.
        kind: the sandbox's name for it; `UNREACHABLE` is the network's own.
        options: how it is told.
        gateways: where it can happen.
    """

    text: str
    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    gateways: frozenset[str] = frozenset(GATEWAYS)

    @property
    def operations(self) -> frozenset[str]:
        """The requests that it can happen to."""
        if self.kind == UNREACHABLE:
            return frozenset({"block", "unblock", "list", "privacy_read", "privacy_write"})
        return FAULTS[self.kind].operations

    def happens_on(self, gateway: str) -> bool:
        """Return whether the gateway can have it."""
        return gateway in self.gateways and (self.kind == UNREACHABLE or self.kind in fault_kinds(gateway))


CASES: Final[dict[str, Case]] = {
    "unreachable": Case("connection refused, or no route to the gateway", UNREACHABLE),
    "drop": Case("the connection drops before the request takes effect", "drop"),
    "lost_answer": Case("the connection drops after the request took effect", "lost_answer"),
    "timeout": Case("no answer within `timeout`", "timeout"),
    "rate_limit": Case("too many requests, with a hint how long to wait", "rate_limit", {"retry_after": 7}),
    "rate_limit_bare": Case("too many requests, without a hint", "rate_limit", {"retry_after": None}),
    "rate_limit_400": Case(
        "130429 with HTTP 400", "rate_limit", {"status": 400, "retry_after": None}, frozenset({"meta"})
    ),
    "outage_500": Case("HTTP 500", "outage", {"status": 500}),
    "outage_502": Case("HTTP 502", "outage", {"status": 502}),
    "outage": Case("HTTP 503", "outage"),
    "internal": Case("139103, internal error", "internal"),
    "half_applied": Case("HTTP 500 after a part of the settings was applied", "half_applied"),
    "garbage": Case("done, but the JSON of the answer is cut off", "garbage"),
    "html": Case("a proxy's HTML page with HTTP 200", "html"),
    "html_502": Case("a proxy's HTML page with HTTP 502", "html", {"status": 502}),
    "wrong_shape": Case("JSON of another shape with HTTP 200", "wrong_shape"),
    "rejected": Case("HTTP 422, or another refusal that does not name the contact", "html", {"status": 422}),
    "unpaid": Case("HTTP 402, the plan has expired", "html", {"status": 402}),
    "not_implemented": Case("HTTP 501, or another request that the gateway does not do", "html", {"status": 501}),
    "unauthorized": Case("HTTP 401, the credential is wrong", "unauthorized"),
    "forbidden": Case("HTTP 403, not allowed", "forbidden"),
    "not_found": Case("HTTP 404, no such instance or number", "not_found"),
    "not_connected": Case("the phone is not connected", "not_connected"),
    "no_success": Case("`success: false`, `value: false` or only failed contacts, with HTTP 200", "no_success"),
    "half_failed": Case("every second contact of a batch refused (131047), with HTTP 400", "half_failed"),
    "cap": Case("139101, the block list is full", "cap"),
    "reject_unblock": Case("an unblock refused for good", "reject_unblock"),
    "list_changed": Case("the list changed while it was read (139102 of Block Users)", "list_changed"),
    "repeated_cursor": Case("a page's next cursor leads to the same page", "repeated_cursor"),
    "empty_page": Case("an empty page with a new cursor in the middle", "empty_page"),
    "short_list": Case("the list comes back empty", "short_list"),
}

_SENT_AGAIN: Final = frozenset({UNREACHABLE, "rate_limit"})
_LOST: Final = frozenset({"drop", "lost_answer", "timeout", "outage", "internal", "half_applied"})
_UNREADABLE: Final = frozenset({"garbage", "html", "wrong_shape"})
_STOPPED: Final = frozenset(
    {"rejected", "unpaid", "not_implemented", "cap", "unauthorized", "forbidden", "not_found", "not_connected"}
)
_DONE_ALL_THE_SAME: Final = frozenset({"lost_answer", "garbage"})

_UNDOCUMENTED: Final = "{title} … answered HTTP 200 with something it does not document: … check baseUrl"
_SAYS: Final[dict[str, str]] = {
    UNREACHABLE: "{title} … cannot be reached (…; check the network, a proxy and baseUrl)",
    "rate_limit": "{title} … limits the rate (…); lower requestsPerMinute if it goes on",
    "drop": "{title} … did not answer (…); the request may have taken effect",
    "lost_answer": "{title} … did not answer (…); the request may have taken effect",
    "timeout": "{title} … did not answer (…); the request may have taken effect",
    "outage": "{title} … failed (HTTP …); try again later",
    "internal": "{title} … failed (… 139103…); try again later",
    "half_applied": "{title} … failed (HTTP 500: …); try again later",
    "garbage": _UNDOCUMENTED,
    "html": _UNDOCUMENTED,
    "wrong_shape": _UNDOCUMENTED,
    "unauthorized": "{title} … refused … check {credentials}",
    "forbidden": "{title} … refused … check {credentials}",
    "not_found": "{title} does not know … check {identity}",
    "rejected": "{title} … refused the request (HTTP 422: …)",
    "unpaid": "{title} … does nothing for this account (HTTP 402: …); pay what is due",
    "not_implemented": "{title} … does not do such a request (HTTP 501: …), so nothing happened …",
    "cap": "{title} … does nothing for this account (… 139101…); the block list is full (64,000 contacts); unblock …",
    "not_connected": "{title} … is not connected to WhatsApp (…); connect its phone and try again",
    "list_changed": "…; the block list changed meanwhile",
    "empty_page": "{title} goes on listing after … contacts …",
}


@dataclass(frozen=True)
class Expected:
    """What a fault does to one kind of request on one gateway.

    ``says`` is a template: `fill` puts in the gateway's own words.

    Attributes:
        tries: ``once``; ``again``, after waits; ``looked up``, after the list was asked what became of it;
            ``read again``, the listing from its first page.
        heals: whether the run ends as declared when the fault happens once.
        ends: what comes of the run when the fault stays.
        says: what the user reads then; ``…`` is anything.
    """

    tries: Tries
    heals: bool
    ends: Ends
    says: str = ""


def expected(case: Case, operation: str, gateway: type[Gateway], *, several: bool = False) -> Expected:
    """Return what a fault does to a request.

    Args:
        operation: the request: ``block``, ``unblock``, ``list``, ``privacy_read`` or ``privacy_write``.
        several: whether it is about several contacts.
    """
    kind, can = _html_is(case), gateway.capabilities
    says = _says(case, operation, gateway)
    reading = operation in READS
    can_look = can.reads_privacy if operation == "privacy_write" else can.lists_blocked
    if kind in _SENT_AGAIN or (kind in _LOST and reading):
        return Expected("again", True, "nothing", says)
    if kind in _LOST or (kind in _UNREADABLE and not reading):
        resent = kind in _LOST or (can_look and operation != "privacy_write")
        if can_look and kind in _DONE_ALL_THE_SAME:
            tries: Tries = "again" if operation == "privacy_write" and kind in _LOST else "once"
            return Expected(tries, True, "done")
        if not resent:
            return Expected("once", False, "unknown", says)
        return Expected("looked up" if operation != "privacy_write" and can_look else "again", True, "unknown", says)
    if kind == "rejected" and operation == "block":
        return Expected("once", several, "pending", says)
    if kind == "rejected":
        return Expected("once", several and operation == "unblock", "nothing", says)
    if kind in _UNREADABLE or kind in _STOPPED:
        return Expected("once", False, "nothing", says)
    if kind == "no_success" and not issubclass(gateway, BlockUsers):
        # a bare false, which is a verdict on nobody; Block Users has a row for each contact, with a reason
        return Expected("once", False, "unknown", says)
    if kind in {"no_success", "reject_unblock"}:
        return Expected("once", False, "refused" if operation == "block" else "nothing", says)
    if kind == "half_failed":
        ends: Ends = "refused" if operation == "block" else "nothing"
        return Expected("once", not several, ends if several else "done", says)
    if kind == "list_changed":
        return Expected("read again", True, "nothing", says)
    if kind == "empty_page":
        return Expected("once", True, "nothing", says)
    assert kind in {"repeated_cursor", "short_list"}, f"nobody has said what is to happen under {kind}"
    return Expected("once", True, "done")


def ends_in(want: Expected, case: Case, operation: str, kind: str, lifecycle: Lifecycle, can: Capabilities) -> Ends:
    """Return what comes of an operation of a resource: what is not blocked may be recorded where others are.

    A list that is replaced holds those who stay; and of a refusal that may be about one contact alone, nobody can say
    that the next one would meet it too. The contact that is updated had lost its answer: it may be blocked, and stays
    ours unless a listing has settled that.
    """
    if operation not in {"block", "list"} or lifecycle not in {"create", "update", "replace"}:
        return want.ends
    ends = want.ends
    if ends == "nothing" and ((kind == "Blocklist" and lifecycle == "replace") or _html_is(case) == "rejected"):
        ends = "pending"
    lost_before = kind == "BlockedContact" and lifecycle == "update"
    if lost_before and (ends == "pending" or (ends == "refused" and not can.lists_blocked)):
        return "unknown"
    return ends


def _html_is(case: Case) -> str:
    """Return what a page of HTML comes to by its status."""
    if case.kind != "html":
        return case.kind
    return {502: "outage", 422: "rejected", 402: "unpaid", 501: "not_implemented"}.get(
        case.options.get("status", 200), "html"
    )


def _says(case: Case, operation: str, gateway: type[Gateway]) -> str:
    kind = _html_is(case)
    if operation in READS and kind in {"drop", "lost_answer", "timeout"}:
        kind = UNREACHABLE
    text = {
        "no_success": "{title} …" if issubclass(gateway, BlockUsers) else "{title} … did not confirm the request (…)",
        "half_failed": "{title} …: … a Blocklist that allows failures goes on without them",
        "reject_unblock": "{title} …",
    }.get(kind, _SAYS.get(kind, ""))
    if kind in {"not_connected", "not_found"} and "instance" not in gateway.requirements.identity:
        text = "{title} does not know … check {identity}"
    return text


def fill(template: str, gateway: type[Gateway]) -> str:
    """Return what the user reads on a gateway."""
    needs = gateway.requirements
    return (
        template.replace("{title}", gateway.title)
        .replace("{credentials}", " … and ".join(needs.credentials))
        .replace("{identity}", needs.identity[0])
    )


def requests_of(kind: str, lifecycle: Lifecycle, can: Capabilities) -> set[str]:
    """Return the requests that an operation of a resource makes on a gateway, in the scenes of the fault tests."""
    if kind == "PrivacySetting":
        if not can.privacy:
            return set()
        return {
            "create": {"privacy_write"} | ({"privacy_read"} if can.reads_privacy else set()),
            "read": {"privacy_read"} if can.reads_privacy or can.reads_exceptions else set(),
            "update": {"privacy_write"} | ({"privacy_read"} if can.reads_exceptions else set()),
            "replace": set[str](),  # another setting: the create and the delete are tried on their own
            "delete": {"privacy_write"} | ({"privacy_read"} if can.reads_privacy else set()),
        }[lifecycle]
    listed = {"list"} if can.lists_blocked else set()
    return {
        "create": {"block"} | listed,
        "read": listed,
        "update": {"block"} | listed,
        "replace": {"block", "unblock"} | listed,
        "delete": {"unblock"},
    }[lifecycle]


def cells() -> Iterator[tuple[str, str, Lifecycle, str, str]]:
    """Return every possible combination: gateway, resource, operation, request, fault."""
    for name, gateway in GATEWAYS.items():
        for kind in KINDS:
            for lifecycle in LIFECYCLES:
                for operation in sorted(requests_of(kind, lifecycle, gateway.capabilities)):
                    for fault, case in CASES.items():
                        later = fault == UNREACHABLE and lifecycle == "replace" and operation == "unblock"
                        if case.happens_on(name) and operation in case.operations and not later:
                            yield name, kind, lifecycle, operation, fault
