"""Money as whole minor units: reading, splitting and writing amounts. Plain Python, no Django.

Why a package of its own: every division and every rounding of the whole system happens here, half up,
and the parts always sum to the whole.
"""
