"""The ways out of the house: one module each, and what they answer when a letter does not go."""
