"""What somebody typed, held to what can be stored and meant; and why it is refused."""
