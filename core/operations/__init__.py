"""Operations: asked for, claimed by one worker, carried out, and recorded as they go."""
