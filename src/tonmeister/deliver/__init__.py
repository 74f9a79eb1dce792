"""What the person gets: report, quality control, delivery pack."""
