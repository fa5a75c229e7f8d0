"""What the native face alone does: previews without writes, property diffs, imports, functions, explicit providers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime import rpc
from pulumi.runtime.proto import engine_pb2, plugin_pb2, provider_pb2

from .conftest import ONLY_NATIVE, Lease, Start, Take
from .harness import UNKNOWN, EngineResource, EngineService, ProviderError, ProviderProcess, as_read, struct

pytestmark = ONLY_NATIVE

ONE, TWO, THREE = "+16505551001", "+16505551002", "+16505551003"
Kind = provider_pb2.PropertyDiff.Kind


@pytest.fixture
def run(tmp_path: Path, face: str) -> Iterator[Start]:
    """Start processes of one run: ``start(lease)`` is the default provider, ``start(lease, name)`` an explicit one."""
    assert face == "native"
    engine = EngineService()
    processes: list[ProviderProcess] = []

    def start(lease: Lease, provider: str | None = None, *, configured: bool = True, **more: Any) -> ProviderProcess:
        config = {"accounts": json.dumps({lease.name: lease.keys})} if provider is None else {**lease.keys, **more}
        environment = more.pop("environment", None)
        process = ProviderProcess(
            config, tmp_path, environment, "native", provider or "default", engine, configured=configured
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.close()
    engine.stop()


def details(resource: EngineResource, news: dict[str, Any], *, secret: bool = False) -> dict[str, str]:
    """Return path -> how it changes."""
    checked = resource.check(news, secret=secret)
    assert checked.failures == {}
    request = provider_pb2.DiffRequest(
        **resource.named(),
        id=resource.id,
        olds=struct(resource.outputs),
        old_inputs=struct(resource.inputs),
        news=struct(checked.inputs),
    )
    reply = resource.process.stub.Diff(request)
    assert reply.hasDetailedDiff
    return {path: Kind.Name(each.kind) for path, each in reply.detailedDiff.items()}


# -- previews


def test_a_preview_writes_nothing_and_shows_what_is_not_known(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    checked = listed.check({"contacts": [ONE], "account": account.name})

    reply = account.provider.stub.Create(listed.create_request(checked.inputs, preview=True))

    planned = as_read(reply.properties)
    assert planned["contacts"] == {ONE: ""}
    assert planned["waIds"] == planned["accountId"] == UNKNOWN
    assert account.phone.blocked() == set()
    listed.up({"contacts": [ONE], "account": account.name})
    more = listed.check({"contacts": [ONE, TWO], "account": account.name}).inputs
    planned = as_read(account.provider.stub.Update(listed.update_request(more, preview=True)).properties)
    assert planned["contacts"] == {ONE: "", TWO: ""}
    assert planned["accountId"] == account.id
    assert account.phone.blocked() == {ONE}


def test_each_contact_is_a_line_of_the_diff(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": {ONE: "spam", TWO: ""}, "account": account.name})

    assert details(listed, {"contacts": {ONE: "fraud", TWO: "", THREE: ""}, "account": account.name}) == {
        f'contacts["{ONE}"]': "UPDATE",
        f'contacts["{THREE}"]': "ADD",
    }
    assert details(listed, {"contacts": {ONE: "spam", THREE: ""}, "account": account.name}) == {
        f'contacts["{TWO}"]': "DELETE_REPLACE",
        f'contacts["{THREE}"]': "ADD_REPLACE",
    }
    assert details(listed, {"contacts": {ONE: "spam", TWO: ""}, "account": account.name}) == {}
    other = take("meta")
    assert details(listed, {"contacts": {ONE: "spam", TWO: ""}, "account": other.name})["account"] == "UPDATE_REPLACE"


def test_another_spelling_or_name_is_no_line_that_somebody_goes(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": ["+5531987654321"], "account": account.name})

    shown = details(listed, {"contacts": ["+553187654321"], "account": account.name})

    assert not any("DELETE" in how for how in shown.values())


def test_who_is_declared_by_another_name_is_no_line_that_somebody_goes(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    listed.outputs["userIds"] = {ONE: "US.13491208655302741918"}  # as a refresh learns it

    assert details(listed, {"contacts": ["US.13491208655302741918"], "account": account.name}) == {
        f'contacts["{TWO}"]': "DELETE_REPLACE",
        'contacts["US.13491208655302741918"]': "ADD_REPLACE",
    }


def test_a_value_that_is_set_again_is_a_line_of_the_value(take: Take) -> None:
    account = take("zapi")
    setting = account.resource("PrivacySetting")
    news = {"setting": "about", "value": "none", "baseline": "all", "account": account.name}
    setting.up(news)
    setting.outputs["failed"] = {"value": {"state": "unknown", "why": "the answer was lost"}}

    assert details(setting, news) == {"value": "UPDATE"}


def test_what_is_tried_again_is_a_line(take: Take) -> None:
    account = take("meta")
    account.phone.contact(ONE, messaged_recently=False)
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    (why,) = listed.reasons
    assert why.startswith(f"Blocklist 'it': 1 not as declared: {ONE} refused (")

    assert details(listed, {"contacts": [ONE, TWO], "account": account.name}) == {f'contacts["{ONE}"]': "UPDATE"}


def test_what_is_too_large_for_an_error_is_recorded_all_the_same(take: Take) -> None:
    """A failure's record is a header, and the engine drops the connection at one of 16 MiB."""
    account = take("meta")
    account.phone.contact(ONE, messaged_recently=False)
    listed = account.resource("Blocklist", "large")

    listed.up({"contacts": {ONE: "x" * 12_000_000, TWO: ""}, "account": account.name})

    assert [*listed.outputs["failed"]] == [ONE]
    (why,) = account.provider.engine.texts(severity=engine_pb2.ERROR)
    assert why.startswith(f"Blocklist 'large': 1 not as declared: {ONE} refused (")


