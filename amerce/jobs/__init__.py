"""Work that runs beside the pages: runs, their progress, and the runner that takes them slice by slice."""
