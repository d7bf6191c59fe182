"""X: posts that mention us or carry a tag of ours, and the one public answer each may have."""
