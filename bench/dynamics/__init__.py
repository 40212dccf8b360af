"""What the dynamics of memory change: the life log, the ablation over it, and the simulations that others published."""
