"""The pages of the configuration, below ``/configuration/``."""

from django.urls import include, path

from amerce.institutions.models import CodeEntry
from amerce.web.account_privileges import account_privileges
from amerce.web.account_rescue import lift_lock, remove_factors
from amerce.web.account_roles import account_roles, take_role
from amerce.web.api_keys import api_keys, new_api_key, revoke
from amerce.web.block_rules import block_rules, edit_block_rule, remove_block_rule
from amerce.web.bursar_next_number import set_next_value
from amerce.web.bursar_profiles import (
    bursar_profiles,
    edit_bursar_profile,
    remove_bursar_profile,
    try_bursar_profile,
)
from amerce.web.bursar_sequences import (
    bursar_sequence_example,
    bursar_sequences,
    edit_bursar_sequence,
    remove_bursar_sequence,
)
from amerce.web.code_tables import code_tables, edit_code, edit_code_table, remove_code_entry, restore_code_entry
from amerce.web.configuration_home import configuration
from amerce.web.desks import desks, edit_desk
from amerce.web.fee_types import edit_fee_type, fee_types, restore_type
from amerce.web.fulfillment_settings import fulfillment_settings
from amerce.web.history_privacy import history_privacy
from amerce.web.institution_settings import institution_settings
from amerce.web.item_policies import edit_item_policy, item_policies
from amerce.web.job_schedules import (
    edit_schedule,
    fulfillment_jobs,
    new_schedule,
    remove_schedule,
    schedule_times,
    switch_schedule,
)
from amerce.web.letter_kinds import letter_kinds, letter_switch
from amerce.web.letter_settings import letter_settings
from amerce.web.letter_trials import letter_preview, letter_test
from amerce.web.letter_words import letter_restore, letter_words
from amerce.web.libraries import edit_library, libraries
from amerce.web.library_calendar import calendar_of, calendars, edit_hours, remove_closing
from amerce.web.network import edit_member, network, remove_network_member
from amerce.web.notification_previews import (
    notification_messages,
    notification_profile_preview,
    notification_run_preview,
    run_notifications,
)
from amerce.web.notification_profiles import (
    disable_notification_profile,
    edit_notification_profile,
    enable_notification_profile,
    notification_profiles,
    remove_notification_profile,
)
from amerce.web.printers import edit_printer, printers
from amerce.web.providers import edit_provider, providers
from amerce.web.providers import remove as remove_provider
from amerce.web.roles import edit_role, new_role, remove, restore, roles
from amerce.web.security_events import security_events
from amerce.web.sign_in_rules import sign_in_rules
from amerce.web.staff_accounts import account, accounts, new_account, password
from amerce.web.terms import edit_terms, remove_terms, terms_of_use
from amerce.web.user_groups import edit_user_group, user_groups
from amerce.web.webhook_log import replay, replay_all_failed, test_webhook, webhook_delivery, webhook_log
from amerce.web.webhooks import edit_webhook, new_secret, remove_webhook, webhooks

