"""What happened: one row per thing, with who, where and when. The audit trail."""
