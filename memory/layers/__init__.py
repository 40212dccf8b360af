"""The seven layers: what is held where, for how long, and why. Deciding is pure; the verbs of memory do it."""
