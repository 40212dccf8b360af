"""The one place that talks to a chat model: what it is asked, and what its answers may be trusted with."""
