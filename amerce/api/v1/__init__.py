"""Our own interface, below ``/api/v1``: what the dialect of Alma has no words for."""