# -- secrets


@pytest.mark.parametrize("kind", ["BlockedContact", "Blocklist"])
def test_secret_contacts_are_marked_wherever_they_are_recorded(take: Take, kind: str) -> None:
    account = take("meta")
    resource = account.resource(kind)
    news = {"phone": ONE} if kind == "BlockedContact" else {"contacts": [ONE]}
    checked = resource.check({**news, "account": account.name}, secret=True)

    reply = account.provider.stub.Create(resource.create_request(checked.inputs))

    assert ONE[1:] not in reply.id
    found = rpc.deserialize_properties(reply.properties)
    for name, value in found.items():
        assert rpc.is_rpc_secret(value) or ONE[1:] not in json.dumps(value), name
    assert rpc.is_rpc_secret(checked.inputs["phone" if kind == "BlockedContact" else "contacts"])


@pytest.mark.parametrize("still", [True, False])
def test_no_path_of_a_diff_names_a_secret_contact(take: Take, still: bool) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    checked = listed.check({"contacts": [ONE, TWO], "account": account.name}, secret=True)
    listed.create(checked.inputs)

    for people, how in (([ONE, TWO, THREE], "UPDATE"), ([ONE, THREE], "UPDATE_REPLACE")):
        assert details(listed, {"contacts": people, "account": account.name}, secret=still) == {"contacts": how}


def test_a_secret_reason_stays_a_secret(take: Take) -> None:
    account = take("zapi")
    resource = account.resource("BlockedContact")
    news = {"phone": ONE, "reason": "s3cr3t", "account": account.name}
    checked = resource.check(news, hidden=["reason"])

    reply = account.provider.stub.Create(resource.create_request(checked.inputs))

    assert rpc.is_rpc_secret(rpc.deserialize_properties(reply.properties)["reason"])


# -- bad input


def test_an_input_that_there_is_not_is_refused_with_what_was_meant(take: Take) -> None:
    account = take("zapi")
    checked = account.resource("BlockedContact").check({"phones": ONE, "account": account.name})
    assert "did you mean phone?" in checked.failures["phones"]
    assert checked.failures["phone"] == "it is missing"


