"""The demo song, made by code: no samples."""
