"""The verb whose answers go out over HTTP."""