# -- pulumi import


def imported(account: Lease, kind: str, id_: str) -> EngineResource:
    """Return what ``pulumi import`` makes of an id; checked and compared, it has no change."""
    resource = account.resource(kind)
    request = provider_pb2.ReadRequest(**resource.named(), id=id_)
    reply = account.provider.call(account.provider.stub.Read, request)
    resource.id, resource.outputs, resource.inputs = reply.id, as_read(reply.properties), as_read(reply.inputs)
    assert resource.preview(resource.inputs) == (False, [])
    return resource


def test_import_of_all_three_kinds(take: Take) -> None:
    account = take("meta")
    account.phone.block(ONE, TWO)

    for spelt in (ONE, ONE[1:]):
        contact = imported(account, "BlockedContact", f"{account.id}/{spelt}")
        assert contact.id == f"{account.id}/{ONE[1:]}"
        assert contact.inputs == {"phone": ONE, "account": account.name}
        contact.check({"phone": "+16505559999", "account": account.name})  # it claims nobody of these any more
    whole = imported(account, "Blocklist", account.name)
    assert whole.inputs["contacts"] == {ONE: "", TWO: ""}
    assert whole.id.startswith(f"{account.id}/blocklist/")
    assert account.asked("block") == 0


@pytest.mark.parametrize("spelt", ["+5531987654321", "+553187654321", "553187654321@s.whatsapp.net"])
def test_an_imported_contact_is_spelt_as_its_id(take: Take, spelt: str) -> None:
    """WhatsApp lists this number of Brazil without its ninth digit, and the program may have either."""
    account = take("meta")
    account.phone.block("+5531987654321")
    contact = imported(account, "BlockedContact", f"{account.id}/{spelt}")
    assert not contact.up({"phone": spelt, "account": account.name})
    assert contact.id == f"{account.id}/553187654321"
    assert contact.outputs["waId"] == "553187654321"


def test_import_of_an_account_that_blocks_nobody(take: Take) -> None:
    account = take("meta")
    assert imported(account, "Blocklist", account.name).inputs["contacts"] == {}


def test_import_of_a_setting(take: Take) -> None:
    account = take("zapi")
    with pytest.raises(ProviderError, match="cannot read privacy settings; only RyzeAPI can"):
        imported(account, "PrivacySetting", f"{account.id}/privacy/about")


def test_import_of_who_is_not_blocked_is_one_line(take: Take) -> None:
    account = take("meta")
    with pytest.raises(ProviderError, match=rf"^\{ONE} is not blocked by {account.id}, so there is nothing to import"):
        imported(account, "BlockedContact", f"{account.id}/{ONE}")
    other = take("zapi")
    with pytest.raises(ProviderError, match="cannot list who is blocked"):
        imported(other, "Blocklist", other.id)
    with pytest.raises(ProviderError, match="there is no configured account 'meta/nobody'"):
        imported(account, "Blocklist", "meta/nobody")


# -- functions


def invoke(process: ProviderProcess, function: str, **args: Any) -> dict[str, Any]:
    request = provider_pb2.InvokeRequest(tok=f"whatsapp:index:{function}", args=struct(args))
    return as_read(getattr(process.call(process.stub.Invoke, request), "return"))


def test_functions_read_the_live_account(take: Take) -> None:
    account = take("meta")
    account.phone.block(ONE)
    found = invoke(account.provider, "getBlockedContacts", account=account.name)
    assert found == {"accountId": account.id, "contacts": [ONE], "nameless": 0}
    with pytest.raises(ProviderError, match="Meta cannot read privacy settings"):
        invoke(account.provider, "getPrivacySettings", account=account.name)
    with pytest.raises(ProviderError, match="there is no function whatsapp:index:getNothing"):
        invoke(account.provider, "getNothing", account=account.name)
    for wrong in (["x"], UNKNOWN):
        with pytest.raises(ProviderError, match=r"^account: it must be a string"):
            invoke(account.provider, "getBlockedContacts", account=wrong)


