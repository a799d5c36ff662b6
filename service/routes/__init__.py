"""HTTP routes: they translate between HTTP and the search, and decide nothing."""
