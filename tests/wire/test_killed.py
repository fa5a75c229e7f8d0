"""A provider that is killed in the middle leaves a truth behind to which the next process converges."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from ..unit.fake import numbers
from .conftest import Lease, Start, Take
from .harness import EngineResource, ProviderProcess

BATCH = {"meta": 1000, "zapi": 1}
COUNT = {"meta": 1500, "zapi": 20}
DONE = {"meta": 1000, "zapi": 10}


def killed_while(account: Lease, process: ProviderProcess, resource: EngineResource, operation: str, call: Any) -> None:
    """Start a call, let so many contacts through, and kill the process while the next request hangs."""
    done = DONE[account.phone.gateway]
    gateway = account.phone.gateway
    fault, said = {
        "meta": ("timeout", f"{operation}ing contacts of {account.id}: {done:,}/"),
        "zapi": ("rate_limit", "waiting 90 s"),
    }[gateway]
    account.phone.fault(fault, on=operation, times=None, after=done // BATCH[gateway], retry_after=90)
    under_way = call(resource)
    process.engine.wait_for(said)
    process.kill()
    assert isinstance(under_way.exception(timeout=30), grpc.RpcError)
    account.phone.clear_faults()


@pytest.mark.parametrize("gateway", ["meta", "zapi"])
def test_a_create_that_was_killed_is_done_by_the_next(take: Take, another_process: Start, gateway: str) -> None:
    account, count, done = take(gateway), COUNT[gateway], DONE[gateway]
    news = {"contacts": numbers(count), "account": account.name}
    process = another_process(account)
    resource = process.resource("Blocklist")
    checked = resource.check(news).inputs

    killed_while(account, process, resource, "block", lambda it: process.stub.Create.future(it.create_request(checked)))
    assert len(account.phone.blocked()) == done

    account.phone.clear_requests()
    healed = another_process(account).resource("Blocklist")
    healed.up(news)

    assert healed.outputs["failed"] == {}
    assert account.phone.blocked() == set(numbers(count))
    sent = sum(request.contacts for request in account.phone.requests() if request.operation == "block")
    assert sent == (count - done if gateway == "meta" else count)  # Z-API cannot tell who is blocked already


@pytest.mark.parametrize("gateway", ["meta", "zapi"])
def test_an_update_that_was_killed_is_done_by_the_next(take: Take, another_process: Start, gateway: str) -> None:
    account, count, done = take(gateway), COUNT[gateway], DONE[gateway]
    before = another_process(account).resource("Blocklist")
    before.up({"contacts": ["+16505551001"], "account": account.name})
    news = {"contacts": ["+16505551001", *numbers(count)], "account": account.name}
    process = another_process(account)
    resource = before.on(process)
    checked = resource.check(news).inputs
    assert resource.diff(checked) == (True, [])

    killed_while(account, process, resource, "block", lambda it: process.stub.Update.future(it.update_request(checked)))
    assert account.phone.blocked() > {"+16505551001"}
    assert len(account.phone.blocked()) == done + 1

    healed = before.on(another_process(account))
    assert healed.up(news)

    assert healed.outputs["failed"] == {}
    assert account.phone.blocked() == {"+16505551001", *numbers(count)}


@pytest.mark.parametrize("gateway", ["meta", "zapi"])
def test_a_replacement_that_was_killed_is_done_by_the_next(take: Take, another_process: Start, gateway: str) -> None:
    account, count, done = take(gateway), COUNT[gateway], DONE[gateway]
    before = another_process(account).resource("Blocklist")
    before.up({"contacts": ["+16505551001", "+16505551002"], "account": account.name})
    news = {"contacts": ["+16505551001", *numbers(count)], "account": account.name}
    process = another_process(account)
    resource = before.on(process)
    assert resource.diff(resource.check(news).inputs) == (True, ["contacts"])
    checked = resource.check(news, new=True).inputs

    killed_while(account, process, resource, "block", lambda it: process.stub.Create.future(it.create_request(checked)))
    assert account.phone.blocked() > {"+16505551001", "+16505551002"}
    assert len(account.phone.blocked()) == done + 2

    healed = before.on(another_process(account))
    assert healed.up(news)

    assert healed.outputs["failed"] == {}
    assert account.phone.blocked() == {"+16505551001", *numbers(count)}


@pytest.mark.parametrize("gateway", ["meta", "zapi"])
def test_a_delete_that_was_killed_is_done_by_the_next(take: Take, another_process: Start, gateway: str) -> None:
    account, count = take(gateway), COUNT[gateway]
    account.phone.block("+16505551001")
    before = another_process(account).resource("Blocklist")
    before.up({"contacts": numbers(count), "account": account.name})
    process = another_process(account)

    killed_while(account, process, before, "unblock", lambda it: process.stub.Delete.future(it.delete_request()))
    assert len(account.phone.blocked()) == count - DONE[gateway] + 1

    before.on(another_process(account)).delete_now()

    assert account.phone.blocked() == {"+16505551001"}