# -- several processes of one run


def test_who_moves_to_another_provider_of_the_run_stays_blocked(take: Take, run: Start) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    account.phone.let_a_day_pass()  # who is unblocked now is lost

    gives, takes = run(account), run(account, "support")
    listed = listed.on(gives)
    _, old = listed.deploy({"contacts": [ONE], "account": account.name})
    moved = takes.resource("BlockedContact")
    moved.up({"phone": TWO})
    assert old is not None
    old.delete_now()

    assert moved.reasons == []
    assert account.phone.blocked() == {ONE, TWO}
    assert account.asked("unblock") == 0


@pytest.mark.parametrize("late", [False, True])
def test_another_process_lets_go_of_nobody_whom_the_run_declares(take: Take, run: Start, late: bool) -> None:
    """An upgrade deletes with the old version's process, which checks nothing; it may begin before or after."""
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    account.phone.let_a_day_pass()

    old_version = None if late else run(account)
    new_version = run(account)
    left_behind = listed.on(new_version)
    _, old = left_behind.deploy({"contacts": [ONE], "account": account.name})
    assert old is not None
    old.on(old_version or run(account)).delete_now()

    assert account.phone.blocked() == {ONE}


def test_what_two_processes_declare_is_refused_and_names_both(take: Take, run: Start) -> None:
    account = take("meta")
    first, second = run(account).resource("Blocklist", "first"), run(account, "support").resource("Blocklist", "second")
    assert first.check({"contacts": [ONE], "account": account.name}).failures == {}

    refused = second.check({"contacts": [ONE]}).failures["contacts"]

    assert "Blocklist 'first'" in refused
    assert "Blocklist 'second'" in refused


def test_the_budget_of_unblocks_is_one_for_all_processes(take: Take, run: Start) -> None:
    account = take("meta")
    ours = [account.resource("BlockedContact", str(number)) for number in range(2)]
    for resource, phone in zip(ours, (ONE, TWO), strict=True):
        resource.up({"phone": phone, "account": account.name})
    account.keys["maxUnblocks"] = 1

    ours[0].on(run(account)).delete_now()
    with pytest.raises(ProviderError, match="after 1 in this run, and maxUnblocks is 1"):
        ours[1].on(run(account)).delete_now()

    assert account.phone.blocked() == {TWO}


def test_a_process_that_was_killed_takes_no_claims_with_it(take: Take, run: Start) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})

    gives, takes = run(account), run(account, "support")
    _, old = listed.on(gives).deploy({"contacts": [ONE], "account": account.name})
    takes.resource("BlockedContact", "taken").check({"phone": TWO})
    takes.kill()
    assert old is not None
    with pytest.raises(ProviderError, match="BlockedContact 'taken' declares it and has not blocked it"):
        old.delete_now()

    assert account.phone.blocked() == {ONE, TWO}


# -- deletes before the end of the program


@pytest.mark.parametrize("other_process", [False, True])
def test_a_delete_before_the_replacement_is_refused(take: Take, run: Start, other_process: bool) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    here = run(account)
    listed = listed.on(here)
    checked = listed.check({"contacts": [ONE], "account": account.name})
    assert listed.diff(checked.inputs) == (True, ["contacts"])

    with pytest.raises(ProviderError, match="remove deleteBeforeReplace"):
        listed.on(run(account) if other_process else here).delete_now()
    assert account.phone.blocked() == {ONE, TWO}

    old = listed.on(here)
    listed.create(checked.inputs)
    old.delete_now()
    assert account.phone.blocked() == {ONE}


