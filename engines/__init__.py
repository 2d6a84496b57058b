"""What each tool needs to be told and how its answers are read; runs nothing and opens nothing."""
