"""One folder a service, all of one shape: the agent, its API client, its words and permissions."""
