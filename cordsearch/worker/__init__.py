"""The worker: one command that keeps the warehouse fresh. It calls every stage; only the command line calls it."""
