"""What a contact is called, and when two names are the same person.

One person has up to four names: a number, WhatsApp's own id of it (``wa_id``), a LID and a business-scoped user id
(BSUID). Any of them may be declared, and any of them may be missing where WhatsApp tells of somebody.

* the canonical form (`Contact`), which inputs, state and previews hold: E.164 (``+5511987654321``); ``<digits>@lid``
  for the ids of linked devices, which cannot be turned into a number (https://developer.z-api.io/en/tips/lid); or a
  BSUID as Meta gives it (``BR.1502576394655843``), for people who hide their number
  (https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids).
  `pulumi_whatsapp.phone` makes it of what people write;
* the key (`Key`), by which names are compared. It is never shown and never sent;
* what a listing or an answer says of somebody (`Person`), and which names are one person's (`People`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, NamedTuple, NewType

Contact = NewType("Contact", str)
"""A contact in canonical form."""
Key = NewType("Key", str)
"""What two spellings of one name have in common. It is never shown and never sent."""
Names = tuple[Key, ...]
"""The keys of all that one person is known by; the name that the program gives, if it gives one, comes first."""

JID_SERVER: Final = "s.whatsapp.net"

_IVORY_COAST: Final = re.compile(
    r"225(?:(?P<_01>0[1-3]|4[0-3]|5[1-3]|71)|(?P<_05>[04578][456])|(?P<_07>[04578][789]))\d{6}"
)
_BENIN: Final = re.compile(r"229[24-69]\d{7}")

NUMBER: Final = 1
USER_ID: Final = 2
LID: Final = 4
"""The kinds of names, as bits. A listing shows one name of a kind, so two names of one kind are two people in it."""

_USER_ID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
_MAYBE_A_CONTACT: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]+"
    r"|(?<![\d…])\+?(?:"
    r"\d(?:[\s().\-/\u2010-\u2015]{0,2}\d){8,}"
    r"|\d{7,}"
    # six digits are the shortest number there is, but also the code of Meta's errors
    r'|(?<!#)(?<!code )(?<!"code":)(?<!"code": )\d{6}'
    r"|\d+(?=(?::\d+)?@)"
    r")"
)


def is_lid(contact: str) -> bool:
    """Return whether a contact, in canonical form, is a LID."""
    return contact.endswith("@lid")


def is_user_id(text: str) -> bool:
    """Return whether a text is a business-scoped user id, whole: upper case and lower case count."""
    return _USER_ID.fullmatch(text) is not None


def kind(name: str) -> int:
    """Return the kind of a contact in canonical form, or of a key."""
    if name[2:3] == ".":
        return USER_ID
    return LID if name.endswith("@lid") else NUMBER


def kinds(names: Iterable[str]) -> int:
    """Return the kinds of some names, as bits."""
    bits = 0
    for name in names:
        bits |= kind(name)
    return bits


def digits(contact: str) -> str:
    """Return what gateways call a contact: the digits of its number; a LID or BSUID as it is."""
    return contact.removeprefix("+").removesuffix(f"@{JID_SERVER}")


def from_gateway(text: str) -> Contact:
    """Return the canonical spelling of what a gateway calls a contact: a ``wa_id``, digits or a JID.

    Whatever it is, it is a contact that exists, so it is never refused: what is not digits stays as it is.
    """
    number = text.removeprefix("+")
    if number.isdigit():
        return Contact(f"+{number}")
    user, _, server = text.strip().partition("@")
    user = user.partition(":")[0].removeprefix("+")
    if server == "lid":
        return Contact(f"{user}@lid")
    return Contact(f"+{user}" if user.isdigit() else text.strip())


class Person(NamedTuple):
    """What a listing, or an answer, says of one person, in canonical form; whatever it does not say is None.

    Attributes:
        number: WhatsApp's own id as a number.
        user_id: the business-scoped user id.
        lid: the id of linked devices.
    """

    number: Contact | None = None
    user_id: Contact | None = None
    lid: Contact | None = None

    @property
    def names(self) -> Names:
        """The keys of what it is called; none where it has no name that anybody can be blocked by."""
        number, user_id, lid = self
        names: Names = () if number is None else (key_of(number),)
        if user_id is not None:
            names += (Key(user_id),)
        return names if lid is None else (*names, Key(lid))

    @property
    def kinds(self) -> int:
        """The kinds of names that it has."""
        number, user_id, lid = self
        return (NUMBER if number else 0) | (USER_ID if user_id else 0) | (LID if lid else 0)

    @property
    def contact(self) -> Contact | None:
        """What people call it: the number where it is known."""
        return self.number or self.user_id or self.lid

    def name(self, which: int) -> Contact | None:
        """Return its name of one kind."""
        return self.number if which == NUMBER else self.user_id if which == USER_ID else self.lid

    def beside(self, other: Person) -> Person:
        """Return a person with what another telling adds."""
        return Person(self.number or other.number, self.user_id or other.user_id, self.lid or other.lid)


NOBODY: Final = Person()


def person_called(*texts: str | None) -> Person:
    """Return who is called by all of these: ids, numbers or JIDs as a gateway gives them, the best of a kind first.

    What is none of them tells nobody apart, and is passed over; a parent BSUID (``CC.ENT.…``) is, as nobody can be
    blocked by it.
    """
    number = user_id = lid = None
    for text in texts:
        if not text:
            continue
        if text.isdigit() or text[0] == "+":
            number = number or _numbered(text)
        elif text[2:3] == ".":
            user_id = user_id or (Contact(text) if is_user_id(text) else None)
        else:
            contact = from_gateway(text)
            if is_lid(contact):
                lid = lid or (contact if contact.removesuffix("@lid").isdigit() else None)
            else:
                number = number or _numbered(contact)
    return Person(number, user_id, lid)


def _numbered(text: str) -> Contact | None:
    number = text.removeprefix("+")
    return Contact(f"+{number}") if number.isdigit() else None


@cache
def key_of(contact: str) -> Key:
    """Return the key under which two spellings of one contact are equal.

    ``contact`` is a canonical form or a ``wa_id``; a LID or a BSUID is its own key. A WhatsApp user's number and id
    may differ (https://developers.facebook.com/docs/whatsapp/cloud-api, "wa_id"): Brazilian mobile numbers with or
    without the ninth digit, Mexican ones as 52 or 521, Argentine ones as 54 or 549, those of Ivory Coast and Benin
    with the eight digits of old or the ten of today.

    The ninth digit is dropped only where the rest begins as a mobile number does (6 to 9): what begins with 2 to 5
    would be somebody's fixed line.
    """
    if "@" in contact:
        contact = from_gateway(contact)
        if is_lid(contact):
            return Key(contact)
    number = contact.removeprefix("+")
    if number.startswith("55") and len(number) == 13 and number[4] == "9" and number[5] in "6789":
        return Key(number[:4] + number[5:])
    if number.startswith("521") and len(number) == 13:
        return Key(f"52{number[3:]}")
    if number.startswith("549") and len(number) == 13:
        return Key(f"54{number[3:]}")
    return Key(with_ten_digits(number) or number)


def with_ten_digits(number: str) -> str | None:
    """Return what an old number of Ivory Coast or Benin has become; None where it is none, or that is not certain.

    Ivory Coast put the operator's 01, 05 or 07 before its eight digits on 31 January 2021
    (https://en.wikipedia.org/wiki/Telephone_numbers_in_Ivory_Coast); whose range a mobile number was in, its second
    digit tells (https://github.com/google/libphonenumber/issues/1909). Ranges that are not listed there, as those of
    operators that had closed by then, are left out, and so are fixed lines, where the operator is not certain.
    Benin put 01 before all of them on 30 November 2024 (https://fr.allafrica.com/stories/202411300249.html).

    Args:
        number: digits, country code first.
    """
    if len(number) != 11:
        return None
    if _BENIN.fullmatch(number):
        return f"22901{number[3:]}"
    ivorian = _IVORY_COAST.fullmatch(number)
    return f"225{(ivorian.lastgroup or '')[1:]}{number[3:]}" if ivorian else None


class People:
    """Which names are one person's, as far as that is known."""

    def __init__(self, pairs: Iterable[tuple[Key, Key]] = ()) -> None:
        """Begin with pairs of names that are one person's."""
        known = pairs if isinstance(pairs, list) else list(pairs)
        of: dict[Key, Names] = {pair[0]: pair for pair in known}
        of.update({pair[1]: pair for pair in known})
        self._of = of
        if len(of) < 2 * len(known):  # somebody is named in more than one pair
            self._of = {}
            for one, other in known:
                self.join(one, other)

    def __bool__(self) -> bool:
        """Return whether anybody is known to have two names."""
        return bool(self._of)

    def join(self, *names: Key) -> None:
        """Note that these are one person's names."""
        for other in names[1:]:
            mine, theirs = self.names(names[0]), self.names(other)
            if other not in mine:
                both = mine + theirs
                self._of.update(dict.fromkeys(both, both))

    def merge(self, others: People) -> None:
        """Take over what others know."""
        if self._of.keys().isdisjoint(others._of):
            self._of.update(others._of)
        else:
            for names in set(others._of.values()):
                self.join(*names)

    def groups(self) -> list[Names]:
        """Return the names of everybody who is known to have two."""
        return list({id(names): names for names in self._of.values()}.values())

    def names(self, name: Key) -> Names:
        """Return all names of the person who has this one."""
        return self._of.get(name) or (name,)

    def person(self, name: Key) -> Key:
        """Return the one name that stands for whoever has this one."""
        names = self._of.get(name)
        return names[0] if names else name

    def everything(self, keys: Iterable[Key]) -> Iterator[Key]:
        """Yield all names of the people who have these."""
        get = self._of.get
        for key in keys:
            yield from get(key) or (key,)

    def all_names(self, *names: Key) -> Names:
        """Return these names and all others of the same person, these first."""
        if len(names) == 1:  # nearly always, and there may be 64,000
            known = self._of.get(names[0])
            if known is None or known[0] == names[0]:
                return known or names
        return tuple(dict.fromkeys((*names, *(other for name in names for other in self._of.get(name, ())))))


def last_digits(contact: str) -> str:
    """Return a contact so that only its last four characters show, for messages about a secret one."""
    return f"…{contact.partition('@')[0][-4:]}"


def hide_numbers(text: str) -> str:
    """Return a message so that of whatever may be a contact in it only the last four characters show."""
    return _MAYBE_A_CONTACT.sub(lambda found: f"…{found[0][-4:]}", text)
