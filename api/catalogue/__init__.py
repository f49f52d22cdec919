"""What may be asked and how it is scored: the shipped questionnaires, criteria and context snapshots."""
