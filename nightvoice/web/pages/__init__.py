"""One file per page: what it reads, what it takes."""
