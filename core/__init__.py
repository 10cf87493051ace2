"""The domain: consent, operations, agents and their proof. It knows neither the pages nor the server."""
