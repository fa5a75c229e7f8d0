"""Reading a resource's inputs: canonical values in, one failure for each that is not possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from ..account.account import Account
from ..account.accounts import Accounts
from ..account.claims import Declared, Declarer
from ..errors import ConfigurationError, InvalidInput, Unsupported
from ..names import Contact, Key, hide_numbers, is_lid, is_user_id, key_of, last_digits
from ..phone import ImpossiblePhone, canonical
from ..redact import Redactor


class Unknown:
    """A value that is not known before other resources are created."""


UNKNOWN: Final = Unknown()

ADDITIVE: Final = "additive"
"""Who is there and is not declared stays: the mode of a list, and of exceptions."""
EXCLUSIVE: Final = "exclusive"
"""Who is there and is not declared goes."""

_FROM_CONFIG: Final = "; pulumi config set --path makes a number of +5511…, and leaves tel:+5511… as it is"

Props = dict[str, Any]
Value = TypeVar("Value")


class Inputs:
    """The inputs of one resource under check.

    Reading a value that is wrong notes why in ``failures`` and returns None; an unknown one is returned as it is.

    Args:
        news: the inputs as the program gives them.
        olds: the checked inputs of the last update; empty for a new resource.
        accounts: the configured accounts.
        by: the resource.
    """

    def __init__(self, news: Mapping[str, Any], olds: Mapping[str, Any], accounts: Accounts, by: Declarer) -> None:
        self._news = news
        self._olds = olds
        self.by = by
        self.failures: list[InvalidInput] = []
        self.checked: Props = {}
        self.secret = by.secret
        """Whether the contacts are a secret, so that no message shows them whole."""
        if self.secret:
            self.checked["secret"] = True
        given = (news.get(key) for key in by.hidden)
        self._redact = Redactor(text for text in given if isinstance(text, str))
        self.account = self._account(accounts)

    def _account(self, accounts: Accounts) -> Account | None:
        name = self.text("account")
        if isinstance(name, Unknown):
            return None
        try:
            return accounts.named(name)
        except ConfigurationError as error:
            self.note(InvalidInput("account", str(error)))
            return None

    def declare(self, property: str, declared: Declared) -> None:  # noqa: A002
        """Claim what the resource declares; that it cannot be declared is a failure of the input."""
        if self.account is not None:
            why = self.account.claims.declare(declared)
            if why is not None:
                self.note(InvalidInput(property, why))
            taken = self.account.claims.taken_over(declared) if self.by.preview else {}
            for contact, label in taken.items():
                shown = last_digits(contact) if self.secret else contact
                self.account.report.info(f"{self.by.label}: takes {shown} over from {label}, so it stays blocked")

    @property
    def region(self) -> str | None:
        """The country of national numbers."""
        return self.account.config.default_region if self.account else None

    def fail(self, property: str, reason: str) -> None:  # noqa: A002
        """Note that an input is not possible."""
        self.note(InvalidInput(property, reason))

    def note(self, failure: InvalidInput) -> None:
        """Note that an input is not possible; whatever is a secret is hidden in it."""
        reason = hide_numbers(failure.reason) if self.secret else failure.reason
        self.failures.append(type(failure)(failure.property, self._redact(reason)))

    def require(self, possible: bool, property: str, reason: str) -> None:  # noqa: A002
        """Note what the account's gateway cannot do."""
        if not possible:
            self.note(Unsupported(property, reason))

    def get(self, key: str) -> Any:
        """Return an input as the program gives it, or None."""
        return self._news.get(key)

    def text(self, key: str, *, required: bool = False) -> str | Unknown | None:
        """Return a text, and keep it as checked."""
        value = self._news.get(key)
        if isinstance(value, Unknown):
            self.checked[key] = value
            return value
        if value is None:
            if required:
                self.fail(key, "it is missing")
            return None
        if not isinstance(value, str):
            self.fail(key, f"it must be a string, not {_kind(value)}{_FROM_CONFIG if key == 'phone' else ''}")
            return None
        self.checked[key] = value
        return value

    def choice(self, key: str, choices: Sequence[str], default: str) -> str | Unknown | None:
        """Return one of several words; the default where the program gives none."""
        value = self.text(key)
        if value is None and self._news.get(key) is None:
            value = default
        if isinstance(value, str) and value not in choices:
            self.checked.pop(key, None)
            self.fail(key, f"{value!r} is not possible; it is one of {', '.join(choices)}")
            return None
        if value is not None:
            self.checked[key] = value
        return value

    def phone(self, key: str) -> Contact | Unknown | None:
        """Return a contact in canonical form."""
        value = self.text(key, required=True)
        if value is None or isinstance(value, Unknown):
            return value
        contact = self._contact(key, value, kept=value == self._olds.get(key))
        self.checked[key] = contact
        if contact is None:
            del self.checked[key]
        return contact

    def contacts(self, key: str, *, required: bool = False) -> dict[Contact, str] | Unknown | None:
        """Return a list, or a map contact -> reason, as a sorted map of canonical contacts.

        Contacts given twice merge; two different reasons for one are a failure. A map with anything unknown in it is
        unknown as a whole: its keys are what is compared.
        """
        value = self._news.get(key)
        if value is None and required:
            self.fail(key, "it is missing")
        if isinstance(value, list):
            entries: list[tuple[Any, Any]] = [(contact, "") for contact in value]
        elif isinstance(value, Mapping):
            # A map has no order on the wire, and the first of two spellings is the one that is kept.
            entries = sorted(value.items(), key=lambda entry: str(entry[0]))
        else:
            if isinstance(value, Unknown):
                self.checked[key] = value
                return value
            if value is not None:
                self.fail(key, f"it must be a list of contacts or a map from contact to reason, not {_kind(value)}")
            return None
        if any(isinstance(part, Unknown) for entry in entries for part in entry):
            self.checked[key] = UNKNOWN
            return UNKNOWN
        failures = len(self.failures)
        contacts = self._merge(key, entries)
        if len(self.failures) > failures:
            return None
        self.checked[key] = UNKNOWN if contacts is None else contacts
        return UNKNOWN if contacts is None else contacts

    def _merge(self, key: str, entries: Sequence[tuple[Any, Any]]) -> dict[Contact, str] | None:
        """Return a map of canonical contacts; None where it is not known whom they mean."""
        old = self._olds.get(key)
        kept = old if isinstance(old, Mapping) else {}
        spelt: dict[Key, Contact] = {}
        reasons: dict[Contact, str] = {}
        for text, reason in entries:
            if not isinstance(text, str):
                self.fail(key, f"a contact is {_kind(text)}, and must be a string; put it in quotes{_FROM_CONFIG}")
                continue
            if not isinstance(reason, str | None):
                whose = "a secret contact" if self.secret else text
                self.fail(key, f"the reason of {whose} is {_kind(reason)}, and must be a string; put it in quotes")
                continue
            contact = self._contact(key, text, kept=text in kept)
            if isinstance(contact, Unknown):
                return None
            if contact is None:
                continue
            person = key_of(contact)
            first = spelt.setdefault(person, contact)
            if reason and reasons.setdefault(first, reason) != reason:
                named = f"{first} has two reasons, {reasons[first]!r} and {reason!r}"
                if first != contact:
                    named += f" (as {contact}, the same person)"
                self.fail(key, f"{'a secret contact has two reasons' if self.secret else named}; keep one of them")
        return {contact: reasons.get(contact, "") for contact in sorted(spelt.values())}

    def _contact(self, key: str, text: str, *, kept: bool) -> Contact | Unknown | None:
        try:
            contact = canonical(text, self.region)
        except ImpossiblePhone as error:
            if kept:
                return Contact(text)
            if self.account is None and not text.strip().startswith("+"):  # it may be one of the account's country
                return None if self.failures else UNKNOWN
            shown = f"a secret contact ({last_digits(text)})" if self.secret else error.shown
            self.fail(key, f"{shown} is not a possible phone number: {error.why}")
            return None
        if is_lid(contact) and self.account and not self.account.capabilities.takes_lid:
            self.require(
                False, key, f"{self.account.title} does not take LIDs ({contact}); give the phone number instead"
            )
            return None
        if is_user_id(contact) and self.account and not self.account.capabilities.takes_bsuid:
            self.require(
                False,
                key,
                f"{self.account.title} does not take business-scoped user ids ({contact}); give the phone number "
                "instead",
            )
            return None
        return contact


def _kind(value: object) -> str:
    names = {
        type(None): "None",
        bool: "a boolean",
        float: "a number",
        int: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)
