"""The pages that change one patron record, below ``/patrons/<id>/``."""

from django.urls import path

from amerce.web import acting, blocks, contacts, identifiers, network_activity, patron_edit, patron_notes, proxies
from amerce.web.patron_panel import patron_panel
from amerce.web.user_details import user_details

urlpatterns = [
    path("", user_details, {"section": "general"}, name="patron-details"),
    path("edit/", patron_edit.edit, name="patron-edit"),
    path("panel/", patron_panel, name="patron-panel"),
    path("contact/", user_details, {"section": "contact"}, name="patron-contact"),
    path("contact/new/<str:kind>/", contacts.new_contact, name="contact-new"),
    path("contact/<int:contact_id>/", contacts.contact, name="contact"),
    path("contact/<int:contact_id>/preference/", contacts.contact_preference, name="contact-preference"),
    path("contact/<int:contact_id>/removal/", contacts.contact_removal, name="contact-removal"),
    path("identifiers/", user_details, {"section": "identifiers"}, name="patron-identifiers"),
    path("identifiers/new/", identifiers.identifier, name="identifier-new"),
    path("identifiers/<int:identifier_id>/", identifiers.identifier, name="identifier"),
    path("identifiers/<int:identifier_id>/removal/", identifiers.identifier_removal, name="identifier-removal"),
    path("notes/", user_details, {"section": "notes"}, name="patron-notes"),
    path("notes/new/", patron_notes.note, name="note-new"),
    path("notes/<int:note_id>/", patron_notes.note, name="note"),
    path("notes/<int:note_id>/removal/", patron_notes.note_removal, name="note-removal"),
    path("blocks/", user_details, {"section": "blocks"}, name="patron-blocks"),
    path("blocks/new/", blocks.new_block, name="block-new"),
    path("blocks/<int:block_id>/lifting/", blocks.block_lifting, name="block-lifting"),
    path("attachments/", user_details, {"section": "attachments"}, name="patron-attachments"),
    path("network/", network_activity.patron_network, name="patron-network"),
    path("network/asking/", network_activity.ask_network, name="patron-network-ask"),
    path("network/mark/", network_activity.network_mark, name="patron-network-mark"),
    path("proxies/", user_details, {"section": "proxies"}, name="patron-proxies"),
    path("proxies/new/", proxies.new_proxy, name="proxy-new"),
    path("proxies/acting/", acting.act_for, name="proxy-acting"),
    path("proxies/<int:proxy_id>/removal/", proxies.proxy_removal, name="proxy-removal"),
]
