"""People who borrow: identity, identifiers, groups, notes and blocks, and the words written about them."""
