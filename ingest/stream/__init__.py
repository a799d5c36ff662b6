"""Stage: KAFKA -> BRONZE. Debezium change events from topics ``cord.*`` into bronze.<table>_cdc, as they happen.

``decode`` (pure) turns a message into a bronze row with ``debezium_types`` (pure) for the values, ``avro`` reads
Avro through Schema Registry, ``store`` writes rows and offsets in one transaction, ``consumer`` runs the loop,
``dead_letters`` lists and replays what could not be read, ``connectors`` describes the Debezium connectors.
"""
