"""The REST interface: Alma's dialect, and our own surface for what it lacks (rows G1, G2, G4)."""
