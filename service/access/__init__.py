"""Who may ask, how often, and how much at once.

Stage: service, HTTP, before any route. Reads the API keys of schema ``access`` every second into memory; a request
costs no statement. Writes when a key was last used, coarsely.

``require(scope)`` is what a router carries; ``install_access`` puts everything else around the application.
docs/security.md tells it in plain words.
"""
