"""In which order resources may be deleted, and what a refresh leaves of the dependencies."""

from __future__ import annotations

from .model import Resource, Step


def layers(steps: list[Step], resources: list[Resource]) -> list[list[Step]]:
    """Group deletes: whatever is in one group may go at the same time, group after group.

    Args:
        steps: the deletes.
        resources: all resources of the last run, each after what it depends on.
    """
    condemned = {id(step.old): step for step in steps}
    depth: dict[int, int] = {}
    groups: dict[int, list[Step]] = {}
    for resource, needs in dependencies(resources):
        if step := condemned.get(id(resource)):
            depth[id(resource)] = max((1 + depth[id(item)] for item in needs if id(item) in depth), default=0)
            groups.setdefault(depth[id(resource)], []).append(step)
    return [groups[level] for level in sorted(groups, reverse=True)]


def dependencies(resources: list[Resource]) -> list[tuple[Resource, list[Resource]]]:
    """Every resource with what it depends on directly, its parent included.

    On a component nothing depends but its children: the SDK sends its children in its place.
    """
    seen: dict[str, list[Resource]] = {}
    found = []
    for resource in resources:
        urns = {resource.parent, *resource.depends_on()}
        found.append((resource, [item for urn in urns for item in seen.get(urn, ())]))
        seen.setdefault(resource.urn, []).append(resource)
    return found


def needed_by(resource: Resource, resources: list[Resource]) -> set[int]:
    """The identities of everything that a resource depends on, directly or not."""
    direct = {id(item): needs for item, needs in dependencies(resources)}
    reached: set[int] = set()
    waiting = [resource]
    while waiting:
        for item in direct.get(id(waiting.pop()), ()):
            if id(item) not in reached:
                reached.add(id(item))
                waiting.append(item)
    return reached


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
        item.deleted_with = item.deleted_with if item.deleted_with in present else ""
        if item.parent not in every:
            item.parent = parents.get(item.parent, "")
        parents[item.urn] = item.parent
        present.add(item.urn)
        item.text = None
    return resources