def test_a_renamed_resource_is_not_deleted_before_its_replacement(take: Take, run: Start) -> None:
    """The engine checks and compares it by its new name, and deletes what it was by the old one."""
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    was = listed.on(run(account))
    renamed = replace(was, name="renamed")
    checked = renamed.check({"contacts": [ONE], "account": account.name})
    assert renamed.diff(checked.inputs) == (True, ["contacts"])

    with pytest.raises(ProviderError, match="remove deleteBeforeReplace"):
        was.delete_now()
    assert account.phone.blocked() == {ONE, TWO}

    renamed.create(checked.inputs)
    was.delete_now()
    assert account.phone.blocked() == {ONE}


def test_no_setting_is_given_back_before_the_replacement(take: Take, run: Start) -> None:
    account = take("zapi")
    setting = account.resource("PrivacySetting")
    setting.up({"setting": "about", "value": "none", "baseline": "all", "account": account.name})
    old = setting.on(run(account))
    setting = old.on(old.process)
    checked = setting.check({"setting": "online", "value": "all", "account": account.name})
    assert setting.diff(checked.inputs) == (True, ["setting"])

    with pytest.raises(ProviderError, match="remove deleteBeforeReplace"):
        old.delete_now()
    assert account.phone.privacy()["about"] == "none"

    setting.create(checked.inputs)
    old.delete_now()
    assert account.phone.privacy()["about"] == "all"


def test_a_takeover_deletes_nothing_before_the_replacement(take: Take, run: Start, tmp_path: Path) -> None:
    """The resource was a dynamic one, and the program makes it native and lets somebody go in the same run."""
    account = take("meta")
    accounts = {"accounts": json.dumps({account.name: account.keys})}
    before = ProviderProcess(accounts, tmp_path)
    listed = before.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    before.close()
    here = run(account)
    dynamic = ProviderProcess(accounts, tmp_path, engine=here.engine)
    was, listed = listed.on(dynamic), listed.on(here)
    checked = listed.check({"contacts": [ONE], "account": account.name})
    assert listed.diff(checked.inputs) == (True, ["contacts"])
    checked = listed.check({"contacts": [ONE], "account": account.name}, new=True)

    with pytest.raises(ProviderError, match="remove deleteBeforeReplace"):
        was.delete_now()
    assert account.phone.blocked() == {ONE, TWO}

    listed.create(checked.inputs)
    was.delete_now()
    assert account.phone.blocked() == {ONE}
    dynamic.close()


def test_a_delete_of_a_targeted_replacement_is_refused_before_it(take: Take, run: Start) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    contact = contact.on(run(account))
    contact.check({"phone": TWO, "account": account.name}, new=True)  # ``--replace`` compares nothing

    with pytest.raises(ProviderError, match="remove deleteBeforeReplace"):
        contact.delete_now()
    assert account.phone.blocked() == {ONE}


@pytest.mark.slow
@pytest.mark.parametrize("compared", [False, True])
def test_the_resources_of_a_provider_are_not_deleted_before_it_is_replaced(
    take: Take, run: Start, compared: bool
) -> None:
    """Those that delete have the configuration of the state, and start before the provider is checked or after."""
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    before, new = run(account, "support"), run(account, "support", configured=False)
    assert check_config(new, "support", contact, **account.keys) == []
    if compared:
        assert diff_config(new, "support", account.keys, account.keys | {"timeout": 5}, contact)

    for old in (before, run(account, "support")):
        with pytest.raises(ProviderError, match="remove deleteBeforeReplace from the resource, or from its provider"):
            contact.on(old).delete_now()
    assert account.phone.blocked() == {ONE}

    new.configure(config_urn("support", contact))
    contact.on(before).delete_now()
    assert account.phone.blocked() == set()


def test_a_provider_to_which_a_resource_moves_keeps_no_delete_waiting(take: Take, run: Start) -> None:
    """The engine compares it with the one before, be it another one or that of another version of the plugin."""
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    before, new = run(account, "support"), run(account, "support", configured=False)
    assert check_config(new, "support", contact, **account.keys) == []
    new.configure(config_urn("support", contact))
    assert diff_config(new, "support", account.keys, account.keys | {"timeout": 5}, contact)

    contact.on(before).delete_now()
    assert account.phone.blocked() == set()


