"""The service: tenants, questionnaires, submissions, attestations over HTTP."""
