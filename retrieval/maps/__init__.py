"""The graph for people to look at: entities, neighbourhoods, communities, and files of them."""
