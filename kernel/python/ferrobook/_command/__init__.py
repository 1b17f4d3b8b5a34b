"""What the command ``ferrobook`` is made of."""
