"""One search request: understand -> retrieve -> fuse -> rank -> hydrate; ``pipeline`` reads top to bottom."""