def test_nobody_goes_after_a_resource_that_failed(take: Take, run: Start) -> None:
    """With ``--continue-on-error`` the program goes on without what it would have made of that resource."""
    account = take("meta")
    contact, fails = account.resource("BlockedContact"), account.resource("BlockedContact", "fails")
    contact.up({"phone": ONE, "account": account.name})
    here = run(account)
    fails = replace(fails.on(here), key=contact.key)
    account.phone.fault("outage", on="block", times=None)
    fails.deploy({"phone": TWO, "account": account.name})
    assert fails.reasons

    with pytest.raises(ProviderError, match="or after a part of it failed"):
        contact.on(here).delete_now()
    assert account.phone.blocked() == {ONE}

    fails.deploy({"phone": TWO, "account": account.name})  # an update of what was recorded, which fails too
    assert fails.reasons
    with pytest.raises(ProviderError, match="or after a part of it failed"):
        contact.on(here).delete_now()
    assert account.phone.blocked() == {ONE}

    account.phone.clear_faults()
    fails.deploy({"phone": TWO, "account": account.name})
    contact.on(here).delete_now()
    assert account.phone.blocked() == {TWO}


def test_who_would_be_deleted_with_another_resource_stays(take: Take, run: Start) -> None:
    """The engine asks what is not known yet would change, and may delete the resource for it (`replaceOnChanges`)."""
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    contact = contact.on(run(account))
    contact.diff({**contact.inputs, "phone": UNKNOWN})

    with pytest.raises(ProviderError, match="before the program has ended"):
        contact.delete_now()
    assert account.phone.blocked() == {ONE}


@pytest.mark.slow
def test_a_process_that_is_attached_to_deletes_nothing_before_the_replacement(take: Take, run: Start) -> None:
    """With ``PULUMI_DEBUG_PROVIDERS`` one process is the provider of the state and that of the program."""
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    one = run(account, "support", configured=False)
    attach = plugin_pb2.PluginAttach(address=one.engine.address)
    one.call(one.stub.Attach, attach)
    assert check_config(one, "support", contact, **account.keys) == []
    one.call(one.stub.Attach, attach)
    one.configure(config_urn("support", contact))

    with pytest.raises(ProviderError, match="before the program has ended"):
        contact.on(one).delete_now()
    assert account.phone.blocked() == {ONE}


def test_the_resources_of_a_provider_that_stays_are_deleted(take: Take, run: Start) -> None:
    """The engine configures nothing anew where nothing changes and it has a process already, since a refresh."""
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    before, new = run(account, "support"), run(account, "support", configured=False)
    assert check_config(new, "support", contact, **account.keys) == []
    assert not diff_config(new, "support", account.keys, account.keys, contact)

    contact.on(before).delete_now()
    assert account.phone.blocked() == set()


def test_what_an_earlier_run_has_left_with_the_same_id_goes_and_nobody_with_it(take: Take, run: Start) -> None:
    """After ``--replace`` two resources in the state have one id; the next run deletes the old one."""
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    contact = contact.on(run(account))
    assert not contact.up({"phone": ONE, "account": account.name})

    contact.delete_now()

    assert account.phone.blocked() == {ONE}
    assert account.asked("unblock") == 0


def test_what_was_not_checked_is_never_replaced(take: Take, run: Start) -> None:
    """The engine compares the dependents of what is deleted first, and would delete those that are replaced."""
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "mode": "exclusive", "account": account.name})
    account.phone.block(THREE)
    listed = listed.on(run(account))

    assert listed.diff({**listed.inputs, "contacts": {ONE: ""}}) == (True, [])


# -- the provider itself


def config_urn(name: str, beside: EngineResource | None = None) -> str:
    project = beside.named()["urn"].split("::")[1] if beside else "demo"
    return f"urn:pulumi:dev::{project}::pulumi:providers:whatsapp::{name}"


