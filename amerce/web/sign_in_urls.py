"""Signing in, and what one may change about it. Some pages have a second name, by which allauth leads to them."""

from django.urls import path

from amerce.web.my_factors import my_app, my_new_key, my_recovery_codes, remove_my_factor
from amerce.web.my_sign_in import (
    end_my_other_sessions,
    end_my_session,
    my_password,
    my_sign_in,
    sign_in_again,
    sign_out_everywhere,
)
from amerce.web.second_step import give_up, second_step
from amerce.web.sign_in import sign_in, sign_out
from amerce.web.single_sign_on import HAS_SAML, back_from_provider, back_from_saml, not_offered, sign_in_with

if HAS_SAML:  # what allauth imports for it comes with amerce[saml]
    from allauth.socialaccount.providers.saml import views as saml

    SAML_URLS = [
        path("sign-in/with/<int:organization_slug>/metadata/", saml.metadata, name="saml_metadata"),
        path("sign-in/with/<int:organization_slug>/answer/", saml.acs, name="saml_acs"),
        path("sign-in/with/<int:organization_slug>/finish/", back_from_saml, name="saml_finish_acs"),
        path("sign-in/with/<int:organization_slug>/sign-out/", not_offered, name="saml_sls"),
    ]
else:
    SAML_URLS = []

urlpatterns = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/second-step/", second_step, name="second-step"),
    path("sign-in/second-step/", second_step, name="mfa_authenticate"),
    path("sign-in/give-up/", give_up, name="sign-in-give-up"),
    path("sign-in/with/<int:provider_id>/", sign_in_with, name="sign-in-with"),
    path("sign-in/with/<int:provider_id>/back/", back_from_provider, name="openid_connect_callback"),
    *SAML_URLS,
    path("sign-out/", sign_out, name="sign-out"),
    path("sign-out/everywhere/", sign_out_everywhere, name="sign-out-everywhere"),
    path("my-sign-in/", my_sign_in, name="my-sign-in"),
    path("my-sign-in/again/", sign_in_again, name="sign-in-again"),
    path("my-sign-in/password/", my_password, name="my-password"),
    path("my-sign-in/app/", my_app, name="my-app"),
    path("my-sign-in/keys/new/", my_new_key, name="my-key-new"),
    path("my-sign-in/factors/<int:factor_id>/remove/", remove_my_factor, name="my-factor-remove"),
    path("my-sign-in/recovery-codes/", my_recovery_codes, name="my-recovery-codes"),
    path("my-sign-in/sessions/<int:session_id>/end/", end_my_session, name="my-session-end"),
    path("my-sign-in/sessions/end-others/", end_my_other_sessions, name="my-sessions-end-others"),
]
