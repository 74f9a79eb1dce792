"""Train the classifier that hears what a track is: `python -m bench.training --out FOLDER`."""
