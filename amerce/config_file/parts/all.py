"""Every part, in the order in which they are written and loaded: what others name comes first."""

from amerce.config_file.part import Part
from amerce.config_file.parts.block_rules import BlockRules
from amerce.config_file.parts.bursar_sequences import BursarSequences
from amerce.config_file.parts.calendar import Closings, Hours
from amerce.config_file.parts.code_tables import CodeTables, ItemPolicies
from amerce.config_file.parts.fee_types import FeeTypes
from amerce.config_file.parts.places import Desks, Libraries, Printers
from amerce.config_file.parts.roles import Roles
from amerce.config_file.parts.terms import Terms

PARTS: tuple[Part, ...] = (
    Libraries(),
    Desks(),
    Printers(),
    CodeTables(),
    ItemPolicies(),
    FeeTypes(),
    BursarSequences(),
    Terms(),
    Hours(),
    Closings(),
    BlockRules(),
    Roles(),
)
