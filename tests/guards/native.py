"""The scenarios that run over the native face too.

They are those in which the engine and the face have a part: moves, renames, options, early and late deletes, failures,
kills, secrets. What a contact, a listing or a setting means is the core's, and the same for both faces: the wire suite
and the contract suite run over both.
"""

from __future__ import annotations

import pytest

from .world import only_native

SCENARIOS = frozenset(
    {
        "test_a_contact_declared_twice_is_an_error[native-a contact and a list]",
        "test_a_contact_that_ignores_its_phone_claims_whom_the_state_has[native]",
        "test_a_contact_whose_new_resource_is_left_out_keeps_the_old_one[contact-native]",
        "test_a_contact_whose_new_resource_is_left_out_keeps_the_old_one[list-native]",
        "test_a_contact_whose_new_resource_was_left_out_is_unblocked_when_it_is_removed[native]",
        "test_a_delete_before_the_end_of_the_program_unblocks_nobody[native]",
        "test_a_destroy_that_runs_the_program_unblocks_all_the_same[native]",
        "test_a_forced_replacement_stays_blocked[meta-native]",
        "test_a_forced_replacement_stays_blocked[zapi-native]",
        "test_a_killed_provider_fails_the_run_and_the_next_goes_on[native-zapi]",
        "test_a_move_that_was_interrupted_unblocks_nobody[native]",
        "test_a_new_exclusive_list_only_blocks_and_names_strangers[native]",
        "test_a_phone_that_is_unknown_in_the_update_itself_replaces_nothing[native]",
        "test_a_program_that_stops_half_way_unblocks_nobody[native-RunError-refreshed]",
        "test_a_protected_contact_is_not_unblocked[native]",
        "test_a_protected_list_lets_nobody_go[native]",
        "test_a_provider_that_is_killed_while_it_unblocks[native-zapi]",
        "test_a_rename_that_was_interrupted_stays_blocked[native]",
        "test_a_rename_while_the_account_is_out_of_reach_changes_nothing[native]",
        "test_a_renamed_contact_stays_blocked[native-meta]",
        "test_a_renamed_setting_drops_an_exception[native]",
        "test_a_retained_contact_stays_blocked_and_is_let_go[native]",
        "test_aliases_rename_without_a_request[native]",
        "test_allowed_refusals_are_a_warning_once[native-True]",
        "test_an_early_delete_under_an_alias_unblocks_nobody[native]",
        "test_an_ignored_argument_may_have_its_name_in_python[native-allow_failures]",
        "test_an_unblock_that_failed_is_kept_and_tried_again[native]",
        "test_contacts_of_a_transformation_are_declared[native]",
        "test_contacts_that_are_ignored_stay_as_they_are[native]",
        "test_ctrl_c_ends_the_step_under_way_and_begins_no_other[native-zapi]",
        "test_max_unblocks_fails_the_preview_and_the_up_before_anything_is_sent[native]",
        "test_max_unblocks_is_a_budget_of_the_run[native]",
        "test_reads_are_no_claims[native]",
        "test_secret_contacts_and_reasons_are_nowhere[native]",
        "test_strangers_are_never_owned_by_contacts_that_are_ignored[native]",
        "test_two_contacts_that_swap_their_phones_stay_blocked[native]",
        "test_unblocking_that_was_killed_is_done_by_the_next_up[native]",
        "test_who_is_blocked_now[native]",
        "test_who_is_given_to_a_resource_that_is_skipped_stays_blocked[list-native]",
        "test_who_moves_from_a_contact_to_a_list_and_back_stays_blocked[native-meta]",
        "test_who_moves_from_one_list_to_another_stays_blocked[native-giver-first-free]",
        "test_who_stays_blocked_does_not_count_towards_max_unblocks[native]",
        "test_whoever_is_declared_stays_blocked[native-applied-list-to-contact]",
        "test_whoever_is_declared_stays_blocked[native-component-list-to-contact]",
        "test_whoever_is_declared_stays_blocked[native-plain-list-to-contact]",
        "test_whom_a_gateway_refuses_to_unblock_is_ours_until_given_up[native-meta]",
    }
)


def is_left_out(item: pytest.Item) -> bool:
    """Return whether an item is a scenario that the native face does not run."""
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return False
    alone = only_native.mark in item.iter_markers("parametrize")
    return item.callspec.params.get("engine") == "native" and not alone and item.name not in SCENARIOS
