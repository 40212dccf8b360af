"""A small world of notes and chats, and questions that need two or three of them at once."""
