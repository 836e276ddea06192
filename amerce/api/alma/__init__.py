"""The dialect of Alma's REST interface, below ``/almaws/v1`` (row G1): what existing programs speak."""
