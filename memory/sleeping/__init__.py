"""Sleep decides here, stage by stage, without reading or writing anything; `memory/sleep.py` carries it out."""
