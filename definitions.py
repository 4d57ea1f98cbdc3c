"""Dagster entry point: `dagster dev` and `dagster asset materialize` load it."""

from orchestrator.definitions import build_definitions

defs = build_definitions()
