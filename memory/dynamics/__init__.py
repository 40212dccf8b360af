"""How memories strengthen, fade, link and are chosen: one mechanism a module, all pure."""
