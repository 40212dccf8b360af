"""HippoRAG 1 (arXiv 2405.14831) and 2 (arXiv 2502.14802): the published maths over recorded triples, as baselines."""
