"""Vectors -> answers: the HTTP service.

Stage: the last one. Reads ``staging_marts`` and the active encoder; writes nothing.
"""
