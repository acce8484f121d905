"""What venues quote: their books, what is a reference, and what they ask of an order."""
