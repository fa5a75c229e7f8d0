"""In which order resources may be deleted, and what a refresh leaves of the dependencies."""

from __future__ import annotations

from .model import Resource, Step


def layers(steps: list[Step], resources: list[Resource]) -> list[list[Step]]:
    """Group deletes: whatever is in one group may go at the same time, group after group.

    What a protected resource needs stays with it, and is left out.

    Args:
        steps: the deletes.
        resources: all resources of the last run, each after what it depends on.
    """
    condemned = {id(step.old): step for step in steps}
    needs = dependencies(resources)
    kept: set[int] = set()
    for resource, needed in reversed(needs):
        step = condemned.get(id(resource))
        if id(resource) in kept or (step and step.protected):
            kept.update(map(id, needed))
    depth: dict[int, int] = {}
    groups: dict[int, list[Step]] = {}
    for resource, needed in needs:
        if (step := condemned.get(id(resource))) and id(resource) not in kept:
            depth[id(resource)] = max((1 + depth[id(item)] for item in needed if id(item) in depth), default=0)
            groups.setdefault(depth[id(resource)], []).append(step)
    return [groups[level] for level in sorted(groups, reverse=True)]


def dependencies(resources: list[Resource]) -> list[tuple[Resource, list[Resource]]]:
    """Every resource with what it depends on directly, its parent included.

    On a component nothing depends but its children: the SDK sends its children in its place.
    """
    seen: dict[str, list[Resource]] = {}
    found = []
    for resource in resources:
        found.append((resource, [item for urn in resource.needs() for item in seen.get(urn, ())]))
        seen.setdefault(resource.urn, []).append(resource)
    return found


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