_NOTIFICATION_PROFILE = [
    path("", edit_notification_profile, name="notification-profile"),
    path("delete/", remove_notification_profile, name="notification-profile-delete"),
    path("enable/", enable_notification_profile, name="notification-profile-enable"),
    path("disable/", disable_notification_profile, name="notification-profile-disable"),
    path("preview/", notification_profile_preview, name="notification-profile-preview"),
    path("messages.csv", notification_messages, name="notification-profile-messages"),
]
urlpatterns = [
    path("bursar-profiles/", bursar_profiles, name="bursar-profiles"),
    path("bursar-profiles/new/", edit_bursar_profile, name="bursar-profile-new"),
    path("bursar-profiles/<int:bursar_id>/", edit_bursar_profile, name="bursar-profile"),
    path("bursar-profiles/<int:bursar_id>/test/", try_bursar_profile, name="bursar-profile-test"),
    path("bursar-profiles/<int:bursar_id>/delete/", remove_bursar_profile, name="bursar-profile-delete"),
    path("sign-in/", sign_in_rules, name="sign-in-rules"),
    path("single-sign-on/", providers, name="single-sign-on"),
    path("single-sign-on/new/", edit_provider, name="provider-new"),
    path("single-sign-on/<int:provider_id>/", edit_provider, name="provider"),
    path("single-sign-on/<int:provider_id>/remove/", remove_provider, name="provider-remove"),
    path("", configuration, name="configuration"),
    path("letters/", letter_kinds, name="letter-kinds"),
    path("letter-settings/", letter_settings, name="letter-settings"),
    path("letters/<str:letter>/switch/", letter_switch, name="letter-switch"),
    path("letters/<str:letter>/<str:language>/", letter_words, name="letter-words"),
    path("letters/<str:letter>/<str:language>/preview/", letter_preview, name="letter-preview"),
    path("letters/<str:letter>/<str:language>/restore/", letter_restore, name="letter-restore"),
    path("letters/<str:letter>/<str:language>/test/", letter_test, name="letter-test"),
    path("terms-of-use/", terms_of_use, name="terms-of-use"),
    path("terms-of-use/new/", edit_terms, name="terms-new"),
    path("terms-of-use/<int:terms_id>/", edit_terms, name="terms-edit"),
    path("terms-of-use/<int:terms_id>/delete/", remove_terms, name="terms-delete"),
    path("item-policies/", item_policies, name="item-policies"),
    path("item-policies/<int:entry_id>/", edit_item_policy, name="item-policy"),
    path("calendar/", calendars, name="calendar"),
    path("calendar/<int:library_id>/", calendar_of, name="calendar-of"),
    path("calendar/<int:library_id>/hours/", edit_hours, name="calendar-hours"),
    path("calendar/<int:library_id>/closings/<int:closure_id>/remove/", remove_closing, name="closing-remove"),
    path("balance-blocks/", block_rules, name="block-rules"),
    path("balance-blocks/new/", edit_block_rule, name="block-rule-new"),
    path("balance-blocks/<int:rule_id>/", edit_block_rule, name="block-rule"),
    path("balance-blocks/<int:rule_id>/delete/", remove_block_rule, name="block-rule-delete"),
    path("waive-reasons/", edit_code_table, {"table": CodeEntry.Table.WAIVE_REASON}, name="waive-reasons"),
    path("payment-methods/", edit_code_table, {"table": CodeEntry.Table.PAYMENT_METHOD}, name="payment-methods"),
    path("code-tables/", code_tables, name="code-tables"),
    path("code-tables/<slug:table>/", edit_code_table, name="code-table"),
    path("code-tables/<slug:table>/<int:row_id>/", edit_code, name="code"),
    path("code-tables/<slug:table>/<int:row_id>/restore/", restore_code_entry, name="code-restore"),
    path("code-tables/<slug:table>/<int:row_id>/remove/", remove_code_entry, name="code-remove"),
    path("user-groups/", user_groups, name="user-groups"),
    path("user-groups/new/", edit_user_group, name="user-group-new"),
    path("user-groups/<int:group_id>/", edit_user_group, name="user-group"),
    path("institution-settings/", institution_settings, name="institution-settings"),
    path("libraries/", libraries, name="libraries"),
    path("libraries/new/", edit_library, name="library-new"),
    path("libraries/<int:library_id>/", edit_library, name="library"),
    path("desks/", desks, name="desks"),
    path("desks/new/", edit_desk, name="desk-new"),
    path("desks/<int:desk_id>/", edit_desk, name="desk"),
    path("printers/", printers, name="printers"),
    path("printers/new/", edit_printer, name="printer-new"),
    path("printers/<int:printer_id>/", edit_printer, name="printer"),
    path("fee-types/", fee_types, name="fee-types"),
    path("fee-types/<int:type_id>/", edit_fee_type, name="fee-type"),
    path("fee-types/<int:type_id>/restore/", restore_type, name="fee-type-restore"),
    path("notification-profiles/", notification_profiles, name="notification-profiles"),
    path("notification-profiles/new/", edit_notification_profile, name="notification-profile-new"),
    path("notification-profiles/preview/", notification_run_preview, name="notification-run-preview"),
    path("notification-profiles/run/", run_notifications, name="notification-run"),
    path("notification-profiles/<int:notification_id>/", include(_NOTIFICATION_PROFILE)),
    path("bursar-sequences/", bursar_sequences, name="bursar-sequences"),
    path("bursar-sequences/new/", edit_bursar_sequence, name="bursar-sequence-new"),
    path("bursar-sequences/new/example/", bursar_sequence_example, name="bursar-sequence-new-example"),
    path("bursar-sequences/<int:sequence_id>/", edit_bursar_sequence, name="bursar-sequence"),
    path("bursar-sequences/<int:sequence_id>/example/", bursar_sequence_example, name="bursar-sequence-example"),
    path("bursar-sequences/<int:sequence_id>/next/", set_next_value, name="bursar-sequence-next"),
    path("bursar-sequences/<int:sequence_id>/delete/", remove_bursar_sequence, name="bursar-sequence-delete"),
    path("fulfillment-settings/", fulfillment_settings, name="fulfillment-settings"),
    path("fulfillment-jobs/", fulfillment_jobs, name="fulfillment-jobs"),
    path("fulfillment-jobs/<slug:job>/new/", new_schedule, name="job-schedule-new"),
    path("fulfillment-jobs/<slug:job>/times/", schedule_times, name="job-schedule-times"),
    path("fulfillment-jobs/<int:schedule_id>/", edit_schedule, name="job-schedule"),
    path("fulfillment-jobs/<int:schedule_id>/switch/", switch_schedule, name="job-schedule-switch"),
    path("fulfillment-jobs/<int:schedule_id>/delete/", remove_schedule, name="job-schedule-delete"),
    path("history-privacy/", history_privacy, name="history-privacy"),
    path("roles/", roles, name="roles"),
    path("roles/new/", new_role, name="role-new"),
    path("roles/<slug:code>/", edit_role, name="role"),
    path("roles/<slug:code>/remove/", remove, name="role-remove"),
    path("roles/<slug:code>/restore/", restore, name="role-restore"),
    path("staff-accounts/", accounts, name="staff-accounts"),
    path("staff-accounts/new/", new_account, name="staff-account-new"),
    path("staff-accounts/<int:account_id>/", account, name="staff-account"),
    path("staff-accounts/<int:account_id>/roles/", account_roles, name="staff-account-roles"),
    path("staff-accounts/<int:account_id>/roles/<int:assignment_id>/take/", take_role, name="staff-account-role-take"),
    path("staff-accounts/<int:account_id>/privileges/", account_privileges, name="staff-account-privileges"),
    path("staff-accounts/<int:account_id>/password/", password, name="staff-account-password"),
    path("staff-accounts/<int:account_id>/lock/", lift_lock, name="staff-account-lock"),
    path("staff-accounts/<int:account_id>/second-factors/", remove_factors, name="staff-account-factors"),
    path("network/", network, name="network"),
    path("network/members/new/", edit_member, name="network-member-new"),
    path("network/members/<int:member_id>/", edit_member, name="network-member"),
    path("network/members/<int:member_id>/remove/", remove_network_member, name="network-member-remove"),
    path("webhooks/", webhooks, name="webhooks"),
    path("webhooks/new/", edit_webhook, name="webhook-new"),
    path("webhooks/<int:endpoint_id>/", edit_webhook, name="webhook"),
    path("webhooks/<int:endpoint_id>/secret/", new_secret, name="webhook-secret"),
    path("webhooks/<int:endpoint_id>/remove/", remove_webhook, name="webhook-remove"),
    path("webhooks/<int:endpoint_id>/tests/", test_webhook, name="webhook-test"),
    path("webhooks/<int:endpoint_id>/log/", webhook_log, name="webhook-log"),
    path("webhooks/<int:endpoint_id>/replays/", replay_all_failed, name="webhook-replay-failed"),
    path("webhooks/deliveries/<int:delivery_id>/", webhook_delivery, name="webhook-delivery"),
    path("webhooks/deliveries/<int:delivery_id>/replays/", replay, name="webhook-replay"),
    path("api-keys/", api_keys, name="api-keys"),
    path("api-keys/new/", new_api_key, name="api-key-new"),
    path("api-keys/<int:key_id>/revoke/", revoke, name="api-key-revoke"),
    path("security-events/", security_events, name="security-events"),
]
