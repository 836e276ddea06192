"""Items, loans and requests, and the policies by which loans make charges."""
