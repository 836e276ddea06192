"""Every part, in the order in which they are written and loaded: what others name comes first."""

from amerce.config_file.part import Part
from amerce.config_file.parts.block_rules import BlockRules
from amerce.config_file.parts.bursar_profiles import BursarProfiles
from amerce.config_file.parts.bursar_sequences import BursarSequences
from amerce.config_file.parts.calendar import Closings, Hours
from amerce.config_file.parts.code_tables import CodeTables, ItemPolicies
from amerce.config_file.parts.fee_types import FeeTypes
from amerce.config_file.parts.job_schedules import JobSchedules
from amerce.config_file.parts.letters import LetterKinds, Letters, LetterWords
from amerce.config_file.parts.network import Network, NetworkMembers
from amerce.config_file.parts.notification_profiles import NotificationProfiles
from amerce.config_file.parts.places import Desks, Libraries, Printers
from amerce.config_file.parts.roles import Roles
from amerce.config_file.parts.settings import FulfillmentSettings, InstitutionSettings
from amerce.config_file.parts.sign_in import IdentityProviders, SignIn
from amerce.config_file.parts.terms import Terms
from amerce.config_file.parts.user_groups import UserGroups
from amerce.config_file.parts.webhooks import Webhooks

PARTS: tuple[Part, ...] = (
    UserGroups(),
    InstitutionSettings(),
    FulfillmentSettings(),
    Libraries(),
    Desks(),
    Printers(),
    Letters(),
    LetterKinds(),
    LetterWords(),
    CodeTables(),
    ItemPolicies(),
    FeeTypes(),
    BursarSequences(),
    BursarProfiles(),
    NotificationProfiles(),
    Terms(),
    Hours(),
    Closings(),
    BlockRules(),
    JobSchedules(),
    Roles(),
    SignIn(),
    IdentityProviders(),
    Webhooks(),
    Network(),
    NetworkMembers(),
)
