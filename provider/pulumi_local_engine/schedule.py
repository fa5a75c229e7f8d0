"""In which order resources may be deleted, and what a refresh leaves of the dependencies."""

from __future__ import annotations

from graphlib import TopologicalSorter

from .model import Resource, Step


def layers(steps: list[Step], resources: list[Resource]) -> list[list[Step]]:
    """Group deletes: whatever is in one group may go at the same time, group after group.

    What a protected resource needs stays with it, and is left out.

    Args:
        steps: the deletes.
        resources: all resources of the last run, each after what it depends on.
    """
    needs: dict[Resource, list[Resource]] = {}  # on a component nothing depends but its children: the SDK sends these
    called: dict[str, list[Resource]] = {}
    for resource in resources:
        needs[resource] = [item for urn in resource.needs() for item in called.get(urn, ())]
        called.setdefault(resource.urn, []).append(resource)
    condemned = {step.resource: step for step in steps}
    kept: set[Resource] = set()
    for resource in reversed(resources):
        if resource in kept or (resource in condemned and condemned[resource].protected):
            kept.update(needs[resource])
    going = condemned.keys() - kept
    order = TopologicalSorter(
        {resource: going.intersection(needs[resource]) for resource in resources if resource in going}
    )
    order.prepare()
    groups = []
    while order.is_active():
        ready = order.get_ready()
        groups.append([condemned[resource] for resource in ready])
        order.done(*ready)
    return groups[::-1]


def mend(resources: list[Resource]) -> list[Resource]:
    """Drop references to resources that are not there any more; orphans go to their parent's parent."""
    present: set[str] = set()
    parents: dict[str, str] = {}
    every = {item.urn for item in resources}
    for item in resources:
        item.dependencies = [urn for urn in item.dependencies if urn in present]
        item.property_dependencies = {
            key: kept for key, urns in item.property_dependencies.items() if (kept := [u for u in urns if u in present])
        }
        if item.parent not in every:
            item.parent = parents.get(item.parent, "")
        parents[item.urn] = item.parent
        present.add(item.urn)
    return resources
