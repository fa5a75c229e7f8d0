"""A small, real WhatsApp account that speaks every supported gateway's documented wire format.

Try a program on it, or test against it::

    sandbox = Sandbox("whatsapp.sandbox")
    account = sandbox.account("meta", "106540352242922")
    client = httpx.AsyncClient(transport=sandbox.transport("meta", "106540352242922"))
    # … POST https://graph.facebook.com/v25.0/106540352242922/block_users …
    account.blocked()                           # {"+16505551234"}
    account.unblock("+16505551234")             # by hand, as on the phone: drift
    account.contact("+16505550000", messaged_recently=False)
    account.contact("+16505550000", username=True)  # its number leaves the list, which names it by its BSUID
    account.fault("lost_answer", on="block")    # the next block is done, but its answer is lost
    account.requests()                          # what reached the account, without credentials

Accounts: ``sandbox.account(gateway, identity)`` makes one at its first use, as the first request for it does.
The first credential that an account sees becomes its own (the file keeps a salted hash); any other is refused
as the gateway documents, until ``forget_credential``.

State is one SQLite file. Any number of processes may use it at once; they all see one account. Ways in: in the
process through ``sandbox.transport(…)``, or over HTTP on loopback, with a live page, through
``whatsapp_sandbox.server`` (``python -m whatsapp_sandbox FILE``). What a person does on the page, a test does by
``account.…``, or by the control interface under ``/_sandbox``: docs/sandbox.md has both.

Gateways are told apart by path, so a gateway's own base URL or ``http://127.0.0.1:8642`` serve alike. A 360dialog
request names no account: over HTTP its base URL is ``http://127.0.0.1:8642/360dialog/<phone number>``, else the
account is found by the API key.

Faults are listed, with what each does and where it can happen, in ``FAULTS``.
"""

from .account import Contact, SandboxAccount
from .faults import FAULTS, Fault, FaultKind
from .log import Request
from .sandbox import Sandbox
from .store import NotASandboxError

__all__ = ["FAULTS", "Contact", "Fault", "FaultKind", "NotASandboxError", "Request", "Sandbox", "SandboxAccount"]
