"""Vector indexes over FAISS."""
