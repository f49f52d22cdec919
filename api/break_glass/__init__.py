"""Break-glass: how an operator, who reads no content, reads one named thing of one organisation, in the open."""