def check_config(process: ProviderProcess, name: str, beside: EngineResource | None = None, **keys: Any) -> list[str]:
    request = provider_pb2.CheckRequest(urn=config_urn(name, beside), news=struct(keys))
    return [failure.reason for failure in process.call(process.stub.CheckConfig, request).failures]


def diff_config(
    process: ProviderProcess,
    name: str,
    olds: dict[str, Any],
    news: dict[str, Any],
    beside: EngineResource | None = None,
) -> bool:
    """Return whether anything changes; nothing is ever replaced."""
    request = provider_pb2.DiffRequest(
        urn=config_urn(name, beside), olds=struct(olds), old_inputs=struct(olds), news=struct(news)
    )
    reply = process.call(process.stub.DiffConfig, request)
    assert list(reply.replaces) == []
    return bool(reply.changes == provider_pb2.DiffResponse.DIFF_SOME)


def test_an_explicit_provider_is_one_account(take: Take, run: Start) -> None:
    account = take("meta")
    process = run(account, "support")
    contact = process.resource("BlockedContact")
    contact.up({"phone": ONE})
    assert contact.outputs["accountId"] == account.id
    assert "account" not in contact.outputs
    refused = process.resource("BlockedContact", "x").check({"phone": TWO, "account": "other"}).failures
    assert refused["account"].startswith("provider 'support' is one account, so a resource that uses it names none: ")


def test_the_environment_speaks_to_an_explicit_provider_by_its_name(take: Take, tmp_path: Path, face: str) -> None:
    assert face == "native"
    account = take("meta")
    token = account.keys.pop("token")
    for environment, works in (
        ({"WHATSAPP_TOKEN": token}, False),
        ({"WHATSAPP_ACCOUNTS_SUPPORT_LINE_TOKEN": token, "WHATSAPP_TOKEN": "wrong"}, True),
    ):
        process = ProviderProcess(account.keys, tmp_path, environment, "native", "support-line")
        contact = process.resource("BlockedContact")
        if works:
            contact.up({"phone": ONE})
        else:
            with pytest.raises(ProviderError, match="token of provider 'support-line' is missing"):
                contact.up({"phone": ONE})
        process.close()
    assert account.phone.blocked() == {ONE}


def test_the_limits_of_the_environment_hold_for_every_provider(take: Take, tmp_path: Path, face: str) -> None:
    assert face == "native"
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    process = ProviderProcess(account.keys, tmp_path, {"WHATSAPP_MAX_UNBLOCKS": "0"}, "native", "support")
    with pytest.raises(ProviderError, match="maxUnblocks is 0"):
        contact.on(process).delete_now()
    process.close()
    assert account.phone.blocked() == {ONE}


@pytest.mark.parametrize(("kind", "key"), [("BlockedContact", "phone"), ("Blocklist", "contacts")])
def test_a_secret_that_is_not_known_yet_is_no_mistake(take: Take, kind: str, key: str) -> None:
    account = take("meta")
    checked = account.resource(kind).check({key: rpc.wrap_rpc_secret(UNKNOWN), "account": account.name})
    assert checked.failures == {}
    assert rpc.is_rpc_secret(checked.inputs[key])


def test_a_wrong_explicit_provider_is_refused_by_its_own_check(provider: ProviderProcess) -> None:
    assert check_config(provider, "support", gateway="meta", phoneNumberId="1", token="t") == []
    (why,) = check_config(provider, "support", gateway="meta", phoneNumberId="1")
    assert why == (
        "token of provider 'support' is missing (give it a value, or set WHATSAPP_ACCOUNTS_SUPPORT_TOKEN in the "
        "environment)"
    )
    problems = check_config(provider, "support", gatway="meta")
    assert any(each.startswith("gatway of provider 'support' is not a key") for each in problems)
    assert check_config(provider, "support", gateway="meta", phoneNumberId=UNKNOWN) == []
    assert check_config(provider, "support", gateway="meta", formerly=["zapi/1", UNKNOWN]) == []  # as YAML gives it
    for name in ("default", "default_0_1_0", "default_0_1_0_alpha_1", "default_0_1_0_github.com/org"):
        assert check_config(provider, name, gateway="nobody") == []  # who uses it is told
    for name in ("default_eu", "Default", "defaults"):
        assert check_config(provider, name, gateway="nobody") != []


