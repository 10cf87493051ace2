"""What somebody agreed to, in which words, and the receipt they hold."""
