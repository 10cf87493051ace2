"""Connected shops and their products."""
