"""What ninety nights do to the memory of a life log, against no sleep and against deleting what is oldest."""
