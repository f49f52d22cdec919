"""Privacy: what personal data there is, how long it stays, how an organisation takes its data along, how it goes."""
