"""Screening: names in sealed submissions against dated lists; what is found, a person confirms or dismisses."""
