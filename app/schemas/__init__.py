"""The JSON that goes in and out, as pydantic models."""