def test_the_credentials_of_an_explicit_provider_are_secrets(provider: ProviderProcess) -> None:
    for given in ("t0p", rpc.wrap_rpc_secret("t0p"), UNKNOWN):
        keys = struct({"gateway": "meta", "phoneNumberId": "1", "token": given})
        reply = provider.stub.CheckConfig(provider_pb2.CheckRequest(urn=config_urn("support"), news=keys))
        kept = rpc.deserialize_properties(reply.inputs, keep_unknowns=True)
        assert kept["phoneNumberId"] == "1"
        assert rpc.is_rpc_secret(kept["token"])


def test_a_changed_configuration_replaces_nothing(provider: ProviderProcess) -> None:
    olds = {"gateway": "meta", "token": "old"}
    assert diff_config(provider, "x", olds, {"gateway": "meta", "token": "new"})
    assert not diff_config(provider, "x", olds, olds)


def test_a_second_configuration_of_one_process_is_refused(take: Take, run: Start) -> None:
    account, other = take("meta"), take("meta")
    process = run(account, "support")
    for keys, works in ((account.keys, True), (other.keys, False)):
        args = struct({key: rpc.wrap_rpc_secret(value) for key, value in keys.items()})
        request = provider_pb2.ConfigureRequest(args=args, name="support", urn=config_urn("support"))
        if works:
            process.call(process.stub.Configure, request)
        else:
            with pytest.raises(ProviderError, match="this process serves another provider already"):
                process.call(process.stub.Configure, request)


def test_cancel_and_plugin_info(provider: ProviderProcess) -> None:
    assert provider.stub.Cancel(Empty()) == Empty()
    assert provider.stub.GetPluginInfo(Empty()).version
    assert json.loads(provider.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)["name"] == "whatsapp"


# -- many at once


def test_single_contacts_that_are_under_way_together_share_requests(take: Take) -> None:
    account = take("meta")
    people = [f"+1650555{number:04}" for number in range(2000, 2080)]
    contacts = [account.resource("BlockedContact", phone) for phone in people]
    checked = [contact.check({"phone": contact.name, "account": account.name}).inputs for contact in contacts]

    creating = [
        account.provider.stub.Create.future(contact.create_request(inputs))
        for contact, inputs in zip(contacts, checked, strict=True)
    ]
    for contact, reply in zip(contacts, creating, strict=True):
        contact.id, contact.outputs = reply.result().id, as_read(reply.result().properties)

    assert [contact.outputs["phone"] for contact in contacts] == people
    assert account.phone.blocked() == {*people}
    assert account.asked("block") < len(people) * 3 / 4
    deleting = [account.later.stub.Delete.future(contact.on(account.later).delete_request()) for contact in contacts]
    for each in deleting:
        each.result()
    assert account.phone.blocked() == set()
    assert account.asked("unblock") < len(people) * 3 / 4


def test_a_process_that_another_run_attaches_to_forgets_the_last_one(take: Take, run: Start) -> None:
    """With ``PULUMI_DEBUG_PROVIDERS`` one process serves every command."""
    account = take("meta")
    process = run(account)
    contact = process.resource("BlockedContact")
    contact.up({"phone": ONE, "account": account.name})
    engine = EngineService()

    process.call(process.stub.Attach, plugin_pb2.PluginAttach(address=engine.address))
    args = struct({"accounts": json.dumps({account.name: account.keys})})
    process.call(process.stub.Configure, provider_pb2.ConfigureRequest(args=args, name="default"))
    contact.delete_now()  # the program does not declare it any more

    engine.stop()
    assert account.phone.blocked() == set()
