"""What a patron owes at other institutions of the fulfilment network: asked when somebody looks (row B13, ADR 0037)."""
