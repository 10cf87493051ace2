"""A resolver that knows what it was told, and counts how often it was asked."""


class FakeResolver:
    """Answers from a table; a host that is not in it does not exist."""

    def __init__(self, **hosts: tuple[str, ...]) -> None:
        self.hosts: dict[str, tuple[str, ...]] = dict(hosts)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(f"{host}:{port}")
        return self.hosts.get(host, ())
