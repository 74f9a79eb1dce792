"""From an intent to readings: what it can mean, how each meaning is done, and whether it does what it says."""
