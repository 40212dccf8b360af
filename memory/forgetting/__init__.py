"""Forgetting decided: policies, plans and subjects. Pure; the verbs are in forget.py, holds.py and erase.py."""
