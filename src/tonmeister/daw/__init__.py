"""Document out, DAW session in and out; one format a folder."""
