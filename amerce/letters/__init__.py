"""Letters to patrons and to staff: rendered, delivered, and kept exactly as they were sent."""
