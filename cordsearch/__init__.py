"""What the stages share: settings, database connections, text analysis and the command line."""
