"""The bridge's API: deals, what may be done with them, and live events, over HTTP.

It reads an index of the escrow's events and answers without a login. It holds no key.

The way of a request: ``app`` (limits, hosts, origins) -> ``routes`` (the one table, of which
``openapi`` makes the document) -> a handler in ``deals``, ``ledgers``, ``accounts`` or
``contract_facts`` -> ``pages`` (the index) -> ``shapes``, ``models`` (what is sent).
The way of an event: the index -> ``pulse`` (each new commit) -> ``hub`` (each listener).
"""
