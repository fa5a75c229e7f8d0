"""Provider processes of one run hear of each other's claims: several know what one alone would."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pulumi_whatsapp.account.claims import Claims, Declared, Note
from pulumi_whatsapp.engine import loopback, peers
from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.names import Key, People, key_of

from .fake import by, number

PEOPLE = [number(each) for each in range(1, 5)]
KEYS = [key_of(contact) for contact in PEOPLE]
IDS = [Key(f"US.{each}") for each in range(3)]
NOTHING: tuple[Key, ...] = ()


class Processes:
    """Claims of one account in several processes, and in one that does all that any of them does."""

    def __init__(self, count: int) -> None:
        self.alone = Claims("meta/1")
        self.together: list[Claims] = []
        for _ in range(count):
            self.begin()

    def begin(self) -> None:
        """Begin one more process; it takes over what the others have noted."""
        late = Claims("meta/1", lambda note: self._tell(late, note))
        for other in self.together:
            late.hear(_travelled(other.everything()))
        self.together.append(late)

    def _tell(self, teller: Claims, note: Note) -> list[str]:
        return [why for other in self.together if other is not teller for why in other.hear(_travelled(note))]

    def do(self, where: int, act: Callable[[Claims], Any]) -> tuple[Any, Any]:
        """Do something in one of them, and in the one that is alone; returns what both answer."""
        return act(self.alone), act(self.together[where % len(self.together)])


def _travelled(note: Note) -> Note:
    return peers._read(json.loads(json.dumps(peers._written(note), default=list)))


def _declare(resource: int, people: frozenset[int], exclusive: bool) -> Callable[[Claims], Any]:
    contacts = {KEYS[each]: PEOPLE[each] for each in people}
    return lambda claims: claims.declare(Declared(by(f"resource-{resource}"), contacts, exclusive=exclusive))


def _set(resource: int, setting: str) -> Callable[[Claims], Any]:
    return lambda claims: claims.declare(Declared(by(f"setting-{resource}"), setting=setting))


def _learn(who: int, name: Key) -> Callable[[Claims], Any]:
    return lambda claims: claims.learn(People([(KEYS[who], name)]))


some = st.integers(0, len(PEOPLE) - 1)
keys = st.lists(st.sampled_from([*KEYS, *IDS]), max_size=3)
ACTS = st.one_of(
    st.builds(_declare, st.integers(0, 3), st.frozensets(some, max_size=3), st.booleans()),
    st.builds(_set, st.integers(0, 2), st.sampled_from(["about", "online"])),
    keys.map(lambda held: lambda claims: claims.hold(held)),
    st.tuples(some, st.sampled_from(IDS)).map(
        lambda pair: lambda claims: claims.learn(People([(KEYS[pair[0]], pair[1])]))
    ),
    st.tuples(keys, keys, keys).map(lambda each: lambda claims: claims.tried(*each)),
    keys.map(lambda maybe: lambda claims: claims.compared(NOTHING, lambda _: None, maybe, NOTHING, NOTHING)),
    st.sampled_from(["about", "online"]).map(lambda name: lambda claims: claims.hold_setting(name, "all")),
    keys.map(lambda strangers: lambda claims: claims.name_strangers(strangers)),
    keys.map(lambda foreseen: lambda claims: claims.foresee_unblocks(foreseen)),
    st.integers(0, 3).map(lambda count: lambda claims: claims.take_unblocks(count)),
)


def _known(claims: Claims, *, twice: bool) -> dict[str, Any]:
    """Return what a delete asks; where something is declared ``twice`` it does not matter which of both it names."""
    everybody = [*KEYS, *IDS]
    by = (lambda declared: declared is not None) if twice else (lambda declared: declared)
    return {
        "declarer": [by(claims.declarer(key)) for key in everybody],
        "declared": claims.declared_contacts(),
        "held": [claims.held(key) for key in everybody],
        "names": [set(claims.names(key)) for key in everybody],
        "kinds": claims.kinds,
        "settings": [(by(claims.setting(name)), claims.setting_value(name)) for name in ("about", "online")],
        "strangers": set(claims.strangers()),
        "refused": [claims.refused(key) for key in everybody],
        "maybe": [claims.may_be_blocked((key,)) for key in everybody],
        "unblocks": claims.unblocks,
    }


@settings(deadline=None)
@example(
    acts=[
        (0, _declare(0, frozenset([0]), False), False),
        (0, _declare(0, frozenset(), False), False),
        (0, lambda claims: claims.hold([]), True),
    ]
)
@example(
    acts=[
        (1, _declare(0, frozenset(), False), False),
        (0, _declare(0, frozenset([0]), False), False),
        (0, _set(0, "about"), True),
    ]
)
@example(
    acts=[
        (0, _declare(1, frozenset([0]), True), False),
        (0, _declare(0, frozenset([0]), True), False),
        (0, _declare(0, frozenset(), False), False),
        (0, _declare(2, frozenset([0]), False), True),
    ]
)
@example(acts=[(0, _set(1, "about"), False), (0, _set(0, "about"), False), (0, _set(0, "online"), True)])
@given(st.lists(st.tuples(st.integers(0, 2), ACTS, st.booleans()), max_size=12))
def test_several_processes_know_what_one_alone_would(acts: list[tuple[int, Callable[[Claims], Any], bool]]) -> None:
    processes = Processes(2)
    twice = False
    for where, act, begins in acts:
        if begins and len(processes.together) < 4:
            processes.begin()
        alone, together = processes.do(where, act)
        assert (alone is None) == (together is None)  # what is declared twice is refused wherever it is declared
        twice |= isinstance(alone, str)
        for each in processes.together:
            assert _known(each, twice=twice) == _known(processes.alone, twice=twice)


def test_what_one_process_has_checked_the_others_know() -> None:
    """A native delete asks a program whose dynamic resources another process has checked."""
    processes = Processes(2)
    one, two = processes.together
    one.declare(Declared(by("first"), {KEYS[0]: PEOPLE[0]}))
    two.declare(Declared(by("second"), {KEYS[1]: PEOPLE[1]}))
    assert one.checked() == two.checked() == {by("first").key, by("second").key}


def test_a_note_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    written = {"held": [KEYS[0]], "something": ["new"]}
    assert peers._read(written) == {"held": [KEYS[0]], "declared": []}


# -- one process asks another


@pytest.mark.skipif(sys.platform == "win32", reason="has no such permissions")
def test_where_the_processes_cannot_meet_none_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    loopback.place("engine", "provider").parent.mkdir(mode=0o755)
    with pytest.raises(
        ConfigurationError, match=r"must belong to this user alone\); mend that, or name another .* TMPDIR"
    ):
        peers.Peers("engine").join()


def test_processes_of_one_engine_find_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    alone, first, other_run = peers.Peers(""), peers.Peers("one"), peers.Peers("two")
    for each in (alone, first, other_run):
        each.join()
    first.claims("meta/1").declare(Declared(by("early"), {KEYS[0]: PEOPLE[0]}))
    first.stands("urn:early", "instance-1")

    late = peers.Peers("one")
    late.join()
    assert late.claims("meta/1").declarer(KEYS[0]) == "early"
    refused = late.claims("meta/1").declare(Declared(by("late"), {KEYS[0]: PEOPLE[0]}))
    assert refused is not None
    assert "early" in refused
    late.claims("zapi/2").hold([KEYS[1]])
    assert first.claims("zapi/2").held(KEYS[1])
    assert not other_run.claims("zapi/2").held(KEYS[1])
    assert not alone.claims("zapi/2").held(KEYS[1])

    late.note_delete("instance-1")
    assert "before the program has ended" in peers.undeclared_yet()[0].why
    first.settled("urn:early")
    late.note_delete("instance-1")
    assert peers.undeclared_yet() == ()
    late.stands("urn:pulumi:dev::demo::new")
    first.note_delete("instance-2", "urn:pulumi:dev::demo::old")  # it may be the same one, under an alias
    assert peers.undeclared_yet()
    first.note_delete("instance-2", "urn:pulumi:prod::demo::old")
    assert peers.undeclared_yet() == ()
    late.settled("urn:pulumi:dev::demo::new")
    first.note_delete("instance-2", "urn:pulumi:dev::demo::old")
    assert peers.undeclared_yet() == ()

    provider = "urn:pulumi:dev::demo::pulumi:providers:whatsapp::support"
    late.stands(provider)
    monkeypatch.setattr(peers, "_CONFIGURING", 0)
    asyncio.run(first.providers_settled("urn:pulumi:dev::demo::old"))
    first.note_delete("instance-2", "urn:pulumi:dev::demo::old")
    assert peers.undeclared_yet()
    monkeypatch.setattr(peers, "_CONFIGURING", 60)
    asyncio.run(first.providers_settled("urn:pulumi:prod::demo::old"))  # of another stack: nobody is waited for
    waiting = threading.Thread(target=lambda: asyncio.run(first.providers_settled("urn:pulumi:dev::demo::old")))
    waiting.start()
    late.settled(provider)
    waiting.join()
    first.note_delete("instance-2", "urn:pulumi:dev::demo::old")
    assert peers.undeclared_yet() == ()

    late.leave()
    first.claims("zapi/2").hold([KEYS[2]])  # nobody hears it, and nobody is waited for
    for each in (first, other_run):
        each.leave()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_killed_process_has_left_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first = peers.Peers("one")
    first.join()
    (place,) = (path for path in tmp_path.rglob("*") if path.is_file())
    left = place.with_name(place.name.replace(".provider", "x.provider"))
    old = place.with_name("old-run.1.provider")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for path in (left, old):
        path.write_text(json.dumps({"port": port, "key": "00"}))
    os.utime(old, (0, 0))

    first.claims("meta/1").hold([KEYS[0]])
    assert not left.exists()
    second = peers.Peers("two")
    second.join()
    assert not old.exists()
    assert place.exists()
    for each in (first, second):
        each.leave()
