"""Who decides where on the page a step is done."""
