"""Stage: SOURCE -> BRONZE. Reads source databases; writes the append-only tables of schema bronze."""
