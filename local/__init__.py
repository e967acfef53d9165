"""Local mode: runs the unmodified program of this project against an embedded AWS."""
