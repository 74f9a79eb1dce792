"""Numbers and facts with their unit and source, and the code that reads them."""
