"""Making an institution with all that it needs to work, and the sample library for those who try Amerce.

Why a package: a new institution takes rows of every package below; none of them may know the others.
"""
